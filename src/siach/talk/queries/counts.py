"""Mentions counted by day and by hour: folded counts and the tail not folded yet, in one snapshot.

Nothing here touches a post or a mention. Days are cut in each brand's own zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import connection

from siach.calc import sentiment, series
from siach.talk.queries.days import day_bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siach.org.models import Brand

BAND_WEEKS = 8
BAND_LEAST = timedelta(days=14)
_FIVE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Slice:
    """Which mentions are counted, by the dimensions that counts have. Empty: all."""

    networks: tuple[str, ...] = ()
    sentiments: tuple[int, ...] = ()
    intents: tuple[int, ...] = ()


ALL = Slice()


@dataclass(frozen=True, slots=True)
class Tally:
    """Mentions by their sentiment."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0

    @property
    def total(self) -> int:
        return self.negative + self.neutral + self.positive


@dataclass(frozen=True, slots=True)
class DayCount(Tally):
    day: date = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class HourCount(Tally):
    """`hour` is the hour of the brand's own clock, 0 to 23."""

    hour: int = field(kw_only=True)


_DAYS = """
SELECT {column}, sum(n)::int FROM (
    SELECT c.day, c.network, c.sentiment, c.intent, c.n FROM talk_countday c
    WHERE c.brand_id = ANY(%(brands)s) AND c.day BETWEEN %(start)s AND %(end)s
    UNION ALL
    SELECT (d.slot AT TIME ZONE b.zone)::date, d.network, d.sentiment, d.intent, d.n
    FROM talk_countdelta d JOIN org_brand b ON b.id = d.brand_id
    WHERE d.brand_id = ANY(%(brands)s)
      AND (d.slot AT TIME ZONE b.zone)::date BETWEEN %(start)s AND %(end)s
) c WHERE true{where} GROUP BY {column}
"""

_SLOTS = """
SELECT c.slot, c.sentiment, sum(n)::int FROM (
    SELECT slot, network, sentiment, intent, n FROM talk_countfive
    WHERE brand_id = ANY(%(brands)s) AND slot >= %(start)s AND slot < %(end)s
    UNION ALL
    SELECT slot, network, sentiment, intent, n FROM talk_countdelta
    WHERE brand_id = ANY(%(brands)s) AND slot >= %(start)s AND slot < %(end)s
) c WHERE true{where} GROUP BY c.slot, c.sentiment
"""

_HOURS = """
SELECT slot, sum(n)::int FROM (
    SELECT slot, n FROM talk_counthour WHERE brand_id = %(brand)s AND slot = ANY(%(slots)s)
    UNION ALL
    SELECT date_trunc('hour', slot, 'UTC'), n FROM talk_countdelta
    WHERE brand_id = %(brand)s AND date_trunc('hour', slot, 'UTC') = ANY(%(slots)s)
) c GROUP BY slot
"""


def counts_by_day(brand_ids: Sequence[int], start: date, end: date, only: Slice = ALL) -> list[DayCount]:
    """Every day from `start` to `end`, both included, in order; days without a mention are zero."""
    found: dict[date, dict[int, int]] = {}
    for day, tone, n in _by_day("c.day, c.sentiment", brand_ids, start, end, only):
        found.setdefault(day, {})[tone] = n
    days = [start + timedelta(days=step) for step in range((end - start).days + 1)]
    return [DayCount(*_tones(found.get(day, {})), day=day) for day in days]


def tally(brand_ids: Sequence[int], start: date, end: date, only: Slice = ALL) -> Tally:
    """All mentions of the days from `start` to `end`, both included."""
    return Tally(*_tones(dict(_by_day("c.sentiment", brand_ids, start, end, only))))


def counts_by_intent(brand_ids: Sequence[int], start: date, end: date, only: Slice = ALL) -> dict[int, int]:
    """Mentions by the stored code of their intent."""
    return dict(_by_day("c.intent", brand_ids, start, end, only))


def counts_by_network(brand_ids: Sequence[int], start: date, end: date, only: Slice = ALL) -> dict[str, int]:
    """Mentions by network, the loudest first."""
    found = _by_day("c.network", brand_ids, start, end, only)
    return dict(sorted(found, key=lambda row: (-row[1], row[0])))


def tally_since(brand_ids: Sequence[int], since: datetime, until: datetime, only: Slice = ALL) -> Tally:
    """All mentions between two instants of the last 35 days; both are taken down to their 5 minutes."""
    found: dict[int, int] = {}
    for _slot, tone, n in _by_slot(brand_ids, _slot_of(since), _slot_of(until), only):
        found[tone] = found.get(tone, 0) + n
    return Tally(*_tones(found))


def hours_today(brand: Brand, at: datetime) -> list[HourCount]:
    """The hours of the brand's day so far, from 0 to the one that runs. An hour that a clock change skips is
    zero; one that it repeats holds both."""
    zone = ZoneInfo(brand.zone)
    here = at.astimezone(zone)
    start, _end = day_bounds(brand, here.date())
    found: dict[int, dict[int, int]] = {}
    for slot, tone, n in _by_slot([brand.pk], start, _slot_of(at) + _FIVE, ALL):
        tones = found.setdefault(slot.astimezone(zone).hour, {})
        tones[tone] = tones.get(tone, 0) + n
    return [HourCount(*_tones(found.get(hour, {})), hour=hour) for hour in range(here.hour + 1)]


def usual_band(brand: Brand, at: datetime) -> list[tuple[int, float, float]] | None:
    """(hour, low, high) for the 24 hours of the brand's day: what this day of the week usually brings, from
    up to 8 weeks back. None while less than two weeks have been heard."""
    today = at.astimezone(ZoneInfo(brand.zone)).date()
    weeks = [today - timedelta(weeks=week) for week in range(BAND_WEEKS, 0, -1)]
    first = first_day(brand, weeks[0])
    if first is None or today - first < BAND_LEAST:
        return None
    band = series.usual_band(_hours_of(brand, [day for day in weeks if day >= first]))
    return None if band is None else [(hour, low, high) for hour, (low, high) in enumerate(band)]


def net_sentiment(brand: Brand, start: date, end: date) -> sentiment.Net:
    """(value, n, low, high) of the days from `start` to `end`, both included; value: -100 to 100 or None."""
    heard = tally([brand.pk], start, end)
    return sentiment.net_sentiment(heard.negative, heard.positive)


def _by_day(column: str, brands: Sequence[int], start: date, end: date, only: Slice) -> list[tuple]:
    where, values = _where(only)
    with connection.cursor() as cursor:
        cursor.execute(
            _DAYS.format(column=column, where=where),
            {"brands": list(brands), "start": start, "end": end, **values},
        )
        return cursor.fetchall()


def _by_slot(brands: Sequence[int], since: datetime, until: datetime, only: Slice) -> list[tuple[datetime, int, int]]:
    where, values = _where(only)
    with connection.cursor() as cursor:
        cursor.execute(_SLOTS.format(where=where), {"brands": list(brands), "start": since, "end": until, **values})
        return cursor.fetchall()


def _where(only: Slice) -> tuple[str, dict[str, list[int] | list[str]]]:
    """SQL conditions on the columns of counts, and their values."""
    asked: dict[str, tuple[str, Iterable]] = {
        "networks": ("network", only.networks),
        "sentiments": ("sentiment", only.sentiments),
        "intents": ("intent", only.intents),
    }
    held = {name: (column, list(values)) for name, (column, values) in asked.items() if values}
    where = "".join(f" AND c.{column} = ANY(%({name})s)" for name, (column, _values) in held.items())
    return where, {name: values for name, (_column, values) in held.items()}


def _tones(found: dict[int, int]) -> tuple[int, int, int]:
    return found.get(-1, 0), found.get(0, 0), found.get(1, 0)


def _slot_of(moment: datetime) -> datetime:
    """The 5-minute slot that holds a moment."""
    return moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)


def first_day(brand: Brand, since: date) -> date | None:
    """The first day on or after `since` with a mention."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(day) FROM talk_countday WHERE brand_id = %s AND day >= %s", [brand.pk, since])
        return cursor.fetchone()[0]


def _hours_of(brand: Brand, days: Sequence[date]) -> list[list[float | None]]:
    """For each day the mentions of its 24 hours; a repeated hour as its mean, a skipped one as None."""
    zone = ZoneInfo(brand.zone)
    slots = [list(_slots_of(brand, day)) for day in days]
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"brand": brand.pk, "slots": [slot for day in slots for slot in day]})
        heard: dict[datetime, int] = dict(cursor.fetchall())
    out: list[list[float | None]] = []
    for day in slots:
        hours: list[list[int]] = [[] for _ in range(24)]
        for slot in day:
            hours[slot.astimezone(zone).hour].append(heard.get(slot, 0))
        out.append([sum(counts) / len(counts) if counts else None for counts in hours])
    return out


def _slots_of(brand: Brand, day: date) -> Iterable[datetime]:
    """The hours, in UTC, that begin within a day of the brand."""
    start, end = (moment.astimezone(UTC) for moment in day_bounds(brand, day))
    slot = start.replace(minute=0)
    while slot < end:
        yield slot
        slot += timedelta(hours=1)
