"""The reader by word lists: sentiment, intent, urgency and safety by what stands in the text, in Hebrew and
English, and sentiment by single words in Arabic and Russian. The floor that other readers are compared with.

Sentiment and intent are the softmax of a few sums over the text. The coefficients were fitted once on the
openly licensed development sets (comments to a person, news comments, invented brand posts), with classes
weighted by n to the -0.3 inside each set and the sets alike, and rounded. Each sum moves its own class up
and the opposite one not up, so more evidence never counts against what it is evidence for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp, log1p

import numpy as np
import numpy.typing as npt

from siach.language.clean import detect_language
from siach.language.lexicon.weigh import NEGATED_GOOD, Span, Weights, weigh
from siach.language.lexicon.words import forms, table
from siach.language.match import Matcher
from siach.language.model import softmax
from siach.language.reading import INTENTS, BrandNames, Deciding, Domain, Reading
from siach.language.tallies import column
from siach.language.tokens import Floats

NAME = "lexicon"
VERSION = "1"

# Columns: good, bad, complaint, praise, asks, one. Neutral is the zero of the scale.
_NEGATIVE = (-0.1, 1.6, 1.3, -0.3, 0.0, -0.4)
_POSITIVE = (1.5, -0.15, -0.15, 0.2, -2.0, -0.5)
# Columns: complaint, question, praise, good, bad, asks, one. "other" is the zero of the scale.
_INTENTS = (
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (3.2, -0.1, 0.0, -0.3, 2.2, 1.4, -2.5),
    (0.0, 1.4, 0.0, 0.0, -0.8, 4.0, -2.8),
    (0.0, -0.2, 2.1, 2.2, -0.5, 0.0, -3.2),
)
_SAFETY_ALONE = 2.0  # weight of a safety word that needs no other
_HARM = 1.5
_DISTRESS = 2.0  # bad valence or complaint that makes two milder ones count


def read(texts: Sequence[str], about: Sequence[BrandNames | None], domains: Sequence[Domain] = ()) -> list[Reading]:
    """One reading for each text, in order. The name of the brand that a text is read for does not count as
    a word of it: a brand called "excellent" is not praised by being named."""
    return [_read(text, brand) for text, brand in zip(texts, about, strict=True)]


def explain(text: str, brand: BrandNames | None, domain: Domain = "") -> Reading:
    """The reading of one text with the words that decided."""
    return read([text], [brand], [domain])[0]


def by_tallies(tallies: Floats) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(n, 3) sentiments and (n, len(INTENTS)) intents of n texts by the same sums, taken from their tallies: rougher
    than `read`, and many times faster. An intent that the lists do not tell is as likely as "other"."""
    good, complaint, praise, question = (
        np.log1p(column(tallies, name).astype(np.float64)) for name in ("good", "complaint", "praise", "question")
    )
    bad = np.log1p((column(tallies, "bad") - NEGATED_GOOD * column(tallies, "negated_good")).astype(np.float64))
    asks, one = (column(tallies, "asks") > 0).astype(np.float64), np.ones(len(tallies))
    sums = np.stack([good, bad, complaint, praise, asks, one], axis=1)
    leaning = np.stack([sums @ np.array(_NEGATIVE), np.zeros(len(sums)), sums @ np.array(_POSITIVE)], axis=1)
    cues = np.stack([complaint, question, praise, good, bad, asks, one], axis=1)
    known = softmax(cues @ np.array(_INTENTS).T)
    intents = np.repeat(known[:, :1], len(INTENTS), axis=1)
    intents[:, : known.shape[1]] = known
    return softmax(leaning), intents


def alarms(text: str, brand: BrandNames | None) -> tuple[int, bool]:
    """Urgency from 0 to 3, and whether the text tells of a danger."""
    weights = weigh(text, names_in(text, brand))
    safety = _safety(weights)
    return _urgency(weights, safety), safety


def cues(text: str, brand: BrandNames | None) -> tuple[Deciding, ...]:
    """What the word lists find in a text, in its order."""
    weights = weigh(text, names_in(text, brand))
    return _shown(weights, _safety(weights))


def _read(text: str, brand: BrandNames | None) -> Reading:
    weights = weigh(text, names_in(text, brand))
    safety = _safety(weights)
    if safety and not weights.asks:  # harm told of, not asked about, is a complaint
        weights.cues["complaint"] = weights.cues.get("complaint", 0.0) + _HARM
    p = _sentiment(weights)
    best = max(p)
    intents = _intents(weights)
    intent_p = max(intents)
    return Reading(
        language=detect_language(text),
        sentiment=1 if p[2] == best and p[2] > p[1] else -1 if p[0] == best and p[0] > p[1] else 0,
        p=p,
        confidence=best,
        intent=INTENTS[intents.index(intent_p)],
        intent_p=intent_p,
        urgency=_urgency(weights, safety),
        safety=safety,
        deciding=_shown(weights, safety),
    )


def _sentiment(weights: Weights) -> tuple[float, float, float]:
    sums = (
        log1p(weights.good),
        log1p(weights.bad),
        log1p(weights.cues.get("complaint", 0.0)),
        log1p(weights.cues.get("praise", 0.0)),
        float(weights.asks),
        1.0,
    )
    negative, neutral, positive = _softmax((_dot(_NEGATIVE, sums), 0.0, _dot(_POSITIVE, sums)))
    return negative, neutral, positive


def _intents(weights: Weights) -> list[float]:
    cues = weights.cues
    sums = (
        log1p(cues.get("complaint", 0.0)),
        log1p(cues.get("question", 0.0)),
        log1p(cues.get("praise", 0.0)),
        log1p(weights.good),
        log1p(weights.bad),
        float(weights.asks),
        1.0,
    )
    return _softmax([_dot(row, sums) for row in _INTENTS])


def _safety(weights: Weights) -> bool:
    """One plain safety word, or two milder ones in a text that complains."""
    weight = weights.cues.get("safety", 0.0)
    alone = any(one.kind == "safety" and one.weight >= _SAFETY_ALONE for one in weights.deciding)
    return alone or (weight >= 2 and weights.bad + weights.cues.get("complaint", 0.0) >= _DISTRESS)


def _urgency(weights: Weights, safety: bool) -> int:
    """0 to 3. A word for "now" counts only beside a need: a complaint, a question, bad words."""
    weight = weights.cues.get("urgency", 0.0)
    plain = any(one.kind == "urgency" and one.weight >= 2 for one in weights.deciding)
    need = weights.bad + weights.cues.get("complaint", 0.0) >= 1 or weights.asks
    level = 2 if plain else min(2, int(weight)) if need else 0
    if need and weights.exclaims >= 3:
        level += 1
    return min(3, max(2, level + 1) if safety else level)


def _shown(weights: Weights, safety: bool) -> tuple[Deciding, ...]:
    """The deciding words in the order of the text; safety and urgency words only where they decided."""
    need = weights.bad or weights.asks or "complaint" in weights.cues
    return tuple(
        sorted(
            {
                one
                for one in weights.deciding
                if (one.kind != "safety" or safety) and (one.kind != "urgency" or need or one.weight >= 2)
            },
            key=lambda one: (one.start, one.end, one.kind),
        )
    )


def names_in(text: str, brand: BrandNames | None) -> Sequence[Span]:
    """Where a brand is named whose name is a word of the lists."""
    matcher = _speaking_name(brand) if brand else None
    return [(found.start, found.end) for found in matcher.find(text)] if matcher else ()


@lru_cache(maxsize=1_024)
def _speaking_name(brand: BrandNames) -> Matcher | None:
    """A matcher for a brand whose name holds a word of the lists, or None."""
    words, phrases = table().words, table().phrases
    for name in (brand.name, *brand.names):
        for token in name.replace("_", " ").replace("-", " ").split():
            if any(form in words or form in phrases for form in forms(token)):
                return Matcher([brand])
    return None


def _dot(row: Sequence[float], sums: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(row, sums, strict=True))


def _softmax(scores: Sequence[float]) -> list[float]:
    top = max(scores)
    powers = [exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
