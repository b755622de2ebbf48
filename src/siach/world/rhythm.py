"""When people speak: by the hour, the day of the week, Shabbat, holidays and weather of Israel."""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from siach.world.calendar import Holiday, closed_days, holidays

ZONE = ZoneInfo("Asia/Jerusalem")
DAYS = 122
HOUR = 3600
#: Posts an hour against the mean, from midnight on.
_WEEKDAY = (
    0.42,
    0.22,
    0.12,
    0.08,
    0.08,
    0.18,
    0.5,
    0.95,
    1.25,
    1.32,
    1.3,
    1.25,
    1.3,
    1.25,
    1.15,
    1.12,
    1.18,
    1.3,
    1.42,
    1.55,
    1.75,
    1.8,
    1.45,
    0.9,
)
_FRIDAY = (
    0.45,
    0.25,
    0.12,
    0.1,
    0.14,
    0.4,
    1.1,
    2.0,
    2.7,
    3.1,
    3.1,
    2.9,
    2.6,
    2.3,
    1.8,
    1.3,
    0.8,
    0.5,
    0.4,
    0.42,
    0.45,
    0.5,
    0.45,
    0.35,
)
_SHABBAT = (
    0.25,
    0.15,
    0.08,
    0.06,
    0.06,
    0.08,
    0.12,
    0.22,
    0.35,
    0.45,
    0.5,
    0.5,
    0.5,
    0.48,
    0.45,
    0.42,
    0.45,
    0.55,
    0.8,
    1.25,
    1.6,
    1.65,
    1.3,
    0.8,
)
_BY_WEEKDAY = (0.98, 1.0, 1.0, 1.12, 1.3, 1.0, 1.05)  # Monday first
_WARMTH = (12, 13, 16, 21, 25, 28, 31, 31, 29, 26, 20, 14)
_WET = (0.42, 0.38, 0.25, 0.1, 0.04, 0.0, 0.0, 0.0, 0.03, 0.13, 0.27, 0.38)


@dataclass(frozen=True, slots=True)
class Day:
    """A day in Israel. `kind`: "", eve, shabbat, holiday or passover. `holiday`: the one that people speak of, and
    `near` how much (0 to 1). `warmth` in degrees."""

    date: date
    kind: str
    warmth: int
    is_wet: bool
    holiday: Holiday | None
    near: float

    @property
    def is_breadless(self) -> bool:
        """Whether it is Passover, and every bakery is closed."""
        one = self.holiday
        return one is not None and one.key == "passover" and one.first <= self.date < one.first + timedelta(one.days)


class Rhythm:
    """The hours of a world; times are seconds since 1970."""

    def __init__(self, rng: Random, end: datetime) -> None:
        self.end = end.timestamp()
        last = end.astimezone(ZONE).date()
        opened = datetime.combine(last - timedelta(DAYS - 1), time(), ZONE)
        self.start = opened.astimezone(UTC).timestamp()
        closed = closed_days(opened.date(), last + timedelta(2))
        feasts = [one for one in holidays(opened.date(), last) if one.kind]
        self._days: list[Day] = []
        self._rates: list[float] = []
        self._local: list[tuple[int, int]] = []
        mood: dict[date, float] = {}
        for number in range(int(self.end - self.start) // HOUR + 1):
            local = datetime.fromtimestamp(self.start + number * HOUR, ZONE)
            day = local.date()
            if day not in mood:
                mood[day] = rng.gammavariate(22, 1 / 22)
                self._days.append(_day(rng, day, closed.get(day, ""), feasts))
            self._local.append((len(self._days) - 1, local.hour))
            calm = 0.35 if self._days[-1].is_breadless else 1.0
            self._rates.append(calm * mood[day] * _curve(self._days[-1])[local.hour] * _BY_WEEKDAY[day.weekday()])
        self._sums = list(accumulate(self._rates))

    def day(self, at: float) -> Day:
        return self._days[self._local[self._index(at)][0]]

    def hour(self, at: float) -> int:
        """The hour on the clock in Israel."""
        return self._local[self._index(at)][1]

    def rate(self, at: float) -> float:
        """How much is said then, against the mean of a weekday."""
        return self._rates[self._index(at)]

    def any(self, rng: Random) -> float:
        """A time of the world, as likely as much is said then."""
        number = min(bisect(self._sums, rng.random() * self._sums[-1]), len(self._sums) - 1)
        return min(self.start + (number + rng.random()) * HOUR, self.end - 1)

    def awake(self, rng: Random, at: float) -> float:
        """This time, or a later one when people are awake."""
        while at < self.end and rng.random() > self.rate(at) * 1.1 + 0.02:
            at += HOUR * (0.3 + rng.random())
        return at

    def office(self, rng: Random, at: float) -> float:
        """This time, or the next in which somebody is at work."""
        if self.is_office(at):
            return at
        while at < self.end and not self.is_office(at):
            at += HOUR * (0.5 + rng.random())
        later = at + rng.expovariate(1 / (1.4 * HOUR))
        return later if later < self.end and self.is_office(later) else at

    def is_open(self, at: float) -> bool:
        """Whether the brand would show its bread then."""
        return self.is_office(at) and not self.day(at).is_breadless

    def is_office(self, at: float) -> bool:
        """Whether the brand's people are at work then."""
        day = self.day(at)
        until = {"shabbat": 0, "holiday": 0, "eve": 14}.get(day.kind, 15 if day.date.weekday() == 4 else 22)
        return 8 <= self.hour(at) < until

    def plain_week(self, days_ago: int, weekday: int) -> int:
        """So many days before the end or more, on which this weekday is, and four plain days follow."""
        for ago in range(days_ago, DAYS - 8):
            following = [self._days[-1 - ago + n] for n in range(4)]
            if following[0].date.weekday() == weekday and not any(one.kind for one in following):
                return ago
        return days_ago

    def clock(self, days_ago: int, hour: float, weekday: int | None = None) -> float:
        """That hour in Israel, so many days before the end; on the last such weekday (Monday is 0) up to then."""
        day = self._days[-1].date - timedelta(days_ago)
        if weekday is not None:
            day -= timedelta((day.weekday() - weekday) % 7)
        found = datetime.combine(day, time(), ZONE) + timedelta(hours=hour)
        return max(self.start, min(found.astimezone(UTC).timestamp(), self.end - 60))

    def _index(self, at: float) -> int:
        return max(0, min(int(at - self.start) // HOUR, len(self._local) - 1))


def _curve(day: Day) -> tuple[float, ...]:
    if day.kind in ("shabbat", "holiday") or (day.kind == "passover" and day.date.weekday() == 5):
        return _SHABBAT
    return _FRIDAY if day.kind == "eve" or day.date.weekday() == 4 else _WEEKDAY


def _day(rng: Random, day: date, kind: str, feasts: list[Holiday]) -> Day:
    warmth = round(_WARMTH[day.month - 1] + rng.gauss(0, 2.6))
    is_wet = rng.random() < _WET[day.month - 1]
    for one in feasts:
        ahead = (one.first - day).days
        if -one.days < ahead <= one.lead:
            near = 1.0 if ahead <= 1 else math.exp(-ahead / (0.35 * one.lead + 1))
            return Day(day, kind, warmth, is_wet, one, near)
    return Day(day, kind, warmth, is_wet, None, 0.0)
