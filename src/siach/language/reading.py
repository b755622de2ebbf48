"""The plain data that pass between `language` and the rooms: brand names in, matches and readings out.

Labels are stored as small integers. The order of each tuple below is the stored code: append, never reorder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

Language = Literal["und", "he", "en", "ar", "ru"]
Intent = Literal[
    "other",
    "complaint",
    "question",
    "praise",
    "request",
    "defence",
    "attack",
    "boycott",
    "purchase",
    "spam",
    "news",
]
Label = Literal["negative", "neutral", "positive"]
Kind = Literal[
    "negative", "positive", "negation", "intensity", "complaint", "question", "praise", "urgency", "safety", "insult"
]
Emotion = Literal["anger", "disgust", "fear", "sadness", "disappointment", "joy", "trust", "surprise"]
# What a post is beside its emotions, each from 0 to 1: `arousal` is how hot it is, whatever it feels; `provokes`
# how likely it is that others answer and take sides; `outrage` moral anger; `sarcasm` the doubt that it means
# the opposite; `intent` the probability of the intent that was read.
Sign = Literal["arousal", "provokes", "outrage", "offensive", "sarcasm", "intent"]
# What a post has or has not: words of the writer's own, of a "we", personal data, an order's number, a branch or town;
# `strange`: read with what all domains share, since none of those learnt is its own.
Flag = Literal["first_person", "collective", "personal", "order", "place", "strange"]
# Where a text stands, as far as a reader has learnt: comments to a person, comments on news, posts to a firm.
Domain = Literal["", "person", "news", "service"]
# What decided whether a name is the brand: the name alone; another of its names in the text; a word that the owner
# requires, or forbids; the context guard; a phrase that the owner excluded.
Rule = Literal["name", "named", "required", "forbidden", "context", "exclusion"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
INTENTS: tuple[Intent, ...] = get_args(Intent)
LABELS: tuple[Label, ...] = get_args(Label)
KINDS: tuple[Kind, ...] = get_args(Kind)
EMOTIONS: tuple[Emotion, ...] = get_args(Emotion)
SIGNS: tuple[Sign, ...] = get_args(Sign)
FLAGS: tuple[Flag, ...] = get_args(Flag)
DOMAINS: tuple[Domain, ...] = get_args(Domain)
SENTIMENTS = (-1, 0, 1)
SURE = 0.6  # below it the likeliest of three is shown as "not sure"
DOUBTFUL = 0.5  # as much doubt by sarcasm makes any sentiment "not sure"

_LEVELS = 15  # a packed value is one of 16 steps
_BITS = 4
_FLAGS_AT = _BITS * (len(EMOTIONS) + len(SIGNS))


@dataclass(frozen=True, slots=True)
class BrandNames:
    """What a brand is called (`name` first among `names` or beside them), and phrases that are not it. `required`:
    words of which one must stand in the text for an ambiguous name to be the brand; `forbidden`: words beside which
    it is not."""

    id: int
    name: str
    names: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a brand is named. `start` and `end` are offsets in the original text and span the
    name without its prefix; `why` is `exact`, or codes joined by a space: `prefix:ב`, `hashtag`, `handle`,
    `article` (an article stands on a later word), `joined` (words of the name written together), `split` (a word of
    a longer hashtag), `spelling` (full or defective), `letters` (of the other script), `layout` (the wrong one of
    the keyboard), `typo`. `rule` tells what decided, `context` the words by which, and `p` the probability that the
    context guard gave where it was asked."""

    brand: int
    start: int
    end: int
    name: str
    prefix: str
    why: str
    rule: Rule = "name"
    p: float | None = None
    context: tuple[str, ...] = ()


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
    the likeliest of the three; `confidence` is its probability; `urgency` goes from 0 (none) to 3. `emotions` are
    probabilities that each is shown, in the order of EMOTIONS; several may be, or none."""

    language: Language
    sentiment: int
    p: tuple[float, float, float]
    confidence: float
    intent: Intent
    intent_p: float
    urgency: int
    safety: bool
    deciding: tuple[Deciding, ...] = ()
    emotions: tuple[float, ...] = (0.0,) * len(EMOTIONS)
    arousal: float = 0.0
    provokes: float = 0.0
    outrage: float = 0.0
    offensive: float = 0.0
    sarcasm: float = 0.0
    flags: frozenset[Flag] = frozenset()

    @property
    def label(self) -> Label:
        return sentiment_label(self.sentiment)

    @property
    def is_sure(self) -> bool:
        return is_sure(self.confidence, self.sarcasm)

    @property
    def signs(self) -> int:
        """Emotions, signs and flags packed into one number that fits a bigint: 16 steps each, see `packed`."""
        return packed(
            (*self.emotions, self.arousal, self.provokes, self.outrage, self.offensive, self.sarcasm, self.intent_p),
            self.flags,
        )


def is_sure(confidence: float, sarcasm: float) -> bool:
    """Whether a sentiment is shown as such and not as "not sure"."""
    return confidence >= SURE and sarcasm < DOUBTFUL


def packed(values: Sequence[float], flags: frozenset[Flag] = frozenset()) -> int:
    """One number of values from 0 to 1 in the order (*EMOTIONS, *SIGNS), four bits each, and a bit for each flag.

    ValueError for another count of values."""
    code = 0
    for place, value in zip(range(len(EMOTIONS) + len(SIGNS)), values, strict=True):
        code |= round(_LEVELS * min(1.0, max(0.0, value))) << (_BITS * place)
    for place, flag in enumerate(FLAGS):
        code |= (flag in flags) << (_FLAGS_AT + place)
    return code


def level(code: int, name: Emotion | Sign) -> float:
    """One value of a packed number, 0 to 1 in sixteenths."""
    return ((code >> shift_of(name)) & _LEVELS) / _LEVELS


def shift_of(name: Emotion | Sign) -> int:
    """By how many bits a value stands in a packed number: `(code >> shift) & 15` in SQL, too."""
    return _BITS * (*EMOTIONS, *SIGNS).index(name)


def flags_of(code: int) -> frozenset[Flag]:
    return frozenset(flag for place, flag in enumerate(FLAGS) if code >> (_FLAGS_AT + place) & 1)


def flag_bit(flag: Flag) -> int:
    """The bit of a flag within a packed number."""
    return 1 << (_FLAGS_AT + FLAGS.index(flag))


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
