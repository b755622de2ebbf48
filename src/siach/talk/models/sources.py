"""What we listen with and speak through."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
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
    """One thing we listen to. `due_at` is also its lease: a claimed source is due again when its worker died.

    `talk.actions.spells` begins and ends its spells: `deaf_since` while its calls fail (`well_since`: they work again,
    not yet long enough), `quiet_since` while nothing comes of them though its rhythm promised something.
    """

    class Kind(models.TextChoices):
        MENTIONS = "mentions", pgettext_lazy("source", "mentions and replies")
        SEARCH = "search", pgettext_lazy("source", "search")
        THREAD = "thread", pgettext_lazy("source", "one thread")
        ALL = "all", pgettext_lazy("source", "everything new")
        CAPTURE = "capture", pgettext_lazy("source", "added manually")
        IMPORT = "import", pgettext_lazy("source", "imported file")
        WEBHOOK = "webhook", pgettext_lazy("source", "posted by another system")
        DRILL = "drill", pgettext_lazy("source", "played by a drill")

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
    deaf_since = models.DateTimeField(null=True)
    well_since = models.DateTimeField(null=True)
    quiet_since = models.DateTimeField(null=True)
    quiet_at = models.DateTimeField(null=True, help_text="Until when its silence is usual; looked at again then.")
    listens_since = models.DateTimeField(null=True, help_text="When it began to listen again, after a pause or deaf.")
    paused_at = models.DateTimeField(null=True)
    pace = models.FloatField(null=True, help_text="Seconds between two calls, as talk.actions.pacing finds them.")
    floor = models.FloatField(default=0, help_text="Seconds that the network's limit asks for at least.")
    heat = models.CharField(max_length=5, blank=True)
    counted_on = models.DateField(null=True, help_text="The day of the four counts below, by the network's clock.")
    calls_day = models.IntegerField(default=0)
    cost_day = models.BigIntegerField(default=0)
    calls_month = models.IntegerField(default=0)
    cost_month = models.BigIntegerField(default=0)
    cap = models.BigIntegerField(null=True, help_text="Of a priced network's units, in its period; None: its own.")
    rests_until = models.DateTimeField(null=True, help_text="Its cap is reached; it is asked again then.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], name="source_due", condition=models.Q(state="live"))]


class SourceHour(models.Model):
    """How many posts of one hour (UTC, by said_at) a source heard; kept for as long as a rhythm is learnt from."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    n = models.IntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "hour"], name="source_hour_once")]


class SourceRhythm(models.Model):
    """What `calc.rhythm` learnt of a source; `rates` is empty while too little was heard."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, primary_key=True, related_name="rhythm")
    rates = ArrayField(models.FloatField(), default=list)
    patience = models.FloatField(default=0)
    learnt_at = models.DateTimeField()
