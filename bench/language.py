"""How right and how quick the embedded reader is, with the gates that are held and the floors beside.

Sets are looked for in the folder of `--data`; what is not there is left out. Nothing here is tuned on what it measures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bench import _names, _readers, _swift
from bench.figures import Figure

COMMAND = "./siach bench language"


def measure() -> Iterator[Figure]:
    """Speed and size, then Siach's own posts, then the public sets."""
    yield from _swift.figures()
    yield from (_figure(row, "posts/s") for row in _names.speeds())
    yield from _readers.own()
    data = os.environ.get("SIACH_BENCH_DATA")
    if data:
        yield from _readers.public(Path(data))
        yield from (_figure(row) for row in _names.rows(Path(data)))


def _figure(row: _names.Row, unit: str = "") -> Figure:
    return Figure(f"{row.task}: {row.metric}", round(row.value, 3), unit, row.gate, COMMAND)
