"""Where other systems post what they hear."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from siach.talk.models.sources import Source


class Hook(models.Model):
    """The address of a source that another system posts to, and the secret that it signs with."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="hook")
    address = models.CharField(max_length=43, unique=True)
    secret = models.BinaryField(help_text="Sealed with the key ring.")
    renewed_at = models.DateTimeField()


class HookCall(models.Model):
    """A signature that was taken, for as long as it could come again."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="calls")
    signature = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["hook", "signature"], name="hook_call_once")]
