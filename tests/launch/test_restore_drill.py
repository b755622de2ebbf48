"""The restore drill: a seeded Siach is copied and restored elsewhere, and every row and every file is the same.

SIACH_ROUNDS says how many rounds (default 1, and then a small one).
"""

import csv
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siach.launch.postgres import LocalPostgres
from tests.launch.test_backup import siach
from tests.running import prepared
from tests.same import differences, snapshot

pytestmark = pytest.mark.xdist_group("backup")

ROUNDS = int(os.environ.get("SIACH_ROUNDS", "1"))
ROWS, FILES = (8_000, 60) if "SIACH_ROUNDS" in os.environ else (400, 6)
LARGEST = 2_000_000  # bytes of a file
WORDS = ("לומיקה", "המנורה", "נשברה", "lamp", "love", "שירות", "מתי", "تأخير", "🙂", "\u200fRTL", "a\tb", "'\\\"")


def seeded(home: Path, folder: Path, rng: random.Random) -> None:
    """A Siach that has taken a file in, with media of random bytes."""
    until = datetime(2026, 11, 20, tzinfo=UTC)
    with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "time", "author", "text"))
        for number in range(ROWS):
            said = until - timedelta(seconds=rng.randrange(60 * 86_400))
            text = " ".join(rng.choices(WORDS, k=rng.randrange(1, 20)))
            out.writerow((number, f"{said:%Y-%m-%d %H:%M:%S}", f"fan{rng.randrange(500)}", f"לומיקה {text} {number}"))
    prepared(home)
    done = siach(home, "import", str(folder / "posts.csv"), "--network", "twitter", "--brand", "לומיקה")
    assert done.returncode == 0, done.stderr
    for number in range(FILES):
        path = home / "media" / f"{rng.randrange(256):02x}" / f"{number} תמונה.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rng.randbytes(rng.randrange(LARGEST)))


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_what_is_restored_is_the_same_row_for_row_and_byte_for_byte(seed: int, place: Path) -> None:
    was, now = place / "was", place / "now"
    seeded(was, place, random.Random(seed))
    with LocalPostgres(was / "postgres") as server:
        before = snapshot(server.dsn, was)
    assert (len(before.tables["talk_post"]), len(before.files)) == (ROWS, FILES)
    made = siach(was, "backup", str(place / "one.backup"), "--json")
    assert made.returncode == 0, made.stderr
    done = siach(now, "restore", str(place / "one.backup"), "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["holds"], done.stderr
    with LocalPostgres(now / "postgres") as server:
        assert differences(before, snapshot(server.dsn, now)) == []
    assert (now / "keyring.json").read_bytes() == (was / "keyring.json").read_bytes()
