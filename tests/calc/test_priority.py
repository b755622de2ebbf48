"""Priorities and clocks."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.calc.priority import PRIORITIES, Intent, clock, first_reply_target, priority, reply_target

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ({"safety": True, "intent": "praise", "negative": 0.0, "urgency": 0}, 1),
        ({"safety": False, "intent": "complaint", "negative": 0.95, "urgency": 0}, 2),
        ({"safety": False, "intent": "complaint", "negative": 0.6, "urgency": 2}, 2),
        ({"safety": False, "intent": "other", "negative": 0.7, "urgency": 3}, 2),
        ({"safety": False, "intent": "complaint", "negative": 0.6, "urgency": 0, "repeat": True}, 2),
        ({"safety": False, "intent": "complaint", "negative": 0.6, "urgency": 1}, 3),
        ({"safety": False, "intent": "question", "negative": 0.2, "urgency": 2}, 4),
        ({"safety": False, "intent": "question", "negative": 0.2, "urgency": 0, "repeat": True}, 4),
        ({"safety": False, "intent": "other", "negative": 0.95, "urgency": 0}, 4),
        ({"safety": False, "intent": "boycott", "negative": 0.3, "urgency": 0}, 2),
        ({"safety": False, "intent": "attack", "negative": 0.6, "urgency": 0, "repeat": True}, 2),
        ({"safety": False, "intent": "attack", "negative": 0.6, "urgency": 0}, 3),
        ({"safety": False, "intent": "request", "negative": 0.6, "urgency": 1}, 4),
        ({"safety": False, "intent": "defence", "negative": 0.6, "urgency": 1}, 5),
        ({"safety": False, "intent": "praise", "negative": 0.0, "urgency": 0}, 5),
    ],
)
def test_what_makes_a_case_grave(reading, expected):
    assert priority(**reading) == expected


@given(
    intent=st.sampled_from(get_args(Intent)),
    negative=st.floats(0, 1),
    urgency=st.integers(0, 3),
    repeat=st.booleans(),
)
def test_nothing_is_graver_than_safety_and_a_repeat_is_never_milder(intent, negative, urgency, repeat):
    found = priority(intent=intent, negative=negative, urgency=urgency, safety=False, repeat=repeat)
    once = priority(intent=intent, negative=negative, urgency=urgency, safety=False)
    assert 1 < found <= once <= 5
    assert priority(intent=intent, negative=negative, urgency=urgency, safety=True, repeat=repeat) == 1


def test_the_targets_of_practice():
    minutes = [first_reply_target(p) / timedelta(minutes=1) for p in PRIORITIES]
    assert minutes == [10, 30, 60, 240, 1440]
    assert reply_target(3, answered=True) == timedelta(minutes=90)
    with pytest.raises(KeyError):
        first_reply_target(6)


@pytest.mark.parametrize(
    ("minutes", "warned", "level"),
    [
        (0, 0, "calm"),
        (29, 0, "calm"),
        (30, 50, "soon"),
        (47, 50, "soon"),
        (48, 80, "soon"),
        (60, 100, "late"),
        (90, 100, "late"),
    ],
)
def test_a_clock_warns_at_half_and_at_four_fifths(minutes, warned, level):
    read = clock(AT, 3, AT + timedelta(minutes=minutes))
    assert (read.warned, read.level) == (warned, level)
    assert read.left == timedelta(minutes=60 - minutes)
    assert read.share == pytest.approx(max(0, 1 - minutes / 60))


def test_a_post_from_a_clock_that_runs_ahead_has_its_whole_time():
    read = clock(AT, 1, AT - timedelta(minutes=2))
    assert (read.share, read.level) == (1.0, "calm")
