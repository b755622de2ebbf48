"""Intake: posts a second from a network's page to the counts, sustained, and as a share of a bare COPY of those rows.

One process takes pages in, as `listen` does, and the product's own worker carries them, as in every Siach. Posts are
made while it goes on, at the cost of whoever takes them in.
"""

from __future__ import annotations

import itertools
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import NOW, Figure, folder_of, founded, fresh_database, talk, worker

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = "./siach bench intake"
SECONDS = 600
PAGE = 1_000
POOL = 20_000  # posts made at a time
MOST_WAITING = 30  # batches; a network's pages wait for them as they would at a source
TABLES = (
    "talk_author",
    "talk_thread",
    "talk_post",
    "talk_rawpost",
    "talk_postmetrics",
    "talk_mention",
    "talk_countfive",
    "talk_counthour",
    "talk_countday",
)


def measure() -> list[Figure]:
    with fresh_database():
        count, whole = _pipeline()
        bare = _bare_copy()
    note = f"{count:,} posts in {whole:,.0f} s"
    return [
        Figure("intake to counts, sustained", round(count / whole), "posts/s", 2000, COMMAND, True, note),
        Figure("intake against a bare COPY of the rows written", round(bare / whole, 2), "ratio", 0.40, COMMAND),
        Figure("bare COPY of the rows written", round(count / bare), "posts/s", None, COMMAND),
    ]


def _pipeline() -> tuple[int, float]:
    """Take pages in for `SECONDS`, then wait until everything is counted. Returns the posts, and the seconds."""
    from siach.talk.actions.taking import take_in
    from siach.talk.models import Batch, CountDelta

    _brand, source = founded()
    count = 0
    with worker("read") as process:
        began = time.perf_counter()
        for number in itertools.count():
            posts = talk(POOL, brand="לומיקה", seed=number, moved=datetime.now(UTC) - NOW)
            for start in range(0, POOL, PAGE):
                count += take_in(posts[start : start + PAGE], source=source, at=datetime.now(UTC)).new
                _wait(process, lambda: Batch.objects.filter(done_at=None).count() < MOST_WAITING)
            if time.perf_counter() - began > SECONDS:
                break
        _wait(process, lambda: not Batch.objects.filter(done_at=None).exists() and not CountDelta.objects.exists())
        return count, time.perf_counter() - began


def _wait(process: subprocess.Popen[bytes], until: Callable[[], bool]) -> None:
    while not until():
        if process.poll() is not None:
            raise SystemExit("The worker ended; what it said stands above.")
        time.sleep(0.02)


def _bare_copy() -> float:
    """Empty the tables and COPY back exactly what stood in them, one COPY a table, keys and indexes in place."""
    from django.db import connection

    with tempfile.TemporaryDirectory(dir=folder_of("").parent) as kept, connection.cursor() as cursor:
        for table in TABLES:
            with (
                cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT binary)") as out,
                _file(kept, table).open("wb") as file,
            ):
                for block in out:
                    file.write(block)
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        began = time.perf_counter()
        for table in TABLES:
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as into, _file(kept, table).open("rb") as file:
                while block := file.read(1 << 20):
                    into.write(block)
        return time.perf_counter() - began


def _file(folder: str, table: str) -> Path:
    return Path(folder) / table
