"""The usual range of each hour of a day."""

import random

from hypothesis import given
from hypothesis import strategies as st

from siach.calc.series import usual_band

days = st.lists(st.lists(st.integers(0, 500), min_size=24, max_size=24), min_size=2, max_size=8)


def test_one_day_is_too_little() -> None:
    assert usual_band([[5] * 24]) is None
    assert usual_band([]) is None


def test_a_silent_hour_has_no_band_and_a_steady_one_is_inside_its_own() -> None:
    assert usual_band([[0] * 24] * 4) == [(0, 0)] * 24
    for low, high in usual_band([[20] * 24] * 4) or []:
        assert 12 < low < 20 < high < 28


@given(days)
def test_a_band_is_a_range_that_holds_the_smoothed_mean(past: list[list[float]]) -> None:
    band = usual_band(past)
    assert band is not None and len(band) == 24
    for hour, (low, high) in enumerate(band):
        near = [day[other] for day in past for other in (hour - 1, hour, hour + 1) if 0 <= other < 24]
        assert 0 <= low <= high
        assert low <= max(near) + 1e-9 and high >= min(near) - 1e-9


def test_a_skipped_hour_is_left_out_of_the_mean() -> None:
    whole: list[float | None] = [10.0] * 24
    short = [*whole[:2], None, *whole[3:]]
    assert usual_band([whole, short]) == usual_band([whole, whole])


def test_days_that_scatter_widen_the_band() -> None:
    steady = usual_band([[10] * 24] * 4)
    wild = usual_band([[2] * 24, [18] * 24, [4] * 24, [16] * 24])
    assert steady and wild and wild[12][1] > steady[12][1]


def test_eight_of_ten_new_days_fall_inside() -> None:
    rng = random.Random(7)

    def day(mean: float) -> list[float | None]:
        return [float(sum(rng.random() < mean / 200 for _ in range(200))) for _ in range(24)]

    inside = total = 0
    for _ in range(150):
        band = usual_band([day(12) for _ in range(4)]) or []
        for count, (low, high) in zip(day(12), band, strict=True):
            inside += low <= (count or 0) <= high
            total += 1
    assert 0.74 < inside / total < 0.88
