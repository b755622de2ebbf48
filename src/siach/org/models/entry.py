"""How people come in, and the mail that reaches them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from siach.org.models.people import Org


class Mail(models.Model):
    """A text mail on its way to one person. What it says is sealed, and thrown away once it has left."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("mail", "on its way")
        SENT = "sent", pgettext_lazy("mail", "sent")
        FAILED = "failed", pgettext_lazy("mail", "not sent")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, null=True, related_name="+", help_text="Who sees its state.")
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    language = models.CharField(max_length=5)
    sealed = models.BinaryField(help_text="Empty once it was sent or given up.")
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    error = models.CharField(max_length=300, blank=True, help_text="What the mail server said last.")
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Not tried before.")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="mail_due", condition=models.Q(state="queued")),
            models.Index(fields=["org", "-made_at"], name="mail_of_org"),
        ]
