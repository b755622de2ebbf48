"""Why a mention is read as it is, worked out when somebody asks: deciding words are never stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from unicodedata import category

from django.utils.translation import gettext as _

from siach.language.clean import key
from siach.language.guard import THRESHOLD
from siach.language.reading import EMOTIONS, FLAGS, KINDS, intent_code, probability_code, probability_of
from siach.language.terms import FUNCTION_WORDS
from siach.talk.actions.naming import matcher_of
from siach.talk.actions.reading import (
    calibrated,
    calibrated_runs,
    current_run,
    domain_of,
    explain_as_learnt,
    explain_here,
    heads_of,
    names_of,
    with_score,
)
from siach.talk.models import Mention
from siach.talk.reading_words import EMOTION_WORDS, FLAG_WORDS, SIGN_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siach.calc.calibration import Three
    from siach.language.learning import Learnt
    from siach.language.reading import Kind, Match, Reading, Rule
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
    """How the brand is named: as it stands in the text, behind which prefix, and the codes of `Match.why`; whether
    it `stands` as the brand, and what decided that, as `Match` tells it. `needed`: the least `p` that stands."""

    written: str
    name: str
    prefix: str
    codes: frozenset[str]
    stands: bool
    rule: Rule
    p: float | None
    context: tuple[str, ...]
    needed: ClassVar[float] = THRESHOLD


class Value(NamedTuple):
    """One value of a reading in words, and how sure the reader is of it, 0 to 1."""

    words: str
    p: float


@dataclass(frozen=True, slots=True)
class Why:
    """`spans` are (start, end, kind) in `text`: the kinds of deciding words, and `name`. `shares`: of negative, neutral
    and positive, as finely as a mention stores them. `own` is the reader's own score where it was set right for the
    source, else None; `is_trained`: by training on its posts, which the deciding words then follow. `words` leave out
    what says nothing by itself: punctuation and words such as "the" and את. `facts`: what the text has, in words.
    `namings`: those that stand first."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    reading: Reading
    shares: Three
    words: tuple[Words, ...]
    namings: tuple[Naming, ...]
    values: tuple[Value, ...]
    facts: tuple[str, ...]
    own: Three | None
    is_trained: bool = False

    @property
    def is_named(self) -> bool:
        """Whether a name stands in it that is the brand, by today's names and marks."""
        return any(naming.stands for naming in self.namings)


def explain(mention: Mention) -> Why:
    """Read the post again for this brand, with the reader in force, and say what decided.

    Of a text longer than 20,000 characters the beginning is explained.
    """
    text, names = mention.post.text[:EXPLAINED], names_of(mention.brand)
    post, run, now = mention.post, mention.run, current_run()
    domain = domain_of(post.network, is_answer=bool(post.parent_key))
    own = explain_here(text, names, domain)
    if not run.fitted_on or (run.name, run.version) != (now.name, now.version):
        return _why(text, mention.brand, own, None)
    if own.language not in run.trained:
        return _why(text, mention.brand, calibrated(own, run), own.p)
    reading = _as_trained(mention, own, lambda head: explain_as_learnt(own, text, names, domain, head))
    return replace(_why(text, mention.brand, reading, own.p), is_trained=True)


def _as_trained(mention: Mention, own: Reading, explained: Callable[[Learnt], Reading]) -> Reading:
    """By what is learnt of its source now. Where that is no more what read it, or is gone, the stored score stands."""
    newest = calibrated_runs([mention.run.source_id] if mention.run.source_id else []).get(mention.run.source_id or 0)
    head = heads_of([newest]).get((newest.pk, own.language)) if newest else None
    reading = explained(head) if head else own
    if newest and head and newest.pk == mention.run_id:
        return reading
    negative, positive = probability_of(mention.negative), probability_of(mention.positive)
    return with_score(reading, (negative, max(0.0, 1 - negative - positive), positive))


def try_text(text: str, brand: Brand) -> Why:
    """What would become of a text that somebody posts: is it about this brand, and how would it be read?"""
    text = text[:EXPLAINED]
    return _why(text, brand, explain_here(text, names_of(brand), "service"), None)


def _why(text: str, brand: Brand, reading: Reading, own: Three | None) -> Why:
    matcher = matcher_of(brand.org_id)
    matches = [found for found in matcher.find(text) if found.brand == brand.pk]
    aside = [found for found in matcher.set_aside(text) if found.brand == brand.pk]
    spans = [(found.start, found.end, str(found.kind)) for found in reading.deciding]
    spans += [(found.start, found.end, "name") for found in matches]
    namings = [_naming(found, text, stands=True) for found in matches]
    namings += [_naming(found, text, stands=False) for found in aside]
    return Why(
        text,
        tuple(spans),
        reading,
        (stored(reading.p[0]), stored(reading.p[1]), stored(reading.p[2])),
        _by_kind(reading, text),
        tuple(dict.fromkeys(namings))[:_NAMES_SHOWN],
        tuple(_values(reading)),
        tuple(str(FLAG_WORDS[flag]) for flag in FLAGS if flag in reading.flags),
        own,
    )


def stored(p: float) -> float:
    """A probability as finely as a mention keeps it, so that its chip and its explanation show one number."""
    return probability_code(p) / 1000


def _values(reading: Reading) -> Iterator[Value]:
    """Everything that has a probability, tone and intent first."""
    for sentiment, p in zip(Mention.Sentiment, reading.p, strict=True):
        yield Value(str(sentiment.label), stored(p))
    yield Value(str(Mention.Intent(intent_code(reading.intent)).label), reading.intent_p)
    for emotion, p in zip(EMOTIONS, reading.emotions, strict=True):
        yield Value(str(EMOTION_WORDS[emotion]), p)
    for sign, words in SIGN_WORDS.items():
        yield Value(str(words), getattr(reading, sign))
    yield Value(_("safety"), float(reading.safety))


def _naming(found: Match, text: str, *, stands: bool) -> Naming:
    codes = frozenset(code.partition(":")[0] for code in found.why.split())
    written = text[found.start : found.end]
    return Naming(written, found.name, found.prefix, codes, stands, found.rule, found.p, found.context)


def _by_kind(reading: Reading, text: str) -> tuple[Words, ...]:
    by_kind = {
        kind: tuple(dict.fromkeys(text[one.start : one.end] for one in reading.deciding if one.kind == kind))
        for kind in KINDS
    }
    told = {kind: tuple(word for word in words if _tells(word, kind)) for kind, words in by_kind.items()}
    return tuple(Words(kind, words) for kind, words in told.items() if words)


def _tells(word: str, kind: Kind) -> bool:
    """Whether a deciding word says something by itself. A "why" does in a question; a smiley does, bare punctuation
    does not."""
    said = [one for one in key(word).split() if any(category(letter)[0] in "LNS" for letter in one)]
    return bool(said) if kind == "question" else not FUNCTION_WORDS.issuperset(said)
