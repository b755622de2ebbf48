"""What we send: one table for every word that goes out, so freeze and once-only are written once."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from siach.org.models import Brand, Org, User
from siach.talk.models.said import Post
from siach.talk.models.sources import Account


class Outgoing(models.Model):
    """Words on their way out. `subject` is whose words they are (a reply's case); `key` becomes the
    network's own id where it can, so that a fall can ask what became of them."""

    #: How approvals name words of this table.
    SUBJECT: ClassVar = "talk.outgoing"

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("outgoing", "draft")
        WAITING = "waiting", pgettext_lazy("outgoing", "waiting for approval")
        QUEUED = "queued", pgettext_lazy("outgoing", "about to be sent")
        HELD = "held", pgettext_lazy("outgoing", "held")
        SENDING = "sending", pgettext_lazy("outgoing", "being sent")
        SENT = "sent", pgettext_lazy("outgoing", "sent")
        FAILED = "failed", pgettext_lazy("outgoing", "not sent")
        UNCLEAR = "unclear", pgettext_lazy("outgoing", "unclear whether it was sent")
        WITHDRAWN = "withdrawn", pgettext_lazy("outgoing", "withdrawn")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    target = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="outgoing")
    body = models.TextField()
    version = models.IntegerField(default=1)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    not_before = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=400, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    error = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"],
                name="outgoing_due",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="outgoing_subject"),
        ]
