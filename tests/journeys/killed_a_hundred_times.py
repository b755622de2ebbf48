"""A large import while worker, web and database are killed again and again, whatever they do just then.

Too long for every run: `./siach soak` names this file. SIACH_ROUNDS says how many kills (default 100).
"""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.journeys.killing import (
    PARTS,
    exactly_its_rows_stand,
    hand_in,
    import_state,
    is_over,
    kill,
    pid_of,
    write_file,
)
from tests.networks.bluesky_server.server import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import RunningSiach

pytestmark = pytest.mark.journey
KILLS = int(os.environ.get("SIACH_ROUNDS", "100"))
ROWS = 3_000 * KILLS
APART = 3  # seconds, at most, between a step forward and the next kill
MOVED = 45  # seconds after which the next kill comes even where nothing moved
PATIENCE = 900


def test_killed_a_hundred_times_exactly_the_rows_of_the_file_stand(siach: RunningSiach, tmp_path: Path) -> None:
    rng = random.Random(KILLS)
    written = write_file(tmp_path / "posts.csv", rng, ROWS)
    hand_in(siach, tmp_path / "posts.csv")
    wait_for(lambda: import_state(siach)[1] > 0, "the import goes on")
    began, reached = time.monotonic(), 0
    for number in range(1, KILLS + 1):
        reached = moved_on(siach, reached)
        time.sleep(rng.uniform(0, APART))
        # What was killed again and again is started again by and by: it is the turn of another.
        target = rng.choice([part for part in PARTS if pid_of(siach, part)])
        kill(siach, target)
        print(f"{time.monotonic() - began:.0f} s, kill {number}, the {target}: row {reached:,}", flush=True)
    wait_for(lambda: is_over(siach), "the import is done and no batch is open", PATIENCE)
    exactly_its_rows_stand(siach, written, ROWS)


def moved_on(siach: RunningSiach, reached: int) -> int:
    """Wait until the import is beyond this row, so that a kill strikes work; where it is now."""
    end = time.monotonic() + MOVED
    while (row := import_state(siach)[1]) <= reached and time.monotonic() < end:
        time.sleep(0.1)
    return max(row, reached)
