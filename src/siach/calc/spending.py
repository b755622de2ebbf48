"""What a source used of a budget, where that leads, and how it is slowed before it runs out."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Per = Literal["day", "month"]
#: From this share of its cap on, a source spreads what is left over the time that is left.
THRIFTY = 0.8


def start_of(at: datetime, per: Per, zone: ZoneInfo) -> datetime:
    """When the running period began."""
    here = at.astimezone(zone)
    return _midnight(here.date().replace(day=1) if per == "month" else here.date(), zone)


def end_of(at: datetime, per: Per, zone: ZoneInfo) -> datetime:
    """When the running period ends and the budget begins anew."""
    day = at.astimezone(zone).date()
    days = monthrange(day.year, day.month)[1] - day.day + 1 if per == "month" else 1
    return _midnight(day + timedelta(days=days), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def forecast(spent: float, at: datetime, zone: ZoneInfo, *, since: datetime | None = None) -> float | None:
    """What the month will have cost at its end if it goes on so; None within the first day of listening in it."""
    end = end_of(at, "month", zone)
    start = max(start_of(at, "month", zone), since) if since else start_of(at, "month", zone)
    elapsed, whole = (at - start).total_seconds(), (end - start).total_seconds()
    return spent * whole / elapsed if elapsed >= 86_400 else None


def thrift(spent: float, cap: float, calls: int, left: timedelta) -> float:
    """Seconds between two calls so that the rest of a cap lasts for the rest of its period; 0 below 80 % of it.

    `calls`: how many calls that was spent on."""
    if cap <= 0 or spent < THRIFTY * cap:
        return 0.0
    per_call = spent / calls if calls > 0 else 1.0
    more = (cap - spent) / per_call if per_call > 0 else 0.0
    return left.total_seconds() / max(more, 1.0)
