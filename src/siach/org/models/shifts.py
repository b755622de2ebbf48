"""Who is on call for a brand, and when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Shift(models.Model):
    """One person on call for a brand, in the brand's zone: once on `day`, or every week from it to `until`.

    A shift whose end is not later than its begin ends on the day after.
    """

    brand = models.ForeignKey("org.Brand", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    deputy = models.ForeignKey("org.User", on_delete=models.SET_NULL, null=True, related_name="+")
    day = models.DateField()
    begins = models.TimeField()
    ends = models.TimeField()
    is_weekly = models.BooleanField(default=False)
    until = models.DateField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["brand", "day"], name="shift_of")]
