"""An organisation takes its data with it, or is removed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from siach.org.models.people import Org, User


class Archive(models.Model):
    """Everything an organisation owns as a file at `path` of the data folder; `done` of `total` kinds are written."""

    class State(models.TextChoices):
        BUILDING = "building", pgettext_lazy("archive", "being made")
        READY = "ready", pgettext_lazy("archive", "ready")
        GONE = "gone", pgettext_lazy("archive", "deleted after seven days")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.BUILDING)
    path = models.CharField(max_length=80, blank=True)
    size = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    keep_until = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["org", "-at", "-id"], name="archive_newest")]


class Removal(models.Model):
    """An organisation that will be removed, and may still be kept until `not_before`."""

    org = models.OneToOneField(Org, on_delete=models.CASCADE, related_name="removal")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    not_before = models.DateTimeField()
