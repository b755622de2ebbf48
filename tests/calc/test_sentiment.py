"""Net sentiment and its interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.calc.sentiment import net_sentiment, wilson

counts = st.integers(0, 100_000)


def test_no_opinion_has_no_value_and_says_nothing() -> None:
    assert net_sentiment(0, 0) == (None, 0, -100, 100)


def test_known_values_of_wilsons_interval() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 20)[0] == 0 and round(wilson(0, 20)[1], 4) == 0.1611


def test_the_middle_of_the_scale_is_zero() -> None:
    net = net_sentiment(50, 50)
    assert net.value == 0 and net.n == 100 and net.low == pytest.approx(-net.high)


@given(counts, counts)
def test_the_interval_holds_the_value_within_the_scale(negative: int, positive: int) -> None:
    net = net_sentiment(negative, positive)
    assert -100 <= net.low <= net.high <= 100
    if net.value is not None:
        assert net.low - 1e-9 <= net.value <= net.high + 1e-9


@given(counts, counts)
def test_swapping_the_tones_turns_the_sign(negative: int, positive: int) -> None:
    one, other = net_sentiment(negative, positive), net_sentiment(positive, negative)
    assert one.low == pytest.approx(-other.high) and one.high == pytest.approx(-other.low)


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_ten_times_the_mentions_narrow_the_interval(negative: int, positive: int) -> None:
    few, many = net_sentiment(negative, positive), net_sentiment(10 * negative, 10 * positive)
    assert many.high - many.low < few.high - few.low


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError):
        net_sentiment(-1, 3)
