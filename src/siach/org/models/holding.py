"""The hold: whether words of a brand may go out at all."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from siach.org.models.people import Brand, User


class Hold(models.Model):
    """One row for each brand, made with it, so that every send can lock it. `since` is None while nothing is held.

    told_at: when it was said that the review time had come.
    """

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, primary_key=True, related_name="hold")
    since = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    review_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    @property
    def is_due(self) -> bool:
        """Whether it was said that the review time had come, and nobody released since."""
        return self.told_at is not None

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="hold_whole",
                condition=models.Q(since=None, review_at=None) | models.Q(review_at__gt=models.F("since")),
            )
        ]
