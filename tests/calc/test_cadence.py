"""How often a source is asked, from what it brings and what is usual."""

from __future__ import annotations

import math
import random

import pytest

from siach.calc.cadence import FASTEST, SLOWEST, USUAL, floor_of, is_hot, pace, tail


@pytest.mark.parametrize(("mean", "least"), [(0.2, 4), (0.5, 5), (1, 6), (2, 9), (5, 14), (10, 22), (20, 36)])
def test_the_tail_gives_the_known_counts(mean: float, least: int) -> None:
    assert tail(least, mean) <= 0.001 < tail(least - 1, mean)


def test_what_comes_faster_than_its_rhythm_is_hot() -> None:
    assert is_hot(6, 1.0) and not is_hot(5, 1.0) and not is_hot(2, 0.0) and is_hot(3, 0.0)
    assert not is_hot(500, None), "nobody knows what is usual"
    assert pace(30, 5.0).heat == "hot" and pace(30, 5.0).seconds == FASTEST


def test_the_more_is_expected_the_oftener_it_is_asked() -> None:
    found = [pace(0, usual).seconds for usual in (0.0, 0.5, 3, 10, 20, 40, 100, 500)]
    assert found == sorted(found, reverse=True) and found[0] == SLOWEST and found[-1] == FASTEST
    assert pace(10, 10.0).seconds == 3.0 and pace(0, 1.0).heat == "quiet" and pace(10, 10.0).heat == "usual"


def test_without_a_rhythm_the_beat_is_the_usual_one() -> None:
    assert (pace(0, None).seconds, pace(0, None).heat) == (USUAL, "usual")


def test_a_hot_brand_keeps_its_quiet_sources_awake() -> None:
    assert pace(0, 0.1, brand_is_hot=True).seconds == USUAL
    assert pace(0, 0.1, brand_is_hot=True).heat == "hot"
    assert pace(100, 100.0, brand_is_hot=True).seconds == FASTEST


def test_the_limit_of_the_network_stands_above_all() -> None:
    assert floor_of(300, 300, 6) == 12.0, "300 calls in 5 minutes for six sources, half of them for people"
    assert pace(90, 1.0, floor=12.0).seconds == 12.0 and pace(0, 0.0, floor=90.0).seconds == 90.0
    assert floor_of(0, 300, 1) == SLOWEST and floor_of(300, 300, 0) == 2.0


@pytest.mark.parametrize("seed", range(20))
def test_any_figures_give_a_beat_within_the_bounds(seed: int) -> None:
    rng = random.Random(seed)
    recent, usual = rng.choice((0, rng.randint(0, 10**5))), rng.choice((None, 0.0, rng.uniform(0, 10**5), 1e-9))
    found = pace(recent, usual, brand_is_hot=rng.random() < 0.5)
    assert math.isfinite(found.seconds) and FASTEST <= found.seconds <= SLOWEST
    assert 0 <= tail(recent, usual or 0.0) <= 1
