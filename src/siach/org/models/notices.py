"""What a person is told: one row for each thing and person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy


class Notice(models.Model):
    """One thing that one person is told, once. Ids and codes only: the sentence is made when it is read.

    `kind` is `noun.verbed`; its sentence is the template `<room>/notices/<kind>.html`, whose `room` holds the subject.
    `url_name` and `url_args` lead to what it speaks of. `once` is the key under which a person is told but once.
    """

    class Level(models.IntegerChoices):
        QUIET = 1, pgettext_lazy("notice", "quiet")
        NORMAL = 2, pgettext_lazy("notice", "normal")
        INTERRUPTS = 3, pgettext_lazy("notice", "interrupts")
        WAKES = 4, pgettext_lazy("notice", "wakes")

    org = models.ForeignKey("org.Org", on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey("org.Brand", on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="notices")
    room = models.CharField(max_length=20)
    kind = models.CharField(max_length=60)
    level = models.SmallIntegerField(choices=Level.choices, default=Level.NORMAL)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    url_name = models.CharField(max_length=60)
    url_args = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    once = models.CharField(max_length=120)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind", "once"], name="told_once")]
        indexes: ClassVar = [
            models.Index(fields=["user", "-at", "-id"], name="notice_user_at"),
            models.Index(fields=["user"], name="notice_unseen", condition=models.Q(seen_at=None)),
        ]
