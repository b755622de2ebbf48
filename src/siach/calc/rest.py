"""When nobody is to be called: quiet hours, and Shabbat and the Israeli holidays with their eves.

A day of rest begins at 14:00 on its eve and ends at 20:30, after dark in every month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EVE = time(14, 0)
DARK = time(20, 30)
_DAY = timedelta(days=1)
_SATURDAY = 5
_LANGUAGES = {"he": "he", "en": "en_US"}
# Three days of rest, each night between them, and the hours round them.
_LONGEST_CHAIN = 16


@dataclass(frozen=True, slots=True)
class Rest:
    """What one person asked for. No quiet hours when either is None or both are the same."""

    zone: ZoneInfo
    quiet_from: time | None = None
    quiet_to: time | None = None
    keeps_holidays: bool = True


@lru_cache(maxsize=32)
def _holidays(year: int, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays("IL", years=year, language=_LANGUAGES.get(language, "en_US")))


def holiday(day: date, language: str = "en") -> str:
    """The holiday's name in Hebrew ("he") or English, "" on any other day. Shabbat is none."""
    return _holidays(day.year, language).get(day, "")


def is_day_of_rest(day: date) -> bool:
    """Whether the day is Saturday or a public holiday in Israel."""
    return day.weekday() == _SATURDAY or bool(holiday(day))


def open_from(at: datetime, rest: Rest) -> datetime:
    """The first moment from `at` on at which the person may be called: `at` itself when it is one."""
    moment = at
    for _step in range(_LONGEST_CHAIN):
        end = _end(moment, rest)
        if end is None:
            return moment
        moment = end
    return moment


def is_rest(at: datetime, rest: Rest) -> bool:
    return _end(at, rest) is not None


def _end(at: datetime, rest: Rest) -> datetime | None:
    """When the rest in which `at` lies ends, None outside of any; always later than `at`."""
    wall = at.astimezone(rest.zone).replace(tzinfo=None)
    ends = [end for end in (_holy_end(wall) if rest.keeps_holidays else None, _quiet_end(wall, rest)) if end]
    if not ends:
        return None
    end = max(ends)
    first = end.replace(tzinfo=rest.zone).astimezone(at.tzinfo)
    # An hour that the clock shows twice: its first time may lie behind us.
    return first if first > at else end.replace(tzinfo=rest.zone, fold=1).astimezone(at.tzinfo)


def _holy_end(wall: datetime) -> datetime | None:
    for day in (wall.date(), wall.date() + _DAY):
        if is_day_of_rest(day) and datetime.combine(day - _DAY, EVE) <= wall < datetime.combine(day, DARK):
            return datetime.combine(day, DARK)
    return None


def _quiet_end(wall: datetime, rest: Rest) -> datetime | None:
    begins, ends = rest.quiet_from, rest.quiet_to
    if begins is None or ends is None or begins == ends:
        return None
    now, today = wall.time(), wall.date()
    if begins < ends:
        return datetime.combine(today, ends) if begins <= now < ends else None
    if now >= begins:
        return datetime.combine(today + _DAY, ends)
    return datetime.combine(today, ends) if now < ends else None
