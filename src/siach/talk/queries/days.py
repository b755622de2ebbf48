"""A brand's own days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date

    from siach.org.models import Brand


def day_bounds(brand: Brand, day: date) -> tuple[datetime, datetime]:
    """The instants at which a day begins and ends in the brand's zone: 23 to 25 hours apart."""
    zone = ZoneInfo(brand.zone)
    after = day + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone), datetime(
        after.year, after.month, after.day, tzinfo=zone
    )
