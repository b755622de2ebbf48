"""What kills the parts of a running Siach during an import, and what must stand when all is over."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
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

FOUND_BY_PROC = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc, which is Linux's own")
PARTS = {"worker": "siach.launch.main worker", "web": "granian", "database": "postgres -D"}
_TEXTS = ("לומיקה, ההזמנה לא הגיעה", "I love my lamp from Lumika", "מתי פותחים בחיפה?", "המנורה הגיעה שבורה")


@dataclass
class Written:
    """What a file holds: its distinct posts by id, its repeats, and its refused rows by reason."""

    posts: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def write_file(path: Path, rng: random.Random, rows: int) -> Written:
    """So many rows: nine in ten are posts, the rest are repeats of earlier rows and rows that cannot be posts."""
    written, earlier = Written(), []
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "time", "author", "text"))
        for number in range(rows):
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


def is_over(siach: RunningSiach) -> bool:
    """The import is done and no batch is open; not while the database is away. AssertionError when it failed."""
    with suppress(psycopg.OperationalError):
        state, _row = import_state(siach)
        assert state != "failed", siach.said[-20_000:]
        return state == "done" and asked(siach, "SELECT count(*) FROM talk_batch WHERE done_at IS NULL") == [(0,)]
    return False


def exactly_its_rows_stand(siach: RunningSiach, written: Written, rows: int) -> None:
    """AssertionError where a row of the file is lost or doubled, or a count differs."""
    told = (rows, len(written.posts), written.repeats, written.refused.total())
    assert asked(siach, "SELECT row, taken, known, refused FROM talk_import") == [told]
    assert sum(told[1:]) == rows
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
