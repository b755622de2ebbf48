"""When a person last looked at Today, and what they put away from it."""

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


class PutAway(models.Model):
    """What one person does not want on Today of one brand any more. `is_done`: gone through to its end, not skipped."""

    class What(models.TextChoices):
        STEPS = "steps", "first steps"
        TOUR = "tour", "tour of a demo"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=8, choices=What.choices)
    is_done = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "brand", "what"], name="put_away_once")]
