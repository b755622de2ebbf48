"""Drills: what was rehearsed on the demo, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from siach.org.models import Brand, Org, User


class Drill(models.Model):
    """A storm that is played into a demo's brand through its pretend network, `speed` times as fast as a real one.

    asks: the keys of posts that deserve an answer; feeds: of those that none may feed. beats: [name, when it comes].
    patience: seconds of the storm within which an answer is in time. score: what `queries.scores.Sheet` holds, kept
    once the drill has ended.
    """

    class Kind(models.TextChoices):
        SAFETY = "safety", _("Safety: an undeclared allergen")
        STAFF = "staff", _("Staff: treatment of a customer")
        PRICE = "price", _("Pricing: backlash over an increase")
        COUPON = "coupon", _("Fake coupon: a scam in the brand's name")
        VALUES = "values", _("Values: the brand accused of breaking its promises")
        RUMOUR = "rumour", _("Rumour: an old story resurfaces")

    class Speed(models.IntegerChoices):
        REAL = 1, _("Real time")
        TEN = 10, _("10× real time")
        SIXTY = 60, _("An hour in a minute")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    speed = models.SmallIntegerField(choices=Speed.choices)
    seed = models.IntegerField()
    posts = models.IntegerField()
    hours = models.FloatField()
    has_trouble = models.BooleanField(help_text="Networks fail for a while.")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_cut = models.BooleanField(default=False, help_text="Somebody ended it before its time.")
    asks = models.JSONField(default=list)
    feeds = models.JSONField(default=list)
    beats = models.JSONField(default=list)
    patience = models.IntegerField()
    score = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org"], name="one_drill_at_a_time", condition=models.Q(ended_at__isnull=True)
            )
        ]
