"""A disk that fills up under a running Siach during an import: said on the page, and with room again all of it stands.

It mounts a small file system in memory, which only root may: `./siach soak` names this file.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from siach.launch.home import cache_folder
from tests.journeys.killing import exactly_its_rows_stand, hand_in, import_state, is_over, write_file
from tests.networks.bluesky_server.server import wait_for
from tests.running import RunningSiach, prepared, running_siach

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.journey
ROUNDS = int(os.environ.get("SIACH_ROUNDS", "1"))
ROWS = 40_000
SIZE = "600m"
FULL = 60  # seconds


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk in memory; the test is skipped by name where it cannot be mounted."""
    parent = cache_folder() / "runs"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=711", "tmpfs", folder]
        if subprocess.run(mount, capture_output=True).returncode != 0:
            pytest.skip("this machine lacks the right to mount a file system in memory")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=False)


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    filler = disk / "filler"
    with filler.open("ab") as file, suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)
            file.flush()
    return filler


def health(siach: RunningSiach) -> tuple[int, list[str]]:
    with suppress(httpx.HTTPError, ValueError):
        answer = httpx.get(f"{siach.address}/health", timeout=30)
        return answer.status_code, answer.json()["problems"]
    return 0, []


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_a_full_disk_is_told_and_loses_nothing(seed: int, disk: Path, tmp_path: Path) -> None:
    prepared(disk / "home")
    with running_siach(disk / "home") as siach:
        rng = random.Random(seed)
        written = write_file(tmp_path / "posts.csv", rng, ROWS)
        hand_in(siach, tmp_path / "posts.csv")
        wait_for(lambda: import_state(siach)[1] > 2_000, "the import goes on", 60)
        time.sleep(rng.uniform(0, 2))
        filler = fill(disk)
        end = time.monotonic() + FULL
        told = []
        while time.monotonic() < end:
            filler = fill(disk)  # what the database gives back is taken too
            told.append(health(siach))
            time.sleep(2)
        print(sorted({str(one) for one in told}), import_state(siach), flush=True)
        assert all(status != 200 for status, _problems in told), "it says so as long as it is full"
        filler.unlink()
        wait_for(lambda: is_over(siach), "the import is done and no batch is open", 240)
        exactly_its_rows_stand(siach, written, ROWS)
