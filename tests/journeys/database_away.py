"""A database on another machine that is gone for a minute during an import: it goes on by itself, and all of it stands.

Too long for every run: `./siach soak` names this file.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from pathlib import Path

import pytest

from siach.launch.home import cache_folder
from siach.launch.postgres import LocalPostgres
from tests.journeys.killing import exactly_its_rows_stand, hand_in, import_state, is_over, write_file
from tests.networks.bluesky_server.server import wait_for
from tests.running import OnADatabaseOfItsOwn, prepared

pytestmark = pytest.mark.journey
ROUNDS = int(os.environ.get("SIACH_ROUNDS", "1"))
ROWS = 40_000
AWAY = 60  # seconds


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_a_minute_without_the_database_loses_nothing(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    parent = cache_folder() / "runs"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        prepared(Path(folder) / "home")
        with LocalPostgres(Path(folder) / "home" / "postgres") as database:
            siach = OnADatabaseOfItsOwn(Path(folder) / "home", database.url)
            try:
                siach.start()
                written = write_file(tmp_path / "posts.csv", rng, ROWS)
                hand_in(siach, tmp_path / "posts.csv")
                wait_for(lambda: import_state(siach)[1] > 2_000, "the import goes on", 60)
                time.sleep(rng.uniform(0, 2))
                database.stop()
                time.sleep(AWAY)
                database.start()
                wait_for(lambda: is_over(siach), "the import is done and no batch is open", 240)
                exactly_its_rows_stand(siach, written, ROWS)
            finally:
                siach.stop()
