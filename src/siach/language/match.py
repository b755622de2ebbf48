"""Finding brands in texts: all names of all brands in one pass, by the rules of Hebrew writing.

A name is found where it stands as a word of its own, behind Hebrew prefixes (also with a quotation mark,
geresh or hyphen between prefix and name, also before Latin letters), as a hashtag or as a handle. It is never
found inside a word in any other way. An exclusion is a phrase that is written like the brand and is not it:
every hit that touches one is dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from ahocorasick_rs import AhoCorasick, Implementation

from siach.language.clean import HEBREW_LETTERS, Origin, key
from siach.language.reading import BrandNames, Match

# [and] + [that, when ...] + [in, as, to, from] + [the], at most five letters in all.
PREFIX = re.compile("ו?(?:ש|כש|לכש|מש|מכש)?[בכלמ]?ה?")
PREFIX_LIMIT = 5
JOINED_LEAST = 6  # letters a name of several words needs to be found written as one word outside a tag
ARTICLE_WORDS = 4  # names of more words than this are not tried with articles on the later ones
TAG_LIMIT = 120  # characters of a hashtag looked at before a name

_SEPARATOR = re.compile(r"[\s_-]+")
_HEBREW_TAIL = re.compile(f"[{HEBREW_LETTERS}]+$")
_HEBREW = re.compile(f"[{HEBREW_LETTERS}]")
_TAG = re.compile(r"([#@])\w*$")


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a name (or an exclusion) of a brand."""

    brand: int
    name: str
    why: str = ""
    excluded: bool = False
    after: str = ""  # letters, one of which must stand directly before, as the last one of a prefix
    in_tag: bool = False  # only within a hashtag or handle


@dataclass(frozen=True, slots=True)
class _Edge:
    """What stands before a hit that is a whole word."""

    prefix: str
    tag: str


class Matcher:
    """Finds the brands that were given, by their `name` and `names`. Built once, used for many texts."""

    def __init__(self, brands: Sequence[BrandNames]) -> None:
        forms: dict[str, list[_Form]] = {}
        for brand in brands:
            for name in dict.fromkeys((brand.name, *brand.names)):
                for pattern, form in _forms(brand.id, name, excluded=False):
                    forms.setdefault(pattern, []).append(form)
            for name in brand.exclusions:
                for pattern, form in _forms(brand.id, name, excluded=True):
                    forms.setdefault(pattern, []).append(form)
        self._forms = list(forms.values())
        self._automaton = (
            AhoCorasick(list(forms), implementation=Implementation.DFA if len(forms) < 3_000 else None)
            if forms
            else None
        )

    def find(self, text: str) -> list[Match]:
        """The places where brands are named, in the order of the text. Of overlapping hits of one brand the
        longest stands; a name that two brands share is found for both."""
        if self._automaton is None:
            return []
        folded = key(text)
        hits = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        return self._matches(text, folded, hits) if hits else []

    def find_many(self, texts: Iterable[str]) -> list[list[Match]]:
        """`find` for each text, in order."""
        return [self.find(text) for text in texts]

    def _matches(self, text: str, folded: str, hits: list[tuple[int, int, int]]) -> list[Match]:
        found: dict[int, list[tuple[int, int, _Form, _Edge]]] = {}
        excluded: dict[int, list[tuple[int, int]]] = {}
        for pattern, start, end in hits:
            edge = _edge(folded, start, end)
            if edge is None:
                continue
            for form in self._forms[pattern]:
                if form.excluded:
                    excluded.setdefault(form.brand, []).append((start, end))
                elif _allowed(form, edge):
                    found.setdefault(form.brand, []).append((start, end, form, edge))
        origin = Origin(text)
        matches = [
            _match(origin, *hit)
            for brand, ours in found.items()
            for hit in _longest(_without(ours, excluded.get(brand)))
        ]
        return sorted(matches, key=lambda one: (one.start, one.brand))


def _match(origin: Origin, start: int, end: int, form: _Form, edge: _Edge) -> Match:
    first, last = origin.span(start, end)
    codes = [
        {"#": "hashtag", "@": "handle"}.get(edge.tag, ""),
        edge.prefix and f"prefix:{edge.prefix}",
        form.why,
    ]
    why = " ".join(code for code in codes if code) or "exact"
    return Match(form.brand, first, last, form.name, edge.prefix, why)


def _allowed(form: _Form, edge: _Edge) -> bool:
    if form.in_tag and not edge.tag:
        return False
    return not form.after or (edge.prefix[-1:] in form.after and edge.prefix != "")


def _without(
    hits: list[tuple[int, int, _Form, _Edge]], excluded: list[tuple[int, int]] | None
) -> Iterator[tuple[int, int, _Form, _Edge]]:
    """The hits that touch no exclusion."""
    merged: list[list[int]] = []
    for start, end in sorted(excluded or ()):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    starts = [start for start, _ in merged]
    for hit in hits:
        before = bisect_right(starts, hit[1] - 1) - 1
        if before < 0 or merged[before][1] <= hit[0]:
            yield hit


def _longest(hits: Iterable[tuple[int, int, _Form, _Edge]]) -> Iterator[tuple[int, int, _Form, _Edge]]:
    """Hits that do not overlap: the leftmost, and of those that begin together the longest."""
    reached = -1
    for hit in sorted(hits, key=lambda one: (one[0], -one[1])):
        if hit[0] >= reached:
            reached = hit[1]
            yield hit


# --- the edges of a hit -----------------------------------------------------------------------------------


def _edge(folded: str, start: int, end: int) -> _Edge | None:
    """What stands before a hit; None when the hit is a part of a longer word."""
    quoted = start > 0 and folded[start - 1] in "\"'"
    if not _ends(folded, end, quoted):
        return None
    before = folded[start - 1] if start else " "
    if before in "#@" or folded[start] in "#@":
        return _sign_edge(folded, start)
    if before == "_":
        tag = _TAG.search(folded, max(0, start - TAG_LIMIT), start)
        return _Edge("", tag.group(1)) if tag else None
    if before.isalnum() or before in "\"'-":
        return _letters_edge(folded, start)
    return _Edge("", "")


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


def _sign_edge(folded: str, start: int) -> _Edge | None:
    at = start if folded[start] in "#@" else start - 1
    if at and folded[at - 1].isalnum():
        return None
    return _Edge("", folded[at])


def _letters_edge(folded: str, start: int) -> _Edge | None:
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
            return _Edge(prefix, opens)
    inside = at > 0 and folded[at - 1].isalnum()
    return None if (inside and "-" not in joiners) or not joiners else _Edge("", "")


def _begins_word(folded: str, at: int) -> str | None:
    """The sign before a word that begins here (`#`, or empty); None when no word begins here."""
    before = folded[at - 1] if at else " "
    if before == "_":
        tag = _TAG.search(folded, max(0, at - TAG_LIMIT), at)
        return tag.group(1) if tag else None
    if before.isalnum() or (before in "\"'" and at > 1 and folded[at - 2].isalnum()):
        return None
    return before if before == "#" else ""


# --- the forms of a name ----------------------------------------------------------------------------------


def _forms(brand: int, name: str, *, excluded: bool) -> Iterator[tuple[str, _Form]]:
    """The keys under which a name is looked for. Nothing for a name without a letter or digit."""
    folded = key(name.replace("\0", " ")).strip(" \"'-_.,;:!?()[]")
    sign, folded = (folded[0], folded[1:]) if folded[:1] in ("#", "@") else ("", folded)
    words = [word for word in _SEPARATOR.split(folded) if word]
    if not any(char.isalnum() for char in folded):
        return
    if sign:
        yield sign + folded, _Form(brand, name, excluded=excluded)
        return
    seen: set[str] = set()
    for written, why, after, in_tag in _written(words):
        for pattern in dict.fromkeys((written, _unquoted(written))):
            if pattern not in seen:
                seen.add(pattern)
                yield pattern, _Form(brand, name, why, excluded, after, in_tag)


def _unquoted(written: str) -> str:
    """Without the gershayim of an acronym, but with the quotation mark before a later word."""
    return re.sub(r"(?<=\w)[\"'](?=\w)", "", written)


def _written(words: list[str]) -> Iterator[tuple[str, str, str, bool]]:
    """Ways to write the words of a name: (key, why, letters of which one must stand before, only in a tag).
    The plain way comes first."""
    for separator in (" ", "-", "_"):
        yield separator.join(words), "", "", False
    if len(words) == 1:
        return
    yield f'{words[0]} "{" ".join(words[1:])}', "", "", False
    joined = "".join(words)
    yield joined, "joined", "", len(joined) < JOINED_LEAST
    if words[0][0] == "ה" and len(words[0]) > 2:
        yield " ".join([words[0][1:], *words[1:]]), "", "בכל", False
    for articled in _articled(words):
        for separator in (" ", "-", "_"):
            yield separator.join(articled), "article", "", False


def _articled(words: list[str]) -> Iterator[list[str]]:
    """The words with an article on one or more of the later ones."""
    later = [i for i in range(1, len(words)) if _HEBREW.match(words[i])]
    if len(words) > ARTICLE_WORDS:
        return
    for count in range(1, len(later) + 1):
        for chosen in combinations(later, count):
            yield ["ה" + word if i in chosen else word for i, word in enumerate(words)]
