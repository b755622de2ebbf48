"""When a person last looked, so that Today can say what was done since."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from siach.org.models import Brand, User


class Visit(models.Model):
    """One person's looking at Today of one brand. `since` is when the visit before this one ended, None at first."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "brand"], name="visit_once")]
