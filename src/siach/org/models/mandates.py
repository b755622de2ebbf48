"""What is talked about, and what an agency's team may do about it, for whom and until when."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siach.org.models.people import Brand, Org, Team, User


class Topic(models.Model):
    """A subject of the talk about a brand, perhaps one of its values; found by the ways people say it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="topics")
    name = models.CharField(_("name"), max_length=80)
    words = ArrayField(models.CharField(max_length=80), default=list, help_text="Every way people say it.")
    is_value = models.BooleanField(default=False, help_text="One of the brand's values.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "name"], name="topic_once")]

    def __str__(self) -> str:
        return self.name


class MandateSet(models.QuerySet["Mandate"]):
    def in_force(self) -> MandateSet:
        """Those that open something at this moment, by the database's own clock."""
        begun = self.filter(accepted_at__isnull=False, ended_at=None, since__lte=Now())
        return begun.filter(Q(until=None) | Q(until__gt=Now()))


class Mandate(models.Model):
    """What an agency's team may do for one brand of a client, and until when.

    An offer until its agency accepts it: `team` is empty, and its one-time code is kept as a digest only.
    `topics` are ids of the brand's topics, empty: all. `rights` never exceed `rights.MANDATED`.
    `until` is the first moment at which nothing is open any more.
    """

    class Mode(models.TextChoices):
        HELPS = "helps", pgettext_lazy("mandate", "the agency helps at peak times")
        LEADS = "leads", pgettext_lazy("mandate", "the agency leads, the client approves and reads")

    class Approval(models.TextChoices):
        ALL = "all", pgettext_lazy("replies that the client approves", "all")
        SAMPLE = "sample", pgettext_lazy("replies that the client approves", "a sample")
        NONE = "none", pgettext_lazy("replies that the client approves", "none")

    class Scope(models.TextChoices):
        CASES = "cases", pgettext_lazy("mandate", "only the conversations of its cases, without earlier contacts")
        BRAND = "brand", pgettext_lazy("mandate", "everything said about the brand")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="granted", help_text="The client.")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="mandates")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="mandates")
    mode = models.CharField(max_length=5, choices=Mode.choices, default=Mode.HELPS)
    rights = ArrayField(models.CharField(max_length=40))
    topics = ArrayField(models.BigIntegerField(), default=list, blank=True)
    reply_approval = models.CharField(max_length=6, choices=Approval.choices, default=Approval.ALL)
    data_scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.CASES)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    agreement = models.CharField(max_length=200, help_text="Name or number of the processor agreement on file.")
    agreed_on = models.DateField()
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField()
    code_digest = models.CharField(max_length=64, unique=True)
    code_until = models.DateTimeField()
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = MandateSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "team"], name="mandate_once", condition=Q(ended_at=None)),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="mandate_ends_later"),
        ]

    @property
    def is_narrow(self) -> bool:
        """Whether it opens only a part of what is heard about the brand."""
        return self.data_scope != self.Scope.BRAND or bool(self.topics)


class MandateProof(models.Model):
    """What the end of a mandate did, told once: `content` (see `org.ending`) and the SHA-256 of its canonical JSON."""

    mandate = models.OneToOneField(Mandate, on_delete=models.CASCADE, related_name="proof")
    made_at = models.DateTimeField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
