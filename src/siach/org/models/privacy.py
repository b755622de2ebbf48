"""How long things are kept, what was deleted, and who looked at people."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from siach.org.models.people import Org, User


class Privacy(models.Model):
    """An organisation's own rules of keeping, and whom to ask about them.

    `keep`: kind of `org.keeping.RULES` -> days, only where it differs from the default.
    `record`: section of the processing record -> its words, only where they differ from the default.
    """

    org = models.OneToOneField(Org, on_delete=models.CASCADE, related_name="privacy")
    keep = models.JSONField(default=dict)
    record = models.JSONField(default=dict)
    contact = models.JSONField(default=dict, help_text="name, mail and phone of the privacy contact.")
    access = models.JSONField(default=dict, help_text="name, mail and phone of the accessibility coordinator.")


class Deletion(models.Model):
    """How many rows of a kind were deleted on a day (UTC), by time alone."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    day = models.DateField()
    n = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "kind", "day"], name="deletion_once_a_day")]


class ReadLog(models.Model):
    """Who looked at a person, or at what a person said in private: once an hour for each of them."""

    class What(models.TextChoices):
        PERSON = "person", pgettext_lazy("read", "author's page")
        CASE = "case", pgettext_lazy("read", "case with its customer's card")
        REPORT = "report", pgettext_lazy("read", "access report")
        MESSAGE = "message", pgettext_lazy("read", "private message")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=8, choices=What.choices)
    person = models.BigIntegerField(help_text="The author's id.")
    subject = models.BigIntegerField(help_text="The id of what was opened.")
    hour = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["by", "what", "subject", "hour"], name="read_once_an_hour")
        ]
        indexes: ClassVar = [models.Index(fields=["org", "-at", "-id"], name="read_newest")]


class PersonRequest(models.Model):
    """A person asked what is held on them, for a correction, or to be erased. `people`: ids of authors.

    `step` is the next step's index, so that a fall resumes; `report` holds what an access found until `keep_until`.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", pgettext_lazy("request", "access")
        CORRECTION = "correction", pgettext_lazy("request", "correction")
        ERASURE = "erasure", pgettext_lazy("request", "erasure")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("request", "open")
        RUNNING = "running", pgettext_lazy("request", "being carried out")
        DONE = "done", pgettext_lazy("request", "done")
        REFUSED = "refused", pgettext_lazy("request", "refused")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    people = ArrayField(models.BigIntegerField())
    asked = models.TextField(blank=True, help_text="Who asked, how, and what shows that it is them.")
    due_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    step = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict, help_text="Counts by what was found or erased; a refusal's reason.")
    report = models.JSONField(null=True)
    keep_until = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["org", "-at", "-id"], name="request_newest"),
            models.Index(fields=["due_on"], name="request_open", condition=Q(state__in=["open", "running"])),
        ]
