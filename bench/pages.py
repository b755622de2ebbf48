"""Server time of the pages people keep open, at one and at ten million posts, and how it grows between the two."""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

from bench import _seed
from bench.figures import Figure, told_by

COMMAND = "./siach bench pages"
SMALL, LARGE = 1_000_000, 10_000_000
ROUNDS = 40
PAGES = (
    ("Today", "/"),
    ("Inbox", "/inbox/"),
    ("Stream, 90 days of counts", "/stream/?period=90"),
    ("Stream, negative complaints", "/stream/?sentiment=-1&intent=1"),
    ("search, a rare word", f"/stream/?q={_seed.RARE}"),
    ("search, a word of one post in a hundred", f"/stream/?q={_seed.COMMON}"),
    ("search, a word of two letters", f"/stream/?q={_seed.SHORT}"),
    ("search, negative and two words", f"/stream/?sentiment=-1&q={_seed.COMMON}+לומיקה"),
)


def measure() -> list[Figure]:
    """Each size in a process of its own, because it has a database of its own."""
    most = _seed.fitting(LARGE)
    small, large = (told_by("bench.pages", str(count), str(ROUNDS)) for count in (SMALL, most))
    figures = [
        Figure(f"{most:,} posts made", round(large["seconds"]), "s", 900, COMMAND, False),
        Figure(f"{most:,} posts on disk", round(large["bytes"] / 1e6), "MB", None, COMMAND, False),
    ]
    for name, _path in PAGES:
        median, p95 = large["pages"][name]
        grown = median / small["pages"][name][0]
        figures += [
            Figure(f"{name}: server time, median", median, "ms", 100, COMMAND, False, f"{most:,} posts"),
            Figure(f"{name}: server time, p95", p95, "ms", 300, COMMAND, False, f"{most:,} posts"),
            Figure(f"{name}: growth from {SMALL:,} posts", round(grown, 2), "ratio", 1.2, COMMAND, False),
        ]
    return figures


def _measured(count: int, rounds: int) -> dict[str, Any]:
    with _seed.body(count) as note:
        from django.test import Client

        from siach.org.models import User

        client = Client(SERVER_NAME="localhost", headers={"accept-encoding": "gzip"})
        user = User.objects.get(email=note["reader"])
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return note | {"pages": {name: _times(client, path, rounds) for name, path in PAGES}}


def _times(client: Any, path: str, rounds: int) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds, warm."""
    from django.core.cache import cache

    taken = []
    for _ in range(rounds + 3):
        cache.clear()  # it holds how often this reader searched of late: they ask for many people here
        began = time.perf_counter()
        response = client.get(path)
        taken.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}")
    warm = sorted(taken[3:])
    return round(statistics.median(warm), 1), round(warm[int(len(warm) * 0.95) - 1], 1)


if __name__ == "__main__":
    print(json.dumps(_measured(int(sys.argv[1]), int(sys.argv[2]))))
