"""Quiet hours and days of rest: whatever was asked, the first open moment is open, and none before it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.calc.rest import Rest, holiday, is_day_of_rest, is_rest, open_from

JERUSALEM = ZoneInfo("Asia/Jerusalem")
NIGHT = Rest(JERUSALEM, time(22), time(7))
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 365 * 1440).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
rests = st.builds(
    Rest,
    zone=st.sampled_from([JERUSALEM, ZoneInfo("Europe/London"), ZoneInfo("America/New_York")]),
    quiet_from=st.none() | st.times(),
    quiet_to=st.none() | st.times(),
    keeps_holidays=st.booleans(),
)


@pytest.fixture(autouse=True, scope="module")
def reckoned() -> None:
    """The holidays of a year are reckoned once, by whoever asks first; no test is to be timed with that."""
    for year in range(BEGIN.year, BEGIN.year + 5):
        holiday(date(year, 1, 1))


def wall(text: str, zone: ZoneInfo = JERUSALEM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@given(moments, rests)
def test_the_first_open_moment_is_open_and_none_before_it(at: datetime, rest: Rest) -> None:
    opens = open_from(at, rest)
    assert opens >= at
    assert not is_rest(opens, rest)
    assert (opens == at) is (not is_rest(at, rest))
    steps = int((opens - at) / timedelta(minutes=7))
    assert all(is_rest(at + timedelta(minutes=7) * step, rest) for step in range(steps))


@given(moments, rests)
def test_nobody_rests_longer_than_a_week(at: datetime, rest: Rest) -> None:
    assert open_from(at, rest) - at < timedelta(days=7)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-24 09:41", "2026-11-24 09:41"),  # a Tuesday
        ("2026-11-24 23:10", "2026-11-25 07:00"),
        ("2026-11-25 06:59", "2026-11-25 07:00"),
        ("2026-11-27 13:59", "2026-11-27 13:59"),  # Friday, before the eve
        ("2026-11-27 14:00", "2026-11-28 20:30"),
        ("2026-11-28 20:30", "2026-11-28 20:30"),
        ("2026-09-11 15:00", "2026-09-13 20:30"),  # Rosh Hashanah on Shabbat and Sunday
    ],
)
def test_a_night_and_a_day_of_rest(at: str, opens: str) -> None:
    assert open_from(wall(at), NIGHT) == wall(opens)


def test_a_night_on_which_the_clock_is_set_back() -> None:
    """25.10.2026, 02:00 becomes 01:00: the quiet hours end at the second half past one too."""
    rest = Rest(JERUSALEM, time(23), time(1, 30), keeps_holidays=False)
    second = datetime(2026, 10, 25, 1, 10, tzinfo=JERUSALEM, fold=1).astimezone(UTC)
    assert open_from(second, rest) - second == timedelta(minutes=20)


def test_the_holidays_by_their_names() -> None:
    assert holiday(date(2026, 9, 21), "he") == "יום כיפור"
    assert holiday(date(2026, 9, 21)) == "Yom Kippur"
    assert not holiday(date(2026, 11, 28))
    assert is_day_of_rest(date(2026, 11, 28))
    assert not is_day_of_rest(date(2026, 11, 27))
