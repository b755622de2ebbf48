"""Why a mention is read as it is, worked out when somebody asks: deciding words are never stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from siach.language.match import Matcher
from siach.language.reading import EMOTIONS, FLAGS, KINDS, intent_code
from siach.talk.actions.reading import calibrated, current_run, domain_of, explain_here, names_of
from siach.talk.models import Mention
from siach.talk.reading_words import EMOTION_WORDS, FLAG_WORDS, SIGN_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siach.calc.calibration import Three
    from siach.language.reading import BrandNames, Kind, Match, Reading
    from siach.org.models import Brand

EXPLAINED = 20_000
_NAMES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text that weighed in one way, in its order, each once."""

    kind: Kind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """How the brand is named: as it stands in the text, behind which prefix, and the codes of `Match.why`."""

    written: str
    name: str
    prefix: str
    codes: frozenset[str]


class Value(NamedTuple):
    """One value of a reading in words, and how sure the reader is of it, 0 to 1."""

    words: str
    p: float


@dataclass(frozen=True, slots=True)
class Why:
    """`spans` are (start, end, kind) in `text`: the kinds of deciding words, and `name`. `own` is the reader's own
    score of negative, neutral and positive where the source's calibration changed it, else None. `facts`: what the text
    has, in words."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    reading: Reading
    words: tuple[Words, ...]
    namings: tuple[Naming, ...]
    values: tuple[Value, ...]
    facts: tuple[str, ...]
    own: Three | None


def explain(mention: Mention) -> Why:
    """Read the post again for this brand, with the reader in force, and say what decided.

    Of a text longer than 20,000 characters the beginning is explained.
    """
    text = mention.post.text[:EXPLAINED]
    names = names_of(mention.brand)
    post = mention.post
    own = explain_here(text, names, domain_of(post.network, is_answer=bool(post.parent_key)))
    run, now = mention.run, current_run()
    set_right = run.fitted_on > 0 and (run.name, run.version) == (now.name, now.version)
    reading = calibrated(own, run) if set_right else own
    return _why(text, names, reading, own.p if set_right else None)


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether a text would be heard as about a brand. `kept_out`: the kind of the brand's own words that alone keeps it
    out, "exclusions", "required" or "forbidden"; "" where it is about the brand, or no name stands in it."""

    is_about: bool
    kept_out: str
    why: Why


def try_text(text: str, brand: Brand) -> Tried:
    """What would become of a text that somebody posts: is it about this brand, and how would it be read?"""
    text = text[:EXPLAINED]
    names = names_of(brand)
    is_about, kept_out = bool(Matcher([names]).find(text)), ""
    if not is_about:
        kept_out = next((rule for rule, without in _without(names) if Matcher([without]).find(text)), "")
    return Tried(is_about, kept_out, _why(text, names, explain_here(text, names, "service"), None))


def _without(names: BrandNames) -> Iterator[tuple[str, BrandNames]]:
    """The brand without one kind of its own words at a time."""
    yield "exclusions", replace(names, exclusions=())
    yield "forbidden", replace(names, forbidden=())
    yield "required", replace(names, required=())


def _why(text: str, names: BrandNames, reading: Reading, own: Three | None) -> Why:
    matches = Matcher([names]).find(text)
    spans = [(found.start, found.end, str(found.kind)) for found in reading.deciding]
    spans += [(found.start, found.end, "name") for found in matches]
    namings = dict.fromkeys(_naming(found, text) for found in matches)
    return Why(
        text,
        tuple(spans),
        reading,
        _by_kind(reading, text),
        tuple(namings)[:_NAMES_SHOWN],
        tuple(_values(reading)),
        tuple(str(FLAG_WORDS[flag]) for flag in FLAGS if flag in reading.flags),
        own,
    )


def _values(reading: Reading) -> Iterator[Value]:
    """Everything that has a probability, tone and intent first."""
    for sentiment, p in zip(Mention.Sentiment, reading.p, strict=True):
        yield Value(str(sentiment.label), p)
    yield Value(str(Mention.Intent(intent_code(reading.intent)).label), reading.intent_p)
    for emotion, p in zip(EMOTIONS, reading.emotions, strict=True):
        yield Value(str(EMOTION_WORDS[emotion]), p)
    for sign, words in SIGN_WORDS.items():
        yield Value(str(words), getattr(reading, sign))
    yield Value(_("safety"), float(reading.safety))


def _naming(found: Match, text: str) -> Naming:
    codes = frozenset(code.partition(":")[0] for code in found.why.split())
    return Naming(text[found.start : found.end], found.name, found.prefix, codes)


def _by_kind(reading: Reading, text: str) -> tuple[Words, ...]:
    by_kind = {
        kind: tuple(dict.fromkeys(text[one.start : one.end] for one in reading.deciding if one.kind == kind))
        for kind in KINDS
    }
    return tuple(Words(kind, words) for kind, words in by_kind.items() if words)
