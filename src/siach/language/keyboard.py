"""Hebrew typed on the Latin layout of a keyboard, and the reverse: the same keys, read by the other layout.

The layouts are SI-1452 (the standard Hebrew one) and US English; each letter stands for one other, so offsets stay.
"""

from __future__ import annotations

import re

from siach.language.clean import HEBREW_LETTERS, key
from siach.language.frequency import ENGLISH, frequencies

_LATIN_KEYS = "qwertyuiopasdfghjkl;'zxcvbnm,./"
_HEBREW_KEYS = "/'קראטוןםפשדגכעיחלךף,זסבהנמצתץ."
_TO_HEBREW = str.maketrans(_LATIN_KEYS, _HEBREW_KEYS)
_TO_LATIN = str.maketrans(_HEBREW_KEYS, _LATIN_KEYS)
_NO_WORD = re.compile(r"[@#:\d]|www\.")
_HEBREW = re.compile(f"[{HEBREW_LETTERS}]")
_LATIN = re.compile("[a-z]")
LEAST_WORDS = 2
HEBREW_SHARE, ENGLISH_SHARE = 0.6, 0.3  # of the words meant that must be known; few of English are listed


def by_hebrew_layout(typed: str) -> str:
    """What Latin keys, in lower or upper case, type on the Hebrew layout."""
    return typed.lower().translate(_TO_HEBREW)


def by_latin_layout(typed: str) -> str:
    """What the keys of Hebrew letters type on the Latin layout."""
    return typed.translate(_TO_LATIN)


def unswitched(text: str) -> str | None:
    """The text as it was meant, if it was typed on the wrong layout: as long as the text, so that offsets hold. None
    where it reads well as it stands, or no better on the other layout."""
    lower = text.lower()
    if len(lower) != len(text):
        return None
    latin, hebrew = len(_LATIN.findall(lower)), len(_HEBREW.findall(lower))
    if latin > 4 * hebrew:
        return _meant_hebrew(lower)
    if hebrew > 4 * latin:
        return _meant_english(lower)
    return None


def _meant_hebrew(lower: str) -> str | None:
    typed = _typed(lower)
    known = frequencies()
    meant = [key(by_hebrew_layout(word.strip("!?"))).strip(",./'") for word in typed]
    as_typed = [word.strip(",.;!?") in ENGLISH for word in typed]
    as_meant = [known.is_known(word) for word in meant if len(word) > 1]
    return by_hebrew_layout(lower) if _reads_better(as_meant, as_typed, HEBREW_SHARE) else None


def _meant_english(lower: str) -> str | None:
    typed = _typed(lower)
    known = frequencies()
    as_typed = [known.is_known(key(word).strip(",./'!?")) for word in typed if len(word) > 1]
    as_meant = [by_latin_layout(word.strip("!?")).strip(",.;'/") in ENGLISH for word in typed]
    return by_latin_layout(lower) if _reads_better(as_meant, as_typed, ENGLISH_SHARE) else None


def _typed(lower: str) -> list[str]:
    """Words that were typed as such: no handles, links, numbers; of the first two thousand characters."""
    return [word for word in lower[:2_000].split() if not _NO_WORD.search(word)]


def _reads_better(as_meant: list[bool], as_typed: list[bool], share: float) -> bool:
    """Whether enough words are known on the other layout, and more than twice as many as on this one."""
    known = sum(as_meant)
    return known >= LEAST_WORDS and known >= share * len(as_meant) and known > 2 * sum(as_typed)
