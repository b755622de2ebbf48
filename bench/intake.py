"""Intake: posts a second through the whole pipeline, and as a share of a bare COPY of the very rows written."""

from __future__ import annotations

import io
import time
from datetime import timedelta

from bench.figures import NOW, Figure, founded, fresh_database, talk

COUNT = 40_000
PAGE = 1_000
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
    """Take COUNT posts in by pages of PAGE, carry each through every step, fold; then COPY the same rows."""
    with fresh_database():
        whole = _pipeline()
        bare = _bare_copy()
    rate = COUNT / whole
    command = "./siach bench intake"
    return [
        Figure("intake, whole pipeline", round(rate), "posts/s", 2000, command),
        Figure("intake against a bare COPY of the rows written", round(bare / whole, 3), "ratio", 0.40, command),
        Figure("bare COPY of the rows written", round(COUNT / bare), "posts/s", None, command),
    ]


def _pipeline() -> float:
    from siach.background import PIPELINE
    from siach.talk.actions.carrying import carry
    from siach.talk.actions.counting import fold
    from siach.talk.actions.taking import take_in

    _brand, source = founded()
    posts = talk(COUNT, brand="לומיקה")
    began = time.perf_counter()
    for start in range(0, COUNT, PAGE):
        taken = take_in(posts[start : start + PAGE], source=source, at=NOW + timedelta(seconds=start))
        for batch in taken.batches:
            carry(batch, PIPELINE, at=NOW)
        fold(at=NOW)
    return time.perf_counter() - began


def _bare_copy() -> float:
    """Empty the tables and COPY back exactly what stood in them, one COPY a table, keys and indexes in place."""
    from django.db import connection

    with connection.cursor() as cursor:
        rows = {}
        for table in TABLES:
            kept = io.BytesIO()
            with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT binary)") as out:
                for block in out:
                    kept.write(block)
            rows[table] = kept.getvalue()
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        began = time.perf_counter()
        for table in TABLES:
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as into:
                into.write(rows[table])
        return time.perf_counter() - began
