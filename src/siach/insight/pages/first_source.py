"""The first source: the three ways in which Siach begins to hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import path

from siach.org.rights import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("source.manage")
def first_source(request: HttpRequest) -> HttpResponse:
    return render(request, "insight/first_source.html")


urlpatterns = [path("welcome/", first_source, name="first_source")]
