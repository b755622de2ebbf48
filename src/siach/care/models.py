"""The service inbox: cases, notes, replies."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import pgettext_lazy

from siach.org.models import Brand, Org, User
from siach.talk.models import Author, Mention, Outgoing, Post, Thread

OPEN_STATES = ("new", "open", "waiting")
TO_ANSWER = ("new", "open")
ENDED = ("resolved", "closed")


class Case(models.Model):
    """One customer's matter in one thread. At most one is open at a time.

    waiting_since: when the oldest unanswered customer post was heard (or the case was opened by hand), None
    once answered.
    due_at: waiting_since and the target of its priority (calc.priority), None while nobody waits for us.
    resolved_at: when it ended, resolved or set aside.
    """

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("case", "new")
        OPEN = "open", pgettext_lazy("case", "open")
        WAITING = "waiting", pgettext_lazy("case", "waiting for the customer")
        RESOLVED = "resolved", pgettext_lazy("case", "resolved")
        CLOSED = "closed", pgettext_lazy("case", "closed")

    class OpenedBy(models.TextChoices):
        RULE = "rule", pgettext_lazy("case", "opened by rule")
        HAND = "hand", pgettext_lazy("case", "opened by hand")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="cases", db_index=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="cases")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", help_text="The post that opened it.")
    last_post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="+", help_text="The customer's last to reach us."
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    intent = models.SmallIntegerField(choices=Mention.Intent.choices, default=Mention.Intent.OTHER)
    priority = models.SmallIntegerField(default=4, help_text="P1 (gravest) to P5.")
    assignee = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_by = models.CharField(max_length=4, choices=OpenedBy.choices)
    opened_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="First answer of ours that was sent.")
    resolved_at = models.DateTimeField(null=True)
    topics = ArrayField(models.BigIntegerField(), default=list, help_text="What its customer spoke of, of the brand's.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["brand", "author", "thread"],
                name="one_open_case",
                condition=models.Q(state__in=OPEN_STATES),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                "brand",
                models.ExpressionWrapper(models.Q(priority__gt=1), output_field=models.BooleanField()),
                "due_at",
                "id",
                name="case_queue",
                condition=models.Q(state__in=TO_ANSWER),
            ),
            models.Index(
                fields=["brand", "-resolved_at"],
                name="case_ended",
                condition=models.Q(state__in=ENDED),
            ),
            models.Index(
                fields=["brand", "-answered_at"],
                name="case_answered",
                condition=models.Q(answered_at__isnull=False),
            ),
            models.Index(fields=["author", "thread"], name="case_of"),
        ]


class Reply(models.Model):
    """An answer in a case; its words, its fate and its once-only send are its Outgoing's."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="replies")
    outgoing = models.OneToOneField(Outgoing, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()


class Note(models.Model):
    """Seen by the team only."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()


class Draft(models.Model):
    """What one person has begun to write in a case. Theirs alone; it goes when it is sent."""

    class Kind(models.TextChoices):
        REPLY = "reply"
        NOTE = "note"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "by", "kind"], name="draft_once")]
