"""How often each source is asked: by its heat and its brand's, within its network's limit and its own cap."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from siach.calc.cadence import Pace, floor_of, is_hot, pace
from siach.calc.rhythm import slot_of
from siach.talk import bulk, connections
from siach.talk.models import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_RATES = """
SELECT r.source_id, r.rates[z.slot + 1] FROM talk_sourcerhythm r
JOIN unnest(%s::bigint[], %s::int[]) AS z (id, slot) ON z.id = r.source_id WHERE r.patience > 0
"""
#: Of the hour before this one, the part that lies within the last sixty minutes counts.
_RECENT = """
SELECT h.source_id, sum(CASE WHEN h.hour = %s THEN h.n ELSE h.n * %s END)::float FROM talk_sourcehour h
WHERE h.source_id = ANY(%s) AND h.hour >= %s GROUP BY 1
"""
_SET = """
UPDATE talk_source s SET pace = r.pace, floor = r.floor, heat = r.heat
FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::text[]) AS r (id, pace, floor, heat)
WHERE s.id = r.id AND (s.pace, s.floor, s.heat) IS DISTINCT FROM (r.pace, r.floor, r.heat)
"""


def set_paces(*, at: datetime) -> int:
    """Find anew how often every source is asked, in four statements. Returns how many are hot."""
    asked = Source.objects.filter(state=Source.State.LIVE, account__isnull=False).select_related("brand")
    sources = list(asked.defer("cursor").order_by("pk"))
    if not sources:
        return 0
    ids = [source.pk for source in sources]
    slots = [slot_of(at, ZoneInfo(source.brand.zone)) for source in sources]
    usual: dict[int, float] = dict(bulk.rows(_RATES, [ids, slots]))
    recent = _recent(ids, at=at)
    hot = {one.brand_id for one in sources if is_hot(recent.get(one.pk, 0), usual.get(one.pk))}
    floors = _floors(sources)
    paces: list[Pace] = [
        pace(
            recent.get(source.pk, 0),
            usual.get(source.pk),
            brand_is_hot=source.brand_id in hot,
            floor=floors[source.pk],
        )
        for source in sources
    ]
    heats = [one.heat for one in paces]
    bulk.rows(_SET, [ids, [one.seconds for one in paces], [floors[pk] for pk in ids], heats])
    return heats.count("hot")


def _recent(sources: Sequence[int], *, at: datetime) -> dict[int, int]:
    """What each source heard in the last hour."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    share = 1 - (at - hour) / timedelta(hours=1)
    return {pk: round(n) for pk, n in bulk.rows(_RECENT, [hour, share, list(sources), hour - timedelta(hours=1)])}


def _floors(sources: Sequence[Source]) -> dict[int, float]:
    """Seconds between two calls of each source that leave half of its network's limit for people."""
    rates = {network: connections.rate(network) for network in {source.network for source in sources}}
    sharing = Counter(_sharing(source, rates) for source in sources)
    floors = {}
    for source in sources:
        rate = rates[source.network]
        floors[source.pk] = floor_of(rate.calls, rate.seconds, sharing[_sharing(source, rates)]) if rate else 0.0
    return floors


def _sharing(source: Source, rates: dict[str, connections.Rate | None]) -> tuple[str, int | None]:
    """What spends one limit together with this source: those of its account, or all of its network."""
    rate = rates[source.network]
    return source.network, source.account_id if rate and rate.of == "account" else None
