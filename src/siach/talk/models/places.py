"""What a brand's people decided about the places on the check-list."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from siach.org.models import Brand, User


class PlaceWaiver(models.Model):
    """Somebody said that a place of `talk.places` is not relevant for a brand; taken back by deleting it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    place = models.CharField(max_length=40)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "place"], name="waived_once")]
