"""What a source used of a budget, and what that does to its beat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from siach.calc.spending import end_of, forecast, start_of, thrift

GMT = ZoneInfo("UTC")
PACIFIC = ZoneInfo("America/Los_Angeles")
AT = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)


def test_a_period_ends_by_the_clock_of_whoever_sells_it() -> None:
    assert (start_of(AT, "month", GMT), end_of(AT, "month", GMT)) == (
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
    )
    assert end_of(AT, "day", GMT) == datetime(2026, 11, 17, tzinfo=UTC)
    assert end_of(AT, "day", PACIFIC) == datetime(2026, 11, 16, 8, tzinfo=UTC)
    assert end_of(datetime(2026, 12, 31, 23, tzinfo=UTC), "month", GMT) == datetime(2027, 1, 1, tzinfo=UTC)


def test_half_a_month_costs_half_of_it() -> None:
    assert forecast(600, AT, GMT) == pytest.approx(1200)
    assert forecast(600, AT, GMT, since=AT - timedelta(days=5)) == pytest.approx(600 * 20 / 5)
    assert forecast(600, AT, GMT, since=AT - timedelta(hours=3)) is None
    assert forecast(0, AT, GMT) == 0


def test_the_last_fifth_is_spread_over_what_is_left() -> None:
    day = timedelta(days=1)
    assert thrift(79, 100, 79, day) == 0
    assert thrift(80, 100, 80, day) == pytest.approx(86_400 / 20)
    assert thrift(99.99, 100, 100, day) == pytest.approx(86_400)
    assert thrift(80, 100, 0, day) > 0 and thrift(5, 0, 5, day) == 0
    found = [thrift(spent, 100, spent, day) for spent in range(80, 101)]
    assert found == sorted(found)
