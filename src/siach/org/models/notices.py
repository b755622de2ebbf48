"""What a person is told: one row for each thing and person."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import pgettext_lazy

CAP = 12


def working_days() -> list[int]:
    """Sunday to Thursday, as weekdays of which Monday is 0."""
    return [0, 1, 2, 3, 6]


class Notice(models.Model):
    """One thing that one person is told, once. Ids and codes only: the sentence is made when it is read.

    `kind` is `noun.verbed`; its sentence is the template `<room>/notices/<kind>.html`, whose `room` holds the subject.
    `url_name` and `url_args` lead to what it speaks of. `once` is the key under which a person is told but once.
    planned_at: when it was decided how it goes out. due_at: from when on it may call. `waits`: over the person's cap,
    until the digest (digested_at). `step`: 0 told first, 1 told to who is on call, 2 to the managers. escalated_at:
    when it went on to the next step. over_at: when the matter ended by itself, so that nobody need take it in hand.
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
    planned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    waits = models.BooleanField(default=False)
    digested_at = models.DateTimeField(null=True)
    step = models.SmallIntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind", "once"], name="told_once")]
        indexes: ClassVar = [
            models.Index(fields=["user", "-at", "-id"], name="notice_user_at"),
            models.Index(fields=["user"], name="notice_unseen", condition=models.Q(seen_at=None)),
            models.Index(fields=["id"], name="notice_unplanned", condition=models.Q(planned_at=None, over_at=None)),
            models.Index(
                fields=["due_at"],
                name="notice_unheeded",
                condition=models.Q(acknowledged_at=None, escalated_at=None, over_at=None, level__gte=3),
            ),
        ]


class NoticePreferences(models.Model):
    """How one person is reached outside the product, and when not.

    `rules`: channel -> noun of the kind -> the least level that goes there (5: never); what is absent has its default.
    `brands_off`, `topics_off`: ids of brands and topics of which only what wakes goes outside.
    `brief_days`: weekdays, Monday is 0.
    """

    user = models.OneToOneField("org.User", on_delete=models.CASCADE, related_name="notice_preferences")
    rules = models.JSONField(default=dict)
    brands_off = ArrayField(models.BigIntegerField(), default=list)
    topics_off = ArrayField(models.BigIntegerField(), default=list)
    quiet_from = models.TimeField(null=True, default=time(22))
    quiet_to = models.TimeField(null=True, default=time(7))
    keeps_holidays = models.BooleanField(default=True)
    cap = models.SmallIntegerField(default=CAP, help_text="Interruptions a day; the rest waits in a digest.")
    has_brief = models.BooleanField(default=True)
    brief_days = ArrayField(models.SmallIntegerField(), default=working_days)


class NoticeDelivery(models.Model):
    """One notice on its way by one channel. `target_id`: the browser or the service; 0 for mail."""

    class Channel(models.TextChoices):
        MAIL = "mail", pgettext_lazy("notice", "mail")
        PUSH = "push", pgettext_lazy("notice", "phone or browser")
        SERVICE = "service", pgettext_lazy("notice", "other services")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    target_id = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "channel", "target_id"], name="delivered_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(done_at=None)),
        ]


class NoticeService(models.Model):
    """A room of the whole team elsewhere (a chat, a pager): it hears of each thing once, in words without names.

    `sealed`: its address, {"address": ...}; it holds the secret.
    """

    org = models.ForeignKey("org.Org", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    network = models.CharField(max_length=60, help_text="What kind of service it is, by its own name.")
    sealed = models.BinaryField()
    least_level = models.SmallIntegerField(default=Notice.Level.INTERRUPTS)
    made_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)


class PushSubscription(models.Model):
    """One browser of a person that may be called. `sealed`: its keys, {"p256dh": ..., "auth": ...}."""

    user = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000, unique=True)
    sealed = models.BinaryField()
    agent = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField()


class PushKeys(models.Model):
    """The keys by which this Siach signs what it pushes; one row. `sealed`: {"private": PEM}."""

    public = models.TextField()
    sealed = models.BinaryField()
