"""Approvals: when they are asked for, of whom, and what became of each."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siach.org.models.people import Brand, Membership, Org, User


class ApprovalRule(models.Model):
    """When words of a brand need an approval: all that is given must be so; a rule that gives nothing always asks.

    topics are ids, intents codes; priority 2 means P1 and P2; by_mandate: as the mandate of who wrote demands.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="approval_rules")
    name = models.CharField(_("name"), max_length=80)
    place = models.SmallIntegerField(default=0, help_text="The first rule that fits is the one that asks.")
    topics = ArrayField(models.BigIntegerField(), default=list, blank=True)
    priority = models.SmallIntegerField(null=True)
    followers = models.IntegerField(null=True, help_text="At least so many.")
    intents = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    is_safety = models.BooleanField(default=False)
    roles = ArrayField(models.CharField(max_length=12), default=list, blank=True, help_text="Of who wrote.")
    by_mandate = models.BooleanField(default=False)
    own_forbidden = models.BooleanField(default=True, help_text="Nobody approves their own words.")

    class Meta:
        ordering: ClassVar = ["place", "pk"]


class RuleStep(models.Model):
    """One link of a rule's chain: who is asked, whether all of them, who steps in, and how long each has."""

    rule = models.ForeignKey(ApprovalRule, on_delete=models.CASCADE, related_name="steps")
    place = models.SmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(4)])
    roles = ArrayField(models.CharField(max_length=12, choices=Membership.Role.choices), default=list, blank=True)
    people = models.ManyToManyField(User, related_name="+", blank=True)
    needs_all = models.BooleanField(default=False)
    substitute = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    minutes = models.IntegerField(default=60, validators=[MinValueValidator(1), MaxValueValidator(14 * 24 * 60)])

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "place"], name="rule_step_once"),
            models.CheckConstraint(name="rule_step_place", condition=models.Q(place__range=(1, 4))),
        ]


class Approval(models.Model):
    """The question whether one exact version of some words may go out. `by` wrote them.

    place and due_at are of the step that is asked now; reason is what a refusal said; topics (ids) are those that its
    notices speak of.
    """

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("approval", "Pending")
        GRANTED = "granted", pgettext_lazy("approval", "Approved")
        REFUSED = "refused", pgettext_lazy("approval", "Rejected")
        VOID = "void", pgettext_lazy("approval", "Void")
        LAPSED = "lapsed", pgettext_lazy("approval", "Expired")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="approvals")
    rule = models.ForeignKey(ApprovalRule, on_delete=models.SET_NULL, null=True, related_name="+")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    version = models.IntegerField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    own_forbidden = models.BooleanField(default=True)
    topics = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    place = models.SmallIntegerField(default=1)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "version"], name="approval_of_version")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="approval_due", condition=models.Q(state="asked")),
            models.Index(fields=["brand", "-ended_at"], name="approval_ended"),
        ]


class ApprovalStep(models.Model):
    """One step of an approval, as its rule said when it was asked.

    stage: who is asked now: those named (0), the substitute (1), the brand's managers (2).
    """

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    place = models.SmallIntegerField()
    roles = ArrayField(models.CharField(max_length=12), default=list)
    named = ArrayField(models.BigIntegerField(), default=list, help_text="Users.")
    needs_all = models.BooleanField(default=False)
    substitute = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    minutes = models.IntegerField()
    stage = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["approval", "place"], name="approval_step_once")]


class Asked(models.Model):
    """A person who is asked in a step, and what they said: True, False, or None for nothing yet."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="asked")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    stage = models.SmallIntegerField(default=0)
    granted = models.BooleanField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["step", "user"], name="asked_once")]


class ApprovalComment(models.Model):
    """What somebody said about words that wait, without deciding."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="comments")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()


class ApprovalLink(models.Model):
    """A signed way in for somebody outside to decide one step, once. Only the digest of its secret is kept.

    name: for whom it was made; said_by: the name they gave when they decided.
    """

    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    said_by = models.CharField(max_length=120, blank=True)
    granted = models.BooleanField(null=True)
