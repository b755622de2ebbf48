"""Calendar months, by which reports are cut in a brand's own zone."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Brand

_CODE = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class Month(NamedTuple):
    year: int
    month: int

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.back(-1).first - timedelta(days=1)

    @property
    def code(self) -> str:
        """As addresses carry it: 2026-11."""
        return f"{self.year:04}-{self.month:02}"

    def back(self, n: int) -> Month:
        """The month that was `n` months earlier."""
        year, month = divmod(12 * self.year + self.month - 1 - n, 12)
        return Month(year, month + 1)


def month_of(brand: Brand, at: datetime) -> Month:
    """The month that holds a moment, by the brand's own clock."""
    here = at.astimezone(ZoneInfo(brand.zone))
    return Month(here.year, here.month)


def read_month(code: str) -> Month | None:
    """The month that a code names, within a few centuries; None for anything else."""
    found = _CODE.fullmatch(code)
    month = Month(*map(int, found.groups())) if found else None
    return month if month and 1900 <= month.year <= 2200 and 1 <= month.month <= 12 else None
