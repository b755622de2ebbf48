"""A source's rhythm, and how long its silence is nothing unusual."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from siach.calc.rhythm import SLOTS, Rhythm, hours_between, learn, slot_of, usual_until

ZONE = ZoneInfo("Asia/Jerusalem")
START = datetime(2026, 1, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def heard(weeks: float, mean: float, seed: int = 0, *, burst: int = 1) -> list[tuple[int, int]]:
    """Hours of a source that is loud by day, calm by night and mute on Shabbat."""
    rng = random.Random(seed)
    found = []
    for hour in hours_between(START, START + timedelta(weeks=weeks)):
        slot = slot_of(hour, ZONE)
        day, clock = divmod(slot, 24)
        share = 0.0 if day == 5 else 0.1 if clock < 7 else 1.5
        n = sum(rng.random() < mean * share / burst / 20 for _ in range(20)) * burst
        found.append((slot, n))
    return found


def test_the_hours_of_the_week_by_the_clock_of_the_place() -> None:
    assert slot_of(here("2026-11-23 00:30"), ZONE) == 0, "Monday's midnight"
    assert slot_of(datetime(2026, 11, 22, 22, 30, tzinfo=UTC), ZONE) == 0
    assert slot_of(here("2026-11-28 10:00"), ZONE) == 5 * 24 + 10


def test_a_holiday_is_a_saturday_and_its_eve_a_friday() -> None:
    assert slot_of(here("2026-09-21 10:00"), ZONE) == 5 * 24 + 10, "Yom Kippur, a Monday"
    assert slot_of(here("2026-09-20 16:00"), ZONE) == 4 * 24 + 16
    assert slot_of(here("2026-09-20 09:00"), ZONE) == 6 * 24 + 9, "the morning of the eve is a Sunday's"


def test_two_weeks_are_needed() -> None:
    assert learn(heard(1.9, 2)) is None
    assert learn(heard(2, 2)) is not None


def test_nothing_heard_promises_nothing() -> None:
    rhythm = learn([(slot % SLOTS, 0) for slot in range(4 * SLOTS)])
    assert rhythm is not None and sum(rhythm.rates) == 0
    assert usual_until(rhythm, START, ZONE) is None


def test_night_and_shabbat_are_silent_as_usual() -> None:
    rhythm = learn(heard(8, 3))
    assert rhythm is not None
    by_day = usual_until(rhythm, here("2026-11-24 10:00"), ZONE)
    on_friday = usual_until(rhythm, here("2026-11-27 23:50"), ZONE)
    assert by_day is not None and by_day - here("2026-11-24 10:00") < timedelta(hours=8)
    assert on_friday is not None and on_friday > here("2026-11-29 00:00"), "Shabbat promises nothing"


def test_the_louder_the_source_the_sooner_its_silence_tells() -> None:
    since = here("2026-11-24 10:00")
    waits = []
    for mean in (0.2, 1, 6):
        rhythm = learn(heard(8, mean))
        assert rhythm is not None
        until = usual_until(rhythm, since, ZONE)
        assert until is not None
        waits.append(until - since)
    assert waits == sorted(waits, reverse=True) and waits[-1] >= timedelta(minutes=30)


def test_a_source_that_speaks_in_bursts_is_waited_for_longer() -> None:
    even, bursts = learn(heard(8, 1)), learn(heard(8, 1, burst=6))
    assert even is not None and bursts is not None and bursts.patience > 1.5 * even.patience


def test_one_storm_is_no_rhythm() -> None:
    hours = heard(8, 1)
    slot, _n = hours[500]
    stormy = learn([*hours[:500], (slot, 5000), *hours[501:]])
    calm = learn(hours)
    assert stormy is not None and calm is not None
    assert sum(stormy.rates) < 1.1 * sum(calm.rates)


@pytest.mark.parametrize("seed", range(8))
def test_false_alarms_are_rare(seed: int) -> None:
    """Eight more weeks of the very source: in the long run one silence in half a year goes beyond what is usual."""
    hours = heard(16, 1.5, seed)
    rhythm = learn(hours[: 8 * SLOTS])
    assert rhythm is not None
    moments = list(hours_between(START, START + timedelta(weeks=16)))
    spoken = [moment + HOUR / 2 for moment, (_slot, n) in zip(moments, hours, strict=True) if n][-300:]
    until = [usual_until(rhythm, moment, ZONE) for moment in spoken]
    alarms = sum(1 for end, following in zip(until, spoken[1:], strict=False) if end is not None and end < following)
    assert alarms <= 2


@pytest.mark.parametrize("seed", range(30))
def test_any_history_gives_finite_figures(seed: int) -> None:
    rng = random.Random(seed)
    top = rng.choice((0, 1, 3, 10**6))
    slots = rng.choice((SLOTS, 1, 24))
    hours = [(rng.randrange(slots), rng.choice((0, rng.randint(0, top)))) for _ in range(rng.randint(336, 1344))]
    rhythm = learn(hours)
    assert rhythm is not None and len(rhythm.rates) == SLOTS
    assert all(math.isfinite(rate) and rate >= 0 for rate in rhythm.rates)
    assert math.isfinite(rhythm.patience) and rhythm.patience >= 1
    since = START + timedelta(seconds=rng.randrange(10**7))
    until = usual_until(rhythm, since, ZONE)
    assert until is None or since + timedelta(minutes=30) <= until <= since + timedelta(weeks=6)


def test_a_longer_silence_is_never_less_unusual() -> None:
    rhythm = Rhythm(tuple(0.5 + (slot % 24) / 12 for slot in range(SLOTS)), 9.0)
    since = here("2026-11-24 10:00")
    ends = [usual_until(rhythm, since + timedelta(minutes=7 * step), ZONE) for step in range(200)]
    assert all(end is not None for end in ends) and ends == sorted(ends)  # type: ignore[type-var]


def test_only_whole_hours_are_learnt_from() -> None:
    found = list(hours_between(here("2026-11-24 10:20"), here("2026-11-24 13:05")))
    assert found == [here("2026-11-24 11:00"), here("2026-11-24 12:00")]
    assert list(hours_between(START, START + 2 * HOUR)) == [START, START + HOUR]
