"""What stands before and behind the letters of a name in the key of a text: whether they are a word of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from siach.language.clean import HEBREW_LETTERS
from siach.language.frequency import Frequencies
from siach.language.hashtags import best_split
from siach.language.keyboard import by_hebrew_layout

# [and] + [that, when ...] + [in, as, to, from] + [the], at most five letters in all.
PREFIX = re.compile("ו?(?:ש|כש|לכש|מש|מכש)?[בכלמ]?ה?")
PREFIX_LIMIT = 5
TAG_LIMIT = 120  # characters of a hashtag looked at before a name

_HEBREW_TAIL = re.compile(f"[{HEBREW_LETTERS}]+$")
_LATIN_TAIL = re.compile("[a-z,]+$")
_TAG = re.compile(r"([#@])\w*$")
_WORD_PART = re.compile(r"\w*")


@dataclass(frozen=True, slots=True)
class Edge:
    """What stands before a hit that is a whole word: its prefix and where that begins, and `#` or `@`. `joined` where
    nothing stands between prefix and name; `switched` where the prefix was typed on the Latin layout; `split` within
    a hashtag of several words."""

    begin: int
    prefix: str = ""
    tag: str = ""
    joined: bool = False
    switched: bool = False
    split: bool = False


def edge_of(folded: str, start: int, end: int) -> Edge | None:
    """What stands before a hit; None when the hit is a part of a longer word."""
    quoted = start > 0 and folded[start - 1] in "\"'"
    if not _ends(folded, end, quoted):
        return None
    before = folded[start - 1] if start else " "
    if before in "#@" or folded[start] in "#@":
        return _sign_edge(folded, start)
    if before == "_":
        tag = _TAG.search(folded, max(0, start - TAG_LIMIT), start)
        return Edge(start, tag=tag.group(1)) if tag else None
    if before.isalnum() or before in "\"'-":
        return _letters_edge(folded, start)
    return Edge(start)


def _ends(folded: str, end: int, quoted: bool) -> bool:
    """Whether a word may end here. A quotation mark with a letter behind it is a gershayim within a word,
    unless it closes what a mark before the name opened."""
    after = folded[end : end + 1]
    if not after or not (after.isalnum() or after in "\"'"):
        return True
    if after.isalnum():
        return False
    follows = folded[end + 1 : end + 2]
    return not follows.isalnum() or quoted or (after == "'" and folded[end + 1 : end + 3].rstrip() == "s")


def _sign_edge(folded: str, start: int) -> Edge | None:
    at = start if folded[start] in "#@" else start - 1
    if at and folded[at - 1].isalnum():
        return None
    return Edge(at, tag=folded[at])


def _letters_edge(folded: str, start: int) -> Edge | None:
    """The edge of a hit right behind letters, a quotation mark or a hyphen."""
    at = start
    while at and start - at < 2 and folded[at - 1] in "\"'-":
        at -= 1
    joiners = folded[at:start]
    run = _HEBREW_TAIL.search(folded, max(0, at - PREFIX_LIMIT - 1), at)
    prefix = run.group() if run else ""
    if prefix and len(prefix) <= PREFIX_LIMIT and PREFIX.fullmatch(prefix):
        opens = _begins_word(folded, at - len(prefix))
        if opens is not None:
            return Edge(at - len(prefix), prefix, opens, joined=not joiners)
    inside = at > 0 and folded[at - 1].isalnum()
    if (inside and "-" not in joiners) or not joiners:
        return None
    return Edge(at)


def _begins_word(folded: str, at: int) -> str | None:
    """The sign before a word that begins here (`#`, or empty); None when no word begins here."""
    before = folded[at - 1] if at else " "
    if before == "_":
        tag = _TAG.search(folded, max(0, at - TAG_LIMIT), at)
        return tag.group(1) if tag else None
    if before.isalnum() or (before in "\"'" and at > 1 and folded[at - 2].isalnum()):
        return None
    return before if before == "#" else ""


def switched_edge(folded: str, start: int, end: int) -> Edge | None:
    """The edge of a name typed on the Latin layout behind a prefix typed so, too."""
    run = _LATIN_TAIL.search(folded, max(0, start - PREFIX_LIMIT - 1), start)
    if run is None or folded[end : end + 1].isalnum():
        return None
    prefix, begin = by_hebrew_layout(run.group()), run.start()
    if len(prefix) > PREFIX_LIMIT or not PREFIX.fullmatch(prefix) or (begin and folded[begin - 1].isalnum()):
        return None
    return Edge(begin, prefix, switched=True)


def split_edge(folded: str, start: int, end: int, known: Frequencies) -> Edge | None:
    """The edge of a name within a hashtag, where known words make up all of the tag before it and behind it."""
    sign = folded.rfind("#", max(0, start - TAG_LIMIT), start)
    if sign < 0:
        return None
    tail = _WORD_PART.match(folded, end, end + TAG_LIMIT)
    before, after = folded[sign + 1 : start], tail.group() if tail else ""
    if best_split(after, known) is None:
        return None
    for length in range(min(PREFIX_LIMIT, len(before)) + 1):
        prefix = before[len(before) - length :]
        if PREFIX.fullmatch(prefix) and best_split(before[: len(before) - length], known) is not None:
            return Edge(start - length, prefix, "#", joined=True, split=True)
    return None
