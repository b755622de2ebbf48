"""How many posts a source hears, hour by hour, and the rhythm that is learnt from it. No post is read for it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from siach.calc import rhythm
from siach.talk import bulk
from siach.talk.models import Source, SourceHour, SourceRhythm

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

KEPT = timedelta(weeks=rhythm.WEEKS)
LEARN_EVERY = timedelta(hours=6)
AT_ONCE = 200
#: What people bring has their rhythm, not the network's, and a thread dies of itself.
_WITHOUT = (Source.Kind.CAPTURE, Source.Kind.IMPORT, Source.Kind.THREAD)
_NOTE = """
INSERT INTO talk_sourcehour AS h (source_id, hour, n)
SELECT %s, r.hour, r.n FROM unnest(%s::timestamptz[], %s::int[]) AS r (hour, n)
ON CONFLICT (source_id, hour) DO UPDATE SET n = h.n + excluded.n
"""


def note_hours(source: Source, said: Iterable[datetime], *, at: datetime) -> None:
    """Count new posts of a source under the hours they were said in."""
    if source.kind in _WITHOUT:
        return
    hours = Counter(_hour(min(moment, at)) for moment in said if moment > at - KEPT)
    if hours:
        noted = sorted(hours.items())
        bulk.rows(_NOTE, [source.pk, [hour for hour, _n in noted], [n for _hour, n in noted]])


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def learn_due(*, at: datetime) -> int:
    """Learn the rhythms that were learnt longest ago anew. Returns how many."""
    stale = Q(rhythm__isnull=True) | Q(rhythm__learnt_at__lte=at - LEARN_EVERY)
    due = Source.objects.filter(stale, state=Source.State.LIVE).exclude(kind__in=_WITHOUT).select_related("brand")
    found = list(due.order_by(F("rhythm__learnt_at").asc(nulls_first=True), "pk")[:AT_ONCE])
    for source in found:
        learn(source, at=at)
    return len(found)


def learn(source: Source, *, at: datetime) -> SourceRhythm:
    """The rhythm of a source's last eight weeks, from when it was first heard or connected."""
    heard = dict(SourceHour.objects.filter(source=source, hour__gte=at - KEPT).values_list("hour", "n"))
    start = max(min([*heard, source.connected_at]), at - KEPT)
    zone = ZoneInfo(source.brand.zone)
    hours = [(rhythm.slot_of(hour, zone), heard.get(hour, 0)) for hour in rhythm.hours_between(start, at)]
    learnt = rhythm.learn(hours)
    kept = {"rates": list(learnt.rates), "patience": learnt.patience} if learnt else {"rates": [], "patience": 0.0}
    return SourceRhythm.objects.update_or_create(source=source, defaults={**kept, "learnt_at": at})[0]


def drop_hours(*, at: datetime) -> None:
    """Forget hours that no rhythm is learnt from any more."""
    SourceHour.objects.filter(hour__lt=at - KEPT).delete()
