"""How a source usually speaks, hour by hour of the week, and until when its silence is nothing unusual.

A silence is measured in the posts that the rhythm promised for its hours, so that a night and a Shabbat weigh what they
weigh. Measured so, the silences of independent posts are exponential with mean 1 (time rescaling: Brown and others
2002). Those of real sources are longer, for posts come in bursts, and some days are calm. So each source's own silences
say how much longer: of the longer half, the mean excess m over the middle one u is taken (exponential peaks over a
threshold: Davison and Smith 1990), at least 1, and with k of them in w weeks one beyond

    u + m (1 + 1 / sqrt(k)) ln(26 k / w)

comes by chance once in half a year. That many promised posts, or as many as the longest silence yet if that is more,
may stay out before a silence is called unusual.

On made-up sources of 5 to 5,000 posts a week, in bursts of one to eight, with days alike and days of uneven loudness
(a standard deviation of .5 of its logarithm), half a year brought .9 silences that were called so though nothing was
amiss: four in the worst of 90 runs.

A holiday counts as Saturday, its eve from 14:00 on as Friday.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import log, sqrt
from typing import TYPE_CHECKING

from siach.calc.rest import EVE, is_day_of_rest

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

SLOTS = 168
WEEKS = 8
LEAST_WEEKS = 2.0
#: Weeks in which a silence so long comes once by chance.
ONCE_IN = 26.0
LEAST_SILENCE = timedelta(minutes=30)
#: Beyond this a rhythm says nothing of a silence.
FURTHEST = timedelta(weeks=6)
_STORM = 3.0
_HOUR = timedelta(hours=1)
_FRIDAY, _SATURDAY = 4, 5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`rates`: posts promised in each hour of the week, Monday's midnight first. `patience`: how many promised posts
    may stay out before a silence is unusual."""

    rates: tuple[float, ...]
    patience: float


def slot_of(moment: datetime, zone: ZoneInfo) -> int:
    """The hour of the week, 0 to 167, by the clock of a zone and its days of rest."""
    here = moment.astimezone(zone)
    return _weekday(here.date(), here.time() >= EVE) * 24 + here.hour


@lru_cache(maxsize=1024)
def _weekday(day: date, is_late: bool) -> int:
    if is_day_of_rest(day):
        return _SATURDAY
    return _FRIDAY if is_late and is_day_of_rest(day + timedelta(days=1)) else day.weekday()


def learn(hours: Sequence[tuple[int, int]]) -> Rhythm | None:
    """The rhythm of a source from (slot, posts) of every hour that it was heard in, in order, the empty ones too; None
    while that is less than two weeks. An hour of a storm counts as three loud ones: it is no rhythm."""
    weeks = len(hours) / SLOTS
    if weeks < LEAST_WEEKS:
        return None
    loud = sorted(n for _slot, n in hours if n)
    most = _STORM * loud[int(0.9 * (len(loud) - 1))] if loud else 0.0
    counts = [(slot, min(n, most)) for slot, n in hours]
    rates = _rates(counts)
    return Rhythm(rates, _patience(counts, rates, weeks))


def _rates(counts: Sequence[tuple[int, float]]) -> tuple[float, ...]:
    """The mean of each hour of the week, which leans on those beside it as on one more week."""
    heard, asked = [0.0] * SLOTS, [0] * SLOTS
    for slot, n in counts:
        heard[slot] += n
        asked[slot] += 1
    rates = []
    for slot in range(SLOTS):
        near = [(weight, (slot + step) % SLOTS) for step, weight in ((-1, 1), (0, 2), (1, 1))]
        hours = sum(weight * asked[at] for weight, at in near)
        mean = sum(weight * heard[at] for weight, at in near) / hours if hours else 0.0
        rates.append((heard[slot] + mean) / (asked[slot] + 1))
    return tuple(rates)


def _patience(counts: Sequence[tuple[int, float]], rates: Sequence[float], weeks: float) -> float:
    total = sum(n for _slot, n in counts)
    patience = log(max(ONCE_IN * total / weeks, 1.0)) + 1
    silences = sorted(_silences(counts, rates))
    if silences:
        middle = silences[len(silences) // 2]
        beyond = silences[len(silences) // 2 :]
        excess = max(1.0, sum(one - middle for one in beyond) / len(beyond)) * (1 + 1 / sqrt(len(beyond)))
        by_chance = middle + excess * log(max(ONCE_IN * len(beyond) / weeks, 1.0))
        patience = max(patience, by_chance, silences[-1])
    return patience * (1 + 1 / sqrt(max(total, 1.0)))


def _silences(counts: Sequence[tuple[int, float]], rates: Sequence[float]) -> Iterator[float]:
    """Each run of empty hours in promised posts, with half of the hours in which it began and ended."""
    run, before = 0.0, 0.0
    is_empty = False
    for slot, n in counts:
        if not n:
            run, is_empty = run + rates[slot], True
            continue
        if is_empty:
            yield run + (before + rates[slot]) / 2
        run, before, is_empty = 0.0, rates[slot], False


def usual_until(rhythm: Rhythm, since: datetime, zone: ZoneInfo) -> datetime | None:
    """Until when silence since then is nothing unusual for this rhythm; None where it cannot tell."""
    left, moment, end = rhythm.patience, since, since + FURTHEST
    while moment < end:
        rate = rhythm.rates[slot_of(moment, zone)]
        following = next_hour(moment)
        promised = rate * ((following - moment) / _HOUR)
        if promised >= left > 0:
            return max(moment + left / rate * _HOUR, since + LEAST_SILENCE)
        left, moment = left - promised, following
    return None


def next_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR


def hours_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """The whole hours (UTC) that begin and end between two moments."""
    moment = next_hour(start) - _HOUR
    moment = moment if moment == start else next_hour(start)
    while moment + _HOUR <= end:
        yield moment
        moment += _HOUR
