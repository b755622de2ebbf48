"""The plain data that pass between `language` and the rooms: brand names in, matches and readings out.

Labels are stored as small integers. The order of each tuple below is the stored code: append, never reorder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

Language = Literal["und", "he", "en", "ar", "ru"]
Intent = Literal["other", "complaint", "question", "praise"]
Label = Literal["negative", "neutral", "positive"]
Kind = Literal["negative", "positive", "negation", "intensity", "complaint", "question", "praise", "urgency", "safety"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
INTENTS: tuple[Intent, ...] = get_args(Intent)
LABELS: tuple[Label, ...] = get_args(Label)
KINDS: tuple[Kind, ...] = get_args(Kind)
SENTIMENTS = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class BrandNames:
    """What a brand is called (`name` first among `names` or beside them), and phrases that are not it."""

    id: int
    name: str
    names: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a brand is named. `start` and `end` are offsets in the original text and span the
    name without its prefix; `why` is `exact`, or codes joined by a space: `prefix:ב`, `hashtag`, `handle`,
    `article` (an article stands on a later word), `joined` (words of the name written together)."""

    brand: int
    start: int
    end: int
    name: str
    prefix: str
    why: str


@dataclass(frozen=True, slots=True)
class Deciding:
    """A span of the original text that moved a reading, and by how much (the reader's own scale)."""

    start: int
    end: int
    kind: Kind
    weight: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says. `p` is (negative, neutral, positive) and sums to one; `sentiment` is -1, 0 or 1,
    the likeliest of the three; `confidence` is its probability; `urgency` goes from 0 (none) to 3."""

    language: Language
    sentiment: int
    p: tuple[float, float, float]
    confidence: float
    intent: Intent
    intent_p: float
    urgency: int
    safety: bool
    deciding: tuple[Deciding, ...] = ()

    @property
    def label(self) -> Label:
        return sentiment_label(self.sentiment)


def sentiment_label(sentiment: int) -> Label:
    """-1, 0, 1 -> negative, neutral, positive. ValueError for anything else."""
    return LABELS[SENTIMENTS.index(sentiment)]


def sentiment_of(label: str) -> int:
    """negative, neutral, positive -> -1, 0, 1. ValueError for anything else."""
    return SENTIMENTS[LABELS.index(cast(Label, label))]


def language_code(language: str) -> int:
    """The stored code; a language that no reader knows is stored as `und`."""
    return LANGUAGES.index(language) if language in LANGUAGES else 0


def language_of(code: int) -> Language:
    """The language of a stored code. IndexError for a code that was never given out."""
    return LANGUAGES[_position(code)]


def intent_code(intent: str) -> int:
    """The stored code. ValueError for an unknown intent."""
    return INTENTS.index(cast(Intent, intent))


def intent_of(code: int) -> Intent:
    """The intent of a stored code. IndexError for a code that was never given out."""
    return INTENTS[_position(code)]


def probability_code(p: float) -> int:
    """A probability as per mille, 0 to 1000, which fits a smallint."""
    return round(1000 * min(1.0, max(0.0, p)))


def probability_of(code: int) -> float:
    return code / 1000


def _position(code: int) -> int:
    if code < 0:
        raise IndexError(code)
    return code
