"""Weighing a text by the word lists: what speaks for it being good, bad, a complaint, a question, urgent."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from siach.language.clean import TOKEN
from siach.language.lexicon.words import Sense, forms, table
from siach.language.reading import Deciding, Kind

NEGATED_GOOD, NEGATED_BAD = -0.75, -0.15  # what is left of a valence behind a negation
BEFORE_TURN, AFTER_TURN = 0.6, 1.3  # before and after a "but"
ASKED = 0.5  # a good word in a question
OPENING, ASKING = 0.6, 1.0  # a question cue above this asks even without a question mark
ELONGATED = 1.15
HARMLESS_REACH = 2
UNSURE = 1.0  # valence of a phrase that can mean either, when nothing else speaks
TOKENS_LIMIT = 4_000
NO_WORDS = ("@", "http", "www.")

_ENDS = re.compile(r"[.!?\n]+")
_STOPS = re.compile(r"[.,;!?\n()]")
_ELONGATED = re.compile(r"([^\W\d_])\1\1")


@dataclass(slots=True)
class Weights:
    """Sums over a text: good and bad valence (both >= 0), the weight of the cues of each kind, signs."""

    good: float = 0.0
    bad: float = 0.0
    exclaims: int = 0
    asks: bool = False
    words: int = 0
    cues: dict[str, float] = field(default_factory=dict)
    deciding: list[Deciding] = field(default_factory=list)


@dataclass(slots=True)
class _Unit:
    """A term in the text: `first` and `count` number its words."""

    first: int
    count: int
    start: int
    end: int
    sense: Sense
    negation: _Unit | None = None
    valence: float = 0.0


Span = tuple[int, int]


def weigh(text: str, skip: Sequence[Span] = ()) -> Weights:
    """The weights of a text, leaving out words that overlap a span of `skip` (the brand's own name)."""
    spans, units = _units(text, skip)
    weights = Weights(words=len(spans))
    signs = _ENDS.findall(text)
    weights.exclaims = max((sign.count("!") for sign in signs), default=0)
    weights.asks = any("?" in sign for sign in signs)
    if units:
        weights.asks |= any(_asks(unit) for unit in units)
        _negate(text, units)
        _value(text, units, weights.asks)
        _settle(units)
        _sum(text, units, weights)
    return weights


def _asks(unit: _Unit) -> bool:
    """Whether a cue makes a question of a text without a question mark: a strong one anywhere, a question
    word only where it opens the text or follows a greeting."""
    least = OPENING if unit.first <= 1 else ASKING
    return any(kind == "question" and weight > least for kind, weight in unit.sense.cues)


@lru_cache(maxsize=65_536)
def _token(token: str) -> tuple[tuple[str, ...], Sense | None, bool]:
    """The forms of a token, what it tells alone, and whether a phrase may begin with it."""
    if token.startswith(NO_WORDS):
        return (), None, False
    found = forms(token)
    words, phrases = table().words, table().phrases
    sense = next((words[form] for form in found if form in words), None)
    return found, sense, any(form in phrases for form in found)


def _units(text: str, skip: Sequence[Span]) -> tuple[list[Span], list[_Unit]]:
    spans: list[Span] = []
    tokens: list[tuple[tuple[str, ...], Sense | None, bool]] = []
    for found in TOKEN.finditer(text):
        start, end = found.span()
        if skip and any(start < stop and begin < end for begin, stop in skip):
            continue
        spans.append((start, end))
        tokens.append(_token(found.group()[:80]))
        if len(spans) == TOKENS_LIMIT:
            break
    units = []
    at = 0
    while at < len(tokens):
        found_forms, sense, begins = tokens[at]
        count, phrase = _phrase(tokens, at, found_forms) if begins else (1, None)
        sense = phrase or sense
        if sense is not None:
            units.append(_Unit(at, count, spans[at][0], spans[at + count - 1][1], sense))
        at += count
    return spans, units


def _phrase(
    tokens: list[tuple[tuple[str, ...], Sense | None, bool]], at: int, firsts: tuple[str, ...]
) -> tuple[int, Sense | None]:
    """The longest phrase that begins here: its words and its sense, or (1, None)."""
    best: tuple[int, Sense | None] = (1, None)
    if at + 1 == len(tokens):
        return best
    seconds = tokens[at + 1][0]
    for first in firsts:
        begun = table().phrases.get(first)
        for second in seconds if begun else ():
            for parts, sense in begun.get(second, ()):  # type: ignore[union-attr]
                if len(parts) <= best[0]:
                    break
                rest = tokens[at + 2 : at + len(parts)]
                if len(rest) == len(parts) - 2 and all(
                    part in found for part, (found, _, _) in zip(parts[2:], rest, strict=True)
                ):
                    best = (len(parts), sense)
                    break
    return best


def _negate(text: str, units: list[_Unit]) -> None:
    """Marks what a negation reaches: the next words up to a stop or a "but"."""
    active: _Unit | None = None
    for unit in units:
        if active is not None:
            reach = unit.first - (active.first + active.count)
            if reach >= active.sense.negates or _STOPS.search(text, active.end, unit.start):
                active = None
        if unit.sense.turns:
            active = None
        elif unit.sense.negates:
            active = unit
        elif active is not None and not unit.sense.settled and text[unit.start].isalnum():
            unit.negation = active


def _value(text: str, units: list[_Unit], asks: bool) -> None:
    """The valence of each unit in its place."""
    turn = max((i for i, unit in enumerate(units) if unit.sense.turns), default=-1)
    ends = [found.end() for found in _ENDS.finditer(text)] if asks else []
    for i, unit in enumerate(units):
        valence = unit.sense.valence
        if not valence:
            continue
        before, after = units[i - 1] if i else None, units[i + 1] if i + 1 < len(units) else None
        if before is not None and before.first + before.count == unit.first:
            valence *= before.sense.intensity
        if after is not None and unit.first + unit.count == after.first and not after.sense.valence:
            valence *= after.sense.intensity
        if unit.negation is not None:
            valence *= NEGATED_GOOD if valence > 0 else NEGATED_BAD
        if turn >= 0:
            valence *= AFTER_TURN if i > turn else BEFORE_TURN
        if valence > 0 and asks and _asked(text, ends, unit.end):
            valence *= ASKED
        if _ELONGATED.search(text, unit.start, unit.end):
            valence *= ELONGATED
        unit.valence = valence


def _asked(text: str, ends: list[int], at: int) -> bool:
    """Whether the sentence around an offset ends in a question mark."""
    place = bisect_left(ends, at)
    if "?" not in text:
        return True
    return place < len(ends) and "?" in text[max(at, ends[place] - 3) : ends[place]]


def _settle(units: list[_Unit]) -> None:
    """Phrases that can mean either take the side of the rest."""
    open_units = [unit for unit in units if unit.sense.either]
    if not open_units:
        return
    rest = sum(unit.valence for unit in units if not unit.sense.either)
    for unit in open_units:
        unit.valence = UNSURE if rest == 0 else 2.0 if rest > 0 else -2.0


def _sum(text: str, units: list[_Unit], weights: Weights) -> None:
    cues: dict[str, dict[str, float]] = {}
    for i, unit in enumerate(units):
        if unit.valence > 0:
            weights.good += unit.valence
        else:
            weights.bad -= unit.valence
        if unit.valence:
            weights.deciding += _deciding(unit)
        for kind, weight in unit.sense.cues:
            if _holds(units, i, kind, weights.asks):
                # A repeated word counts once.
                cues.setdefault(kind, {})[text[unit.start : unit.end]] = weight
                weights.deciding.append(Deciding(unit.start, unit.end, cast(Kind, kind), weight))
    weights.cues = {kind: sum(terms.values()) for kind, terms in cues.items()}


def _deciding(unit: _Unit) -> list[Deciding]:
    found = [Deciding(unit.start, unit.end, "positive" if unit.valence > 0 else "negative", unit.valence)]
    if unit.negation is not None:
        found.insert(0, Deciding(unit.negation.start, unit.negation.end, "negation", unit.valence))
    return found


def _holds(units: list[_Unit], i: int, kind: str, asks: bool) -> bool:
    """Whether a cue means here what it means by itself."""
    unit = units[i]
    if kind == "question":
        return asks
    if kind == "safety":
        return not _harmless(units, i)
    return unit.negation is None or unit.count > 1 or kind == "urgency"


def _harmless(units: list[_Unit], i: int) -> bool:
    """Whether "without" or "free of" stands right before, or one word further back."""
    return any(
        before.sense.harmless and units[i].first - (before.first + before.count) < HARMLESS_REACH
        for before in units[max(0, i - HARMLESS_REACH) : i]
    )
