"""How people come in, and the mail that reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from siach.org.models.people import Membership, Org, Team, User

if TYPE_CHECKING:
    from datetime import datetime


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


class Identity(models.Model):
    """Who a person is at a provider of single sign-on: `subject` never moves there, as an address may."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_identity_at_each"),
        ]


class Invitation(models.Model):
    """A way into one team with one role, for one address, once. Only the digest of its link is kept."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=12, choices=Membership.Role.choices)
    email = models.EmailField()
    digest = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    mail = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=models.Q(used_at=None, revoked_at=None),
                name="invited_once_at_a_time",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["org", "-made_at"], name="invitation_of_org")]

    def is_open(self, *, at: datetime) -> bool:
        return self.used_at is None and self.revoked_at is None and self.expires_at > at
