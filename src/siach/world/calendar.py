"""The Hebrew calendar by its own arithmetic, and the days of it that a bakery lives by.

Days are ordinals as `date.toordinal` counts them. The rules are those of the fixed calendar: the mean conjunction
(29 days 12 hours 793 parts), and the postponements that keep New Year off Sunday, Wednesday and Friday and every
year at a length that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

#: The day before the first of Tishri of year 1, as an ordinal.
_EPOCH = -1373427
_DAY = 25920
_NISAN, _SIVAN, _TISHRI, _KISLEV, _ADAR = 1, 3, 7, 9, 12


@dataclass(frozen=True, slots=True)
class Holiday:
    """`days` from `first` on; on `rests` nothing opens. `kind` names its products, "" for none of its own; `lead`: days
    before it in which people speak of it."""

    key: str
    name: str
    first: date
    days: int
    rests: tuple[date, ...]
    kind: str
    lead: int


def is_leap(year: int) -> bool:
    """Whether a Hebrew year has thirteen months."""
    return (7 * year + 1) % 19 < 7


@lru_cache(maxsize=64)
def _elapsed(year: int) -> int:
    months = (235 * year - 234) // 19
    parts = 12084 + 13753 * months
    day = 29 * months + parts // _DAY
    return day + 1 if 3 * (day + 1) % 7 < 3 else day


def _new_year(year: int) -> int:
    before, this, after = _elapsed(year - 1), _elapsed(year), _elapsed(year + 1)
    late = 2 if after - this == 356 else 1 if this - before == 382 else 0
    return _EPOCH + this + late


def _length(year: int, month: int) -> int:
    """Days of a month; Nisan is 1, Tishri 7, Adar 12 and the second Adar 13."""
    whole = _new_year(year + 1) - _new_year(year)
    if month in (2, 4, 6, 10, 13) or (month == _ADAR and not is_leap(year)):
        return 29
    if month == 8:
        return 30 if whole in (355, 385) else 29
    if month == _KISLEV:
        return 29 if whole in (353, 383) else 30
    return 30


def day_of(year: int, month: int, day: int) -> date:
    """The civil day on which a Hebrew day is; it began on the evening before."""
    last = 13 if is_leap(year) else 12
    months = [*range(_TISHRI, last + 1), *range(1, _TISHRI)]
    passed = sum(_length(year, one) for one in months[: months.index(month)])
    return date.fromordinal(_new_year(year) + passed + day - 1)


def holidays(first: date, last: date) -> tuple[Holiday, ...]:
    """Those whose days, or the days in which people speak of them, touch first..last, in order."""
    years = range(first.year + 3760, last.year + 3762)
    found = sorted((one for year in years for one in _of(year)), key=lambda one: one.first)
    return tuple(
        one for one in found if one.first + timedelta(one.days) > first and one.first - timedelta(one.lead) <= last
    )


def _of(year: int) -> list[Holiday]:
    def made(
        key: str, name: str, month: int, day: int, days: int, rests: tuple[int, ...], kind: str, lead: int
    ) -> Holiday:
        first = day_of(year, month, day)
        return Holiday(key, name, first, days, tuple(first + timedelta(one) for one in rests), kind, lead)

    adar = 13 if is_leap(year) else _ADAR
    return [
        made("rosh", "ראש השנה", _TISHRI, 1, 2, (0, 1), "rosh", 18),
        made("kippur", "יום כיפור", _TISHRI, 10, 1, (0,), "", 0),
        made("sukkot", "סוכות", _TISHRI, 15, 8, (0, 7), "", 0),
        made("hanukkah", "חנוכה", _KISLEV, 25, 8, (), "hanukkah", 42),
        made("purim", "פורים", adar, 14, 2, (), "purim", 21),
        made("passover", "פסח", _NISAN, 15, 7, (0, 6), "passover", 14),
        made("shavuot", "שבועות", _SIVAN, 6, 1, (0,), "shavuot", 12),
    ]


def closed_days(first: date, last: date) -> dict[date, str]:
    """The days on which talk rests: `shabbat`, `holiday`, `eve`; and `passover`, on which no bread is sold."""
    found: dict[date, str] = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        if day.weekday() == 5:
            found[day] = "shabbat"
    for one in holidays(first, last):
        if one.key == "passover":
            found |= {one.first + timedelta(n): "passover" for n in range(one.days)}
        for rest in one.rests:
            found[rest] = "holiday"
            if found.get(rest - timedelta(1)) is None:
                found[rest - timedelta(1)] = "eve"
    return found
