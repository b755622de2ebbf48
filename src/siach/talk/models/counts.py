"""Counts of mentions by time, brand and the few dimensions that pages and detectors read.

A batch appends deltas; a fold makes the three grains; pages add the unfolded tail. So no row is hot.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models

from siach.org.models import Brand

DIMENSIONS = ("brand", "network", "sentiment", "intent")
KEEP_FIVE = timedelta(days=35)
KEEP_HOUR = timedelta(days=400)


class _Count(models.Model):
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=40)
    sentiment = models.SmallIntegerField()
    intent = models.SmallIntegerField()
    n = models.IntegerField()

    class Meta:
        abstract = True


class CountDelta(_Count):
    """What one batch added to one 5-minute slot (UTC, by said_at); gone once folded."""

    slot = models.DateTimeField()


class CountFive(_Count):
    """Per 5 minutes, UTC; kept 35 days."""

    slot = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "slot", "network", "sentiment", "intent"], name="five_once")
        ]


class CountHour(_Count):
    """Per hour, UTC; kept 400 days."""

    slot = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "slot", "network", "sentiment", "intent"], name="hour_once")
        ]


class CountDay(_Count):
    """Per day in the brand's own zone; kept for good."""

    day = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "day", "network", "sentiment", "intent"], name="day_once")
        ]


class DirtyHour(models.Model):
    """A brand's hour whose mentions changed after they were counted: to be recounted whole."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    slot = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "slot"], name="dirty_once")]


class FrozenDay(models.Model):
    """A day (in the brand's zone) and network whose posts began to be deleted: its counts are never recounted."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=40)
    day = models.DateField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "day", "network"], name="frozen_once")]
