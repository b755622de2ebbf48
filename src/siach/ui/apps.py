"""Django app of the user interface library."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "siach.ui"
    label = "ui"
