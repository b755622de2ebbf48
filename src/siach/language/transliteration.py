"""Hebrew names in Latin letters and Latin names in Hebrew letters: the likely spellings, the likeliest first.

Hebrew writes few vowels, so one spelling stands for many; what is offered here is a bounded list of those that people
write, to be tried where a name is looked for, never a rewriting of a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, product

MOST = 48  # spellings of a name in the other script
LOOKED_AT = 20_000
_LATIN_OF = {
    "א": ("a", ""), "ב": ("b", "v"), "ג": ("g",), "ד": ("d",), "ה": ("h", ""), "ו": ("o", "u", "v"), "ז": ("z",),
    "ח": ("h", "ch"), "ט": ("t",), "י": ("i", "y"), "כ": ("k", "ch"), "ל": ("l",), "מ": ("m",), "נ": ("n",),
    "ס": ("s",), "ע": ("a", ""), "פ": ("p", "f"), "צ": ("tz", "ts"), "ק": ("k", "c"), "ר": ("r",), "ש": ("sh", "s"),
    "ת": ("t",),
}  # fmt: skip
_HEBREW_PARTS = re.compile("sch|sh|ch|tz|ts|th|ph|ck|oo|ee|ou|ai|ay|ei|ey|[a-z]")
_HEBREW_OF = {
    "sch": ("ש",), "sh": ("ש",), "ch": ("צ'", "ח", "כ"), "tz": ("צ",), "ts": ("צ",), "th": ("ת",), "ph": ("פ",),
    "ck": ("ק",), "oo": ("ו",), "ee": ("י",), "ou": ("ו",), "ai": ("יי",), "ay": ("יי",), "ei": ("יי",), "ey": ("י",),
    "a": ("", "א"), "b": ("ב",), "c": ("ק",), "d": ("ד",), "e": ("",), "f": ("פ",), "g": ("ג",), "h": ("ה",),
    "i": ("י",), "j": ("ג'",), "k": ("ק",), "l": ("ל",), "m": ("מ",), "n": ("נ",), "o": ("ו",), "p": ("פ",),
    "q": ("ק",), "r": ("ר",), "s": ("ס",), "t": ("ט", "ת"), "u": ("ו",), "v": ("ו", "ב"), "w": ("וו",), "x": ("קס",),
    "y": ("י",), "z": ("ז",),
}  # fmt: skip
_CONSONANT = frozenset("bcdfghjklmnpqrstvxz")


def in_latin(word: str) -> list[str]:
    """Latin spellings of one Hebrew word given as a key; none where it has other letters than Hebrew ones."""
    if not word or any(letter not in _LATIN_OF for letter in word):
        return []
    choices = [_latin_letter(word, at) for at in range(len(word))]
    gaps = [("", "a", "e") if _has_gap(word, at) else ("",) for at in range(len(word))]
    parts = [part for pair in zip(choices, gaps, strict=True) for part in pair]
    return _likeliest(parts)


def _likeliest(parts: Sequence[tuple[str, ...]]) -> list[str]:
    """Words made of a choice for each part, those with the fewest unlikely choices first."""
    ranked = (tuple(enumerate(choices)) for choices in parts)
    made = islice(product(*ranked), LOOKED_AT)
    costs = sorted((sum(rank for rank, _ in one), "".join(part for _, part in one)) for one in made)
    return list(dict.fromkeys(word for _cost, word in costs))[:MOST]


def _latin_letter(word: str, at: int) -> tuple[str, ...]:
    letter, last = word[at], at == len(word) - 1
    if letter == "ה" and last and at:
        return ("a", "ah") if word[at - 1] not in "וי" else ("a", "ya")
    if letter in "אע" and at == 0 and word[1:2] in ("ו", "י"):
        return ("", "a")
    if letter == "ו" and at == 0:
        return ("v",)
    if letter in "יו" and word[at - 1 : at] == letter:
        return ("",)
    return _LATIN_OF[letter]


def _has_gap(word: str, at: int) -> bool:
    """Whether a vowel that is not written stands behind this letter: the first gap of two consonants only."""
    if at + 1 >= len(word) or word[at] in "אהויע" or word[at + 1] in "אהויע":
        return False
    return at == 0 or word[at - 1] in "אהויע"


def in_hebrew(word: str) -> list[str]:
    """Hebrew spellings, as keys, of one Latin word in lower case; none where it has other signs than Latin letters."""
    if not word or not word.isascii() or not word.isalpha():
        return []
    parts = _HEBREW_PARTS.findall(re.sub(r"([bcdfghjklmnpqrstvxz])\1", r"\1", word))
    choices = [_hebrew_part(parts, at) for at in range(len(parts))]
    return _likeliest(choices)


def _hebrew_part(parts: list[str], at: int) -> tuple[str, ...]:
    part, first, last = parts[at], at == 0, at == len(parts) - 1
    if first and part[0] in "aeiou":
        return ("א",) if part in ("a", "e") else ("א" + _HEBREW_OF[part][0],)
    if last and part in ("a", "e") and at and parts[at - 1][-1] in _CONSONANT:
        return ("ה", "א") if part == "a" else ("", "ה")
    return _HEBREW_OF[part]
