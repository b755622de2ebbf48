"""A whole running Siach whose parts are killed during an import, at seeded moments: then exactly the file's rows.

SIACH_ROUNDS says how many rounds (default 2). A round kills worker, web, database and supervisor once each with
SIGKILL, in an order and at moments of its own, the first of them while rows are being taken.
"""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from siach.launch.postgres import LocalPostgres
from siach.launch.processes import command_line
from tests.networks.bluesky_server.server import wait_for
from tests.running import ROOT

if TYPE_CHECKING:
    from tests.running import RunningSiach

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc, which is Linux's own"),
]

ROUNDS = int(os.environ.get("SIACH_ROUNDS", "2"))
ROWS = 8_000
PATIENCE = 120  # seconds; a lost job is found within 30 of its worker's silence, a batch that stands still within 60
PARTS = {"worker": "siach.launch.main worker", "web": "granian", "database": "postgres -D"}
TARGETS = (*PARTS, "supervisor")
_TEXTS = ("לומיקה, ההזמנה לא הגיעה", "I love my lamp from Lumika", "מתי פותחים בחיפה?", "המנורה הגיעה שבורה")


@dataclass
class Written:
    """What a file holds: its distinct posts by id, its repeats, and its refused rows by reason."""

    posts: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def write_file(path: Path, rng: random.Random) -> Written:
    """ROWS rows: nine in ten are posts, the rest are repeats of earlier rows and rows that cannot be posts."""
    written, earlier = Written(), []
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "time", "author", "text"))
        for number in range(ROWS):
            said = datetime.now(UTC) - timedelta(seconds=rng.randrange(60, 30 * 86400))
            author, text = f"fan{rng.randrange(900)}", f"{rng.choice(_TEXTS)} {number}"
            row = [str(number), f"{said:%Y-%m-%d %H:%M:%S}", author, text]
            kind = rng.choices(("post", "repeat", "text", "time", "cells"), (90, 6, 2, 1, 1))[0]
            if kind == "repeat" and earlier:
                row = rng.choice(earlier)
                written.repeats += 1
            elif kind in ("post", "repeat"):
                earlier.append(row)
                written.posts[row[0]] = row[3]
            else:
                row = {"text": [*row[:3], " "], "time": [row[0], "yesterday", *row[2:]], "cells": row[:2]}[kind]
                written.refused[kind] += 1
            out.writerow(row)
    return written


def asked(siach: RunningSiach, question: str) -> list[tuple[object, ...]]:
    """The rows that a statement gives; OperationalError while the database is away."""
    with psycopg.connect(LocalPostgres(siach.home / "postgres").dsn, connect_timeout=5) as connection:
        return connection.execute(question).fetchall()


def import_state(siach: RunningSiach) -> tuple[str, int]:
    """State and last committed row of the import; away while the database is."""
    with suppress(psycopg.OperationalError):
        ((state, row),) = asked(siach, "SELECT state, row FROM talk_import")
        return str(state), int(str(row))
    return "away", 0


def hand_in(siach: RunningSiach, path: Path) -> None:
    command = [sys.executable, "-m", "tests.journeys.handed_in", str(path)]
    subprocess.run(command, env=siach.env, cwd=ROOT, check=True, timeout=60)


def pid_of(siach: RunningSiach, target: str) -> int | None:
    """The process id of a part that runs now: the supervisor, or one of its own children."""
    if target == "supervisor":
        return siach.pid
    children = Path(f"/proc/{siach.pid}/task/{siach.pid}/children").read_text().split()
    return next((int(pid) for pid in children if PARTS[target] in (command_line(int(pid)) or "")), None)


def kill(siach: RunningSiach, target: str) -> None:
    """SIGKILL one part; the supervisor brings its children back by itself, and we the supervisor."""
    if target == "supervisor":
        siach.kill()
        siach.start()
    else:
        os.kill(wait_for(lambda: pid_of(siach, target), f"the {target} runs"), signal.SIGKILL)


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


def is_over(siach: RunningSiach) -> bool:
    """The import is done and no batch is open. AssertionError when it failed."""
    state, _row = import_state(siach)
    assert state != "failed", asked(siach, "SELECT error FROM talk_import")
    return state == "done" and asked(siach, "SELECT count(*) FROM talk_batch WHERE done_at IS NULL") == [(0,)]


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_killed_anywhere_exactly_the_rows_of_the_file_stand(seed: int, siach: RunningSiach, tmp_path: Path) -> None:
    rng = random.Random(seed)
    written = write_file(tmp_path / "posts.csv", rng)
    hand_in(siach, tmp_path / "posts.csv")
    kill_all_in_turn(siach, rng)
    wait_for(lambda: import_state(siach)[0] != "away", "the database answers")
    let_a_minute_pass(siach)
    wait_for(lambda: is_over(siach), "the import is done and no batch is open", PATIENCE)

    told = (ROWS, len(written.posts), written.repeats, written.refused.total())
    assert asked(siach, "SELECT row, taken, known, refused FROM talk_import") == [told]
    assert sum(told[1:]) == ROWS
    assert sorted(asked(siach, "SELECT key, text FROM talk_post")) == sorted(written.posts.items())
    assert asked(siach, "SELECT count(*), count(DISTINCT post_id) FROM talk_mention") == [(told[1], told[1])]
    refused = asked(siach, "SELECT reason, count(DISTINCT row) FROM talk_refusedrow GROUP BY reason")
    assert dict(refused) == dict(written.refused)
    assert asked(siach, "SELECT count(*) FROM talk_refusedrow") == [(told[3],)]
    checked = json.loads(siach.command("check", "--json").stdout)
    assert checked["equal"] and not checked["open_batches"] and not checked["posts_left"]
    assert wait_for(lambda: answers(siach), "the web answers")


def answers(siach: RunningSiach) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(siach.address, follow_redirects=True, timeout=5).status_code == 200
    return False
