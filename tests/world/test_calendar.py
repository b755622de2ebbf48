"""The Hebrew calendar against days that are known."""

from datetime import date

import pytest

from siach.world.calendar import closed_days, day_of, holidays, is_leap


@pytest.mark.parametrize(
    ("year", "month", "day", "known"),
    [
        (5784, 7, 1, date(2023, 9, 16)),
        (5785, 7, 1, date(2024, 10, 3)),
        (5785, 9, 25, date(2024, 12, 26)),
        (5786, 7, 1, date(2025, 9, 23)),
        (5786, 12, 14, date(2026, 3, 3)),
        (5786, 1, 15, date(2026, 4, 2)),
        (5786, 3, 6, date(2026, 5, 22)),
        (5787, 7, 1, date(2026, 9, 12)),
        (5787, 9, 25, date(2026, 12, 5)),
        (5787, 13, 14, date(2027, 3, 23)),
        (5787, 1, 15, date(2027, 4, 22)),
    ],
)
def test_known_days(year: int, month: int, day: int, known: date) -> None:
    assert day_of(year, month, day) == known


def test_leap_years() -> None:
    assert [year for year in range(5780, 5800) if is_leap(year)] == [5782, 5784, 5787, 5790, 5793, 5795, 5798]


def test_holidays_of_a_stretch_come_in_order() -> None:
    found = holidays(date(2026, 7, 24), date(2026, 11, 24))
    assert [one.key for one in found] == ["rosh", "kippur", "sukkot", "hanukkah"]


def test_shabbat_holidays_and_their_eves_are_closed() -> None:
    closed = closed_days(date(2026, 9, 10), date(2026, 9, 22))
    assert closed[date(2026, 9, 11)] == "eve"
    assert closed[date(2026, 9, 12)] == closed[date(2026, 9, 13)] == "holiday"
    assert closed[date(2026, 9, 19)] == "shabbat"
    assert closed[date(2026, 9, 20)] == "eve"
    assert date(2026, 9, 22) not in closed
