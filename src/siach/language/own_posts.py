"""Posts that stand in the package, by language: those written to train readers, and those kept to judge them."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def own_posts(folder: str, language: str) -> tuple[tuple[str, int], ...]:
    """(text, sentiment -1, 0 or 1) of `corpus` or `gold`, in the order of its file; none of a language without."""
    path = files(f"siach.language.{folder}").joinpath(f"{language}.tsv")
    if not path.is_file():
        return ()
    rows = csv.DictReader(path.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple((row["text"].replace("\\n", "\n"), int(row["sentiment"])) for row in rows)
