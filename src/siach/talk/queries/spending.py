"""What a source cost so far, beside its cap, and where that leads by the end of the month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from siach.calc.spending import forecast
from siach.talk import connections

if TYPE_CHECKING:
    from datetime import date, datetime

    from siach.talk.connections import Price
    from siach.talk.models import Source


@dataclass(frozen=True, slots=True)
class Spent:
    """In the units that are shown. `cap` is of a `per`; `forecast` is what the month will have cost."""

    unit: str
    per: str
    today: float
    month: float
    cap: float | None
    own_cap: float | None
    forecast: float | None

    @property
    def used(self) -> float:
        return self.today if self.per == "day" else self.month

    @property
    def share(self) -> float:
        return min(1.0, self.used / self.cap) if self.cap else 0.0

    @property
    def is_over(self) -> bool:
        """Whether the month leads beyond its cap."""
        return bool(self.per == "month" and self.cap and self.forecast and self.forecast > self.cap)


def cap_of(source: Source) -> int | None:
    """The cap that holds: the manager's, or the network's own where that is lower or alone."""
    price = connections.price(source.network)
    caps = [cap for cap in (source.cap, price.most if price else None) if cap is not None]
    return min(caps, default=None)


def spent_of(source: Source, price: Price) -> tuple[int, int]:
    """Units and calls of the running period."""
    if price.per == "day":
        return source.cost_day, source.calls_day
    return source.cost_month, source.calls_month


def calls_today(source: Source, *, at: datetime) -> int:
    return source.calls_day if source.counted_on == _today(source, at) else 0


def cost_of(source: Source, *, at: datetime) -> Spent | None:
    """None where listening is free."""
    price = connections.price(source.network)
    if price is None:
        return None
    zone, today, counted = ZoneInfo(price.zone), _today(source, at), source.counted_on
    is_month = counted is not None and (counted.year, counted.month) == (today.year, today.month)
    month = source.cost_month if is_month else 0
    rests = source.rests_until is not None and source.rests_until > at
    ahead = None if rests else forecast(month, at, zone, since=source.connected_at)
    cap = cap_of(source)
    return Spent(
        unit=gettext(price.unit),
        per=price.per,
        today=(source.cost_day if counted == today else 0) / price.scale,
        month=month / price.scale,
        cap=None if cap is None else cap / price.scale,
        own_cap=None if source.cap is None else source.cap / price.scale,
        forecast=None if ahead is None else ahead / price.scale,
    )


def _today(source: Source, at: datetime) -> date:
    price = connections.price(source.network)
    return at.astimezone(ZoneInfo(price.zone if price else "UTC")).date()
