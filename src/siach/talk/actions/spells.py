"""How a source hears, in spells: deaf while its calls fail, unusually quiet while they work and nothing comes.

A spell of deafness ends only once the calls have worked for a while, so that a network which comes and goes is told of
once. Whoever calls the functions on one source saves `FIELDS` with it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from siach.calc.rhythm import Rhythm, usual_until
from siach.org.live import signal
from siach.talk.actions import alerting
from siach.talk.models import Source

if TYPE_CHECKING:
    from datetime import datetime

FIELDS = ("deaf_since", "well_since", "quiet_since", "quiet_at", "listens_since", "paused_at")
#: How often in a row a source fails, and for how long, until it counts as deaf.
DEAF_AFTER = 3
DEAF_FOR = timedelta(minutes=2)
#: How long its calls work until it counts as hearing again.
SETTLED = timedelta(minutes=10)
#: Where a rhythm cannot tell, it is asked again later: it is learnt anew meanwhile.
LATER = timedelta(hours=6)
AT_ONCE = 500


def failed(source: Source, *, at: datetime) -> None:
    """One more call failed."""
    source.well_since = None
    since = source.asked_at or source.connected_at
    is_deaf = source.failures >= DEAF_AFTER and at - since >= DEAF_FOR
    if source.state != Source.State.BROKEN and not is_deaf:
        return
    if source.deaf_since is None:
        source.deaf_since = since
        _end_quiet(source, at=at)
    alerting.source_deaf(source, at=at)


def answered(source: Source, *, heard: bool, at: datetime) -> None:
    """A call worked; `heard`: it brought something new."""
    if source.deaf_since is not None and source.well_since is None:
        source.well_since = at
    if heard:
        _end_quiet(source, at=at)


def paused(source: Source, *, at: datetime) -> None:
    """A person paused it, so its spells need nobody."""
    resumed(source, at=at)
    source.paused_at = at


def resumed(source: Source, *, at: datetime) -> None:
    """It listens from now on, because a person saw to it."""
    source.deaf_since = source.well_since = source.quiet_since = source.quiet_at = source.paused_at = None
    source.listens_since = at
    alerting.source_well(source, at=at)


def _end_quiet(source: Source, *, at: datetime) -> None:
    if source.quiet_since is not None:
        source.quiet_since = source.quiet_at = None
        alerting.source_spoke(source, at=at)


def judge(*, at: datetime) -> int:
    """End the deafness of sources that have heard again for a while, and find the unusually quiet. Returns how many
    changed."""
    settled = Source.objects.filter(well_since__lte=at - SETTLED)
    changed = sum(_settle(pk, at=at) for pk in settled.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    due = Q(quiet_at=None) | Q(quiet_at__lte=at)
    silent = Source.objects.filter(due, state=Source.State.LIVE, deaf_since=None, quiet_since=None, org__is_demo=False)
    silent = silent.filter(rhythm__patience__gt=0)
    # A post leaves `quiet_at` as it is: too early then, and found anew when that time comes, not at every post.
    first = silent.order_by(F("quiet_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:AT_ONCE]
    return changed + sum(_quieten(pk, at=at) for pk in first)


@transaction.atomic
def _settle(pk: int, *, at: datetime) -> bool:
    source = _locked(pk)
    if source is None or source.well_since is None or source.well_since > at - SETTLED:
        return False
    alerting.source_heard_again(source, at=at)
    source.listens_since, source.deaf_since, source.well_since = source.well_since, None, None
    source.save(update_fields=FIELDS)
    signal(source.org_id, "sources")
    return True


@transaction.atomic
def _quieten(pk: int, *, at: datetime) -> bool:
    """Whether its silence went beyond what is usual, by the network's own answer. Until when it is usual is kept."""
    source = _locked(pk)
    if source is None or source.state != Source.State.LIVE or source.deaf_since or source.quiet_since:
        return False
    since = silent_from(source)
    learnt = Rhythm(tuple(source.rhythm.rates), source.rhythm.patience)
    until = usual_until(learnt, since, ZoneInfo(source.brand.zone))
    looked = at if source.kind == Source.Kind.WEBHOOK else source.asked_at or since
    if until is None or until > looked:
        source.quiet_at = max(until, at) if until else at + LATER
        source.save(update_fields=["quiet_at"])
        return False
    source.quiet_since, source.quiet_at = since, None
    source.save(update_fields=["quiet_since", "quiet_at"])
    alerting.source_quiet(source, at=at)
    signal(source.org_id, "sources")
    return True


def silent_from(source: Source) -> datetime:
    """Since when nothing new came, as far as it listened."""
    listens = source.listens_since or source.connected_at
    return max(source.heard_at or listens, listens)


def _locked(pk: int) -> Source | None:
    found = Source.objects.select_for_update(of=("self",), skip_locked=True)
    return found.select_related("org", "brand", "account", "rhythm").filter(pk=pk).first()
