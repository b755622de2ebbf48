"""The words of a hashtag that is written without marks between them."""

from __future__ import annotations

import re
from collections.abc import Container

from siach.language.clean import HEBREW_LETTERS, key
from siach.language.frequency import Frequencies

MOST = 60  # letters of a hashtag that is looked into
_HEBREW = re.compile(f"[{HEBREW_LETTERS}]+")
_CASE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\da-zA-Z_]+")


def split(tag: str, known: Frequencies, names: Container[str] = ()) -> list[str]:
    """The words of a hashtag, its `#` aside: by marks, by capital letters, and by words that are known or are names
    (keys), the fewest possible. A run of letters that no known words make up stands whole."""
    parts = _CASE.findall(tag.lstrip("#"))
    return [word for part in parts for word in (_words(part, known, names) if _HEBREW.fullmatch(part) else [part])]


def _words(run: str, known: Frequencies, names: Container[str]) -> list[str]:
    found, at = [], 0
    for word in best_split(key(run), known, names) or (run,):
        found.append(run[at : at + len(word)])
        at += len(word)
    return found


def best_split(run: str, known: Frequencies, names: Container[str] = ()) -> tuple[str, ...] | None:
    """The fewest words of two letters and more, known or names, that a run of Hebrew letters is made of."""
    if len(run) > MOST:
        return None
    best: list[tuple[str, ...] | None] = [(), *([None] * len(run))]
    for end in range(2, len(run) + 1):
        for start in range(max(0, end - 14), end - 1):
            before, word = best[start], run[start:end]
            if before is None or not (word in names or known.is_known(word)):
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, word)
    return best[len(run)]
