"""What every kind of handed-in file is read as: a shape, and rows under columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_RECORD = 32_000_000  # characters
HEAD = 256_000
SAMPLE = 200


class CannotRead(Exception):
    """The file is no table of posts. The message is an English msgid, for a person."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How to read a file: its encoding, its delimiter (`jsonlines.MARK`: an object a line), its columns in order."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Row `number` (the first below the header is 1). `broken`: it is no row of this table; `why` is the code."""

    number: int
    cells: list[str]
    broken: bool
    why: str = "cells"


def column_name(cell: str) -> str:
    """A cell as the name of a column: one line, 120 letters at most."""
    return " ".join(cell.replace("\0", " ").replace("\ufeff", "").split())[:120]


def unique(names: Iterable[str]) -> Iterator[str]:
    """Names for all columns, none twice: text, text (2)."""
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        name = name or f"({place})"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"
