"""Whom we asked to tell us of news."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from siach.org.models import Org
from siach.talk.models.sources import Source


class Subscription(models.Model):
    """A hub that was asked to call us when something new stands at a source's place. Without a source it is on its way
    out, and stays until the hub knows. `due_at` is also the lease of whoever asks."""

    class State(models.TextChoices):
        ASKED = "asked"
        HELD = "held"
        REFUSED = "refused"
        ENDED = "ended"

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="subscriptions")
    source = models.OneToOneField(Source, on_delete=models.SET_NULL, null=True, related_name="subscription")
    network = models.CharField(max_length=40)
    hub = models.CharField(max_length=1000)
    topic = models.CharField(max_length=1000, help_text="The place, as the hub calls it.")
    address = models.CharField(max_length=43, unique=True)
    secret = models.BinaryField(help_text="Sealed with the key ring.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True, help_text="Since when the hub has agreed, without a gap.")
    until = models.DateTimeField(null=True, help_text="How long it agreed to.")
    look_at = models.DateTimeField(null=True, help_text="When the place is, or was, looked at for its last call.")
    due_at = models.DateTimeField()
    tries = models.IntegerField(default=0, help_text="How often it was asked since it last agreed.")
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], name="subscription_due")]
