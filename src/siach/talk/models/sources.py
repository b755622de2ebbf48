"""What we listen with and speak through."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from siach.org.models import Brand, Org


class Account(models.Model):
    """Our own account on a network. `network` is any connector's folder name, plain text on purpose.

    `look_at` is the lease of whoever looks again at what it heard, and the time it waits for after a refusal.
    """

    class State(models.TextChoices):
        LIVE = "live", pgettext_lazy("account", "live")
        BROKEN = "broken", pgettext_lazy("account", "needs a new sign-in")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="accounts")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="accounts")
    network = models.CharField(max_length=40)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    grant = models.BinaryField(help_text="Sealed with the key ring.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.LIVE)
    error = models.TextField(blank=True)
    connected_at = models.DateTimeField()
    look_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "network", "external_id"], name="account_once")]


class Source(models.Model):
    """One thing we listen to. `due_at` is also its lease: a claimed source is due again when its worker died."""

    class Kind(models.TextChoices):
        MENTIONS = "mentions", pgettext_lazy("source", "mentions and replies")
        SEARCH = "search", pgettext_lazy("source", "search")
        THREAD = "thread", pgettext_lazy("source", "one thread")
        CAPTURE = "capture", pgettext_lazy("source", "captured by people")
        IMPORT = "import", pgettext_lazy("source", "imported file")
        WEBHOOK = "webhook", pgettext_lazy("source", "posted by another system")

    class State(models.TextChoices):
        LIVE = "live", pgettext_lazy("source", "listening")
        BROKEN = "broken", pgettext_lazy("source", "cannot hear")
        PAUSED = "paused", pgettext_lazy("source", "paused")
        OPEN = "open", pgettext_lazy("source", "open for people")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="sources")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="sources")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="sources")
    network = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    query = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.LIVE)
    connected_at = models.DateTimeField(help_text="What was said before this is history and opens nothing.")
    due_at = models.DateTimeField(null=True)
    cursor = models.JSONField(default=dict)
    asked_at = models.DateTimeField(null=True, help_text="The last time the network answered.")
    heard_at = models.DateTimeField(null=True, help_text="The last time something new was heard.")
    lag_seconds = models.FloatField(null=True, help_text="From said to heard, of the newest live post.")
    cost = models.BigIntegerField(default=0, help_text="Units of the network's own budget spent so far.")
    error = models.TextField(blank=True)
    failures = models.IntegerField(default=0, help_text="Failed attempts in a row.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], name="source_due", condition=models.Q(state="live"))]
