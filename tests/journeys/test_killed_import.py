"""A whole running Siach whose parts are killed during an import, at seeded moments: then exactly the file's rows.

SIACH_ROUNDS says how many rounds (default 2). A round kills worker, web, database and supervisor once each with
SIGKILL, in an order and at moments of its own, the first of them while rows are being taken.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.killing import (
    FOUND_BY_PROC,
    PARTS,
    asked,
    exactly_its_rows_stand,
    hand_in,
    import_state,
    is_over,
    kill,
    write_file,
)
from tests.networks.bluesky_server.server import wait_for

if TYPE_CHECKING:
    from tests.running import RunningSiach

pytestmark = [pytest.mark.journey, FOUND_BY_PROC]

ROUNDS = int(os.environ.get("SIACH_ROUNDS", "2"))
ROWS = 8_000
PATIENCE = 120  # seconds; a lost job is found within 30 of its worker's silence, a batch that stands still within 60
TARGETS = (*PARTS, "supervisor")


def kill_all_in_turn(siach: RunningSiach, rng: random.Random) -> None:
    """Each part once. The first falls while rows are being taken, the others as Siach comes back."""
    first, *others = rng.sample(TARGETS, len(TARGETS))
    row = rng.randrange(1_000, 6_000)
    wait_for(lambda: import_state(siach)[1] >= row - row % 1_000, f"row {row} is near")
    time.sleep(rng.uniform(0, 0.4))
    state, reached = import_state(siach)
    assert state == "running" and reached < ROWS, "the import was over before the first kill"
    kill(siach, first)
    for target in others:
        time.sleep(rng.uniform(0, 5))
        kill(siach, target)


def let_a_minute_pass(siach: RunningSiach) -> None:
    """For the batches that stand still: a minute is how long they are left to their own job."""
    asked(siach, "UPDATE talk_batch SET made_at = made_at - interval '1 minute' WHERE done_at IS NULL RETURNING id")


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_killed_anywhere_exactly_the_rows_of_the_file_stand(seed: int, siach: RunningSiach, tmp_path: Path) -> None:
    rng = random.Random(seed)
    written = write_file(tmp_path / "posts.csv", rng, ROWS)
    hand_in(siach, tmp_path / "posts.csv")
    kill_all_in_turn(siach, rng)
    wait_for(lambda: import_state(siach)[0] != "away", "the database answers")
    let_a_minute_pass(siach)
    wait_for(lambda: is_over(siach), "the import is done and no batch is open", PATIENCE)

    exactly_its_rows_stand(siach, written, ROWS)
