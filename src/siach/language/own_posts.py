"""Posts that stand in the package, by language: those written to train readers, and those kept to judge them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path


def table(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a tab-separated file without quoting; `\\n` and `\\t` in `text` become what they stand for."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield {**row, "text": row["text"].replace("\\n", "\n").replace("\\t", "\t")}


def file_of(folder: str, name: str) -> Path:
    """Where a file of `corpus` or `gold` stands, or would stand: `he`, `he-news`, `en`."""
    return Path(str(files(f"siach.language.{folder}").joinpath(f"{name}.tsv")))


@cache
def own_posts(folder: str, language: str) -> tuple[tuple[str, int], ...]:
    """(text, sentiment -1, 0 or 1) of `corpus` or `gold`, in the order of its file; none of a language without."""
    path = file_of(folder, language)
    return tuple((row["text"], int(row["sentiment"])) for row in table(path)) if path.is_file() else ()
