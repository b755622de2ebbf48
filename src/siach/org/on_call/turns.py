"""Shifts laid out on the calendar: turns, gaps between them, who is on now."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from siach.calc.rest import holiday, is_day_of_rest
from siach.org.models import Shift
from siach.org.rights import members

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siach.org.models import Brand, User

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """One occurrence of a shift; its moments are aware, in the brand's zone."""

    shift: Shift
    starts: datetime
    ends: datetime

    @property
    def ends_next_day(self) -> bool:
        return self.ends.date() > self.starts.date()


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar. `holiday` is its name, "" on others; `is_eve`: a day of rest begins on it."""

    date: date
    turns: tuple[Turn, ...]
    holiday: str
    is_rest: bool
    is_eve: bool


@dataclass(frozen=True, slots=True)
class Gap:
    starts: datetime
    ends: datetime


def turns(shifts: Iterable[Shift], zone: str, first: date, days: int) -> list[Turn]:
    """Every turn that touches these days, by its begin."""
    here = zoneinfo.ZoneInfo(zone)
    found = [
        Turn(shift, *_hours(shift, day, here))
        for shift in shifts
        for day in (first + _DAY * n for n in range(-1, days))
        if _falls_on(shift, day)
    ]
    midnight = datetime.combine(first, datetime.min.time(), tzinfo=here)
    return sorted((turn for turn in found if turn.ends > midnight), key=lambda turn: (turn.starts, turn.shift.pk or 0))


def _falls_on(shift: Shift, day: date) -> bool:
    if not shift.is_weekly:
        return day == shift.day
    return day >= shift.day and day.weekday() == shift.day.weekday() and (shift.until is None or day <= shift.until)


def _hours(shift: Shift, day: date, zone: zoneinfo.ZoneInfo) -> tuple[datetime, datetime]:
    last = day if shift.ends > shift.begins else day + _DAY
    return datetime.combine(day, shift.begins, tzinfo=zone), datetime.combine(last, shift.ends, tzinfo=zone)


def gaps(covered: Sequence[Turn], starts: datetime, ends: datetime) -> list[Gap]:
    """The hours from `starts` to `ends` in which nobody is on; the turns come by their begin."""
    found, at = [], starts
    for turn in covered:
        if turn.starts > at:
            found.append(Gap(at, min(turn.starts, ends)))
        at = max(at, turn.ends)
        if at >= ends:
            return found
    if at < ends:
        found.append(Gap(at, ends))
    return found


def calendar(brand: Brand, *, at: datetime, days: int) -> tuple[list[Day], list[Gap]]:
    """The coming days of a brand, and what nobody covers of them from now on; no gaps where there is no shift."""
    here = zoneinfo.ZoneInfo(brand.zone)
    now = at.astimezone(here)
    first = now.date()
    shifts = shifts_of(brand)
    laid = turns(shifts, brand.zone, first, days)
    language = get_language() or "he"
    shown = [
        Day(
            date=day,
            turns=tuple(turn for turn in laid if turn.starts.date() == day or (day == first and turn.starts < now)),
            holiday=holiday(day, language),
            is_rest=is_day_of_rest(day),
            is_eve=is_day_of_rest(day + _DAY) and not is_day_of_rest(day),
        )
        for day in (first + _DAY * n for n in range(days))
    ]
    end = datetime.combine(first + _DAY * days, datetime.min.time(), tzinfo=here)
    return shown, gaps(laid, now.replace(second=0, microsecond=0), end) if shifts else []


def shifts_of(brand: Brand) -> list[Shift]:
    return list(Shift.objects.filter(brand=brand).select_related("user", "deputy").order_by("day", "begins", "pk"))


def on_now(brand: Brand, *, at: datetime, deputies: bool = False) -> list[User]:
    """Who is on call for the brand at this moment, with their deputies when asked; nobody twice, nobody who left."""
    today = at.astimezone(zoneinfo.ZoneInfo(brand.zone)).date()
    now = [turn.shift for turn in turns(shifts_of(brand), brand.zone, today, 1) if turn.starts <= at < turn.ends]
    asked = [user for shift in now for user in (shift.user, shift.deputy if deputies else None) if user is not None]
    here = set(members(brand.org, "today.read").filter(pk__in=[user.pk for user in asked]).values_list("pk", flat=True))
    return list({user.pk: user for user in asked if user.pk in here}.values())
