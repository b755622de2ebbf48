"""A reader's score set right for one place."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.calc.calibration import Calibration, Judged, Three, apply, fit, undo


def shares(values: list[float]) -> Three:
    total = sum(values)
    return values[0] / total, values[1] / total, values[2] / total


scores = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(shares)
places = st.builds(
    Calibration,
    st.tuples(*[st.floats(0.2, 5)] * 3),
    st.tuples(*[st.floats(-3, 3)] * 3),
)


def drawn(place: Calibration, count: int, seed: int = 1) -> list[Judged]:
    """Posts of a place where the score is off as `place` says."""
    rng = random.Random(seed)
    rows = []
    for _one in range(count):
        p = shares([rng.expovariate(1) + 0.01 for _class in range(3)])
        said = rng.choices(range(3), apply(place, p))[0]
        rows.append(Judged(p, (float(said == 0), float(said == 1), float(said == 2))))
    return rows


@given(scores, places)
def test_it_sums_to_one_and_can_be_undone(p: Three, place: Calibration) -> None:
    q = apply(place, p)
    assert sum(q) == pytest.approx(1)
    if min(q) > 0.001:
        assert undo(place, q) == pytest.approx(p, abs=1e-6)


@given(scores, places, st.integers(0, 2), st.floats(1.01, 5))
def test_more_of_a_class_before_is_never_less_of_it_after(p: Three, place: Calibration, k: int, more: float) -> None:
    grown = shares([x * more if i == k else x for i, x in enumerate(p)])
    assert apply(place, grown)[k] >= apply(place, p)[k] - 1e-9


def test_what_people_said_moves_the_score_towards_them_and_few_move_it_little() -> None:
    place = Calibration((1.0, 1.0, 1.0), (1.5, 0.0, -1.5))
    few, many = fit(drawn(place, 10)), fit(drawn(place, 400))
    even = (1 / 3, 1 / 3, 1 / 3)
    true = apply(place, even)[0]
    assert 1 / 3 < apply(few, even)[0] < apply(many, even)[0] < true + 0.05
    assert apply(many, even)[0] == pytest.approx(true, abs=0.1)


def test_a_score_that_is_right_stays_about_as_it_is_and_none_is_the_identity() -> None:
    assert fit([]) == Calibration()
    p = (0.2, 0.5, 0.3)
    assert apply(fit(drawn(Calibration(), 400)), p) == pytest.approx(p, abs=0.06)
