"""Why a mention is read as it is, worked out when somebody asks: deciding words are never stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.language.match import Matcher
from siach.language.reading import KINDS
from siach.talk.actions.reading import read
from siach.talk.actions.understanding import names_of

if TYPE_CHECKING:
    from siach.language.reading import Kind, Match, Reading
    from siach.talk.models import Mention

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


@dataclass(frozen=True, slots=True)
class Why:
    """`spans` are (start, end, kind) in `text`: the kinds of deciding words, and `name`."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    reading: Reading
    words: tuple[Words, ...]
    namings: tuple[Naming, ...]


def explain(mention: Mention) -> Why:
    """Read the post again for this brand, with the reader in force, and say what decided.

    Of a text longer than 20,000 characters the beginning is explained.
    """
    text = mention.post.text[:EXPLAINED]
    names = names_of(mention.brand)
    reading = read([text], [names])[0]
    matches = Matcher([names]).find(text)
    spans = [(found.start, found.end, str(found.kind)) for found in reading.deciding]
    spans += [(found.start, found.end, "name") for found in matches]
    namings = dict.fromkeys(_naming(found, text) for found in matches)
    return Why(text, tuple(spans), reading, _by_kind(reading, text), tuple(namings)[:_NAMES_SHOWN])


def _naming(found: Match, text: str) -> Naming:
    codes = frozenset(code.partition(":")[0] for code in found.why.split())
    return Naming(text[found.start : found.end], found.name, found.prefix, codes)


def _by_kind(reading: Reading, text: str) -> tuple[Words, ...]:
    by_kind = {
        kind: tuple(dict.fromkeys(text[one.start : one.end] for one in reading.deciding if one.kind == kind))
        for kind in KINDS
    }
    return tuple(Words(kind, words) for kind, words in by_kind.items() if words)
