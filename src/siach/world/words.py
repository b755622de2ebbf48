"""The word lists under text/, loaded once.

A list is a text file. `== name : intent sentiment target` opens a section; a line is a sentence, a line behind `+` a
detail that may follow any sentence of its section, and what stands behind `;;` are flags: `m`, `f` (who may say it),
`pm`, `pf` (to whom), `ms`, `fs`, `mp`, `fp` (of which product), `af` (a woman answers), `morning`, `evening`, `weekend`
(when), and the hard cases of `data.HARD`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import cast

from siach.world.data import Intent, Language, Target
from siach.world.template import Line, parse

FOLDER = Path(__file__).parent / "text"
LANGUAGES: tuple[Language, ...] = ("he", "en", "ar", "ru")
#: Those in which a world or a storm can be told.
TOLD: tuple[Language, ...] = ("he", "en")


#: What is not said in a private message: that one would write privately.
_ASIDE = re.compile("בפרטי|בפומבי|личн|privately|private message|خاصة|DM them")


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences of one kind, and the details that may follow them."""

    name: str
    intent: Intent
    sentiment: int
    target: Target
    lines: tuple[Line, ...]
    details: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """`form`: one of template.FORMS. `kinds`: bread, sweet, salty, friday, or the holiday that it belongs to."""

    key: str
    indefinite: str
    definite: str
    form: str
    kinds: tuple[str, ...]
    foreign: Mapping[Language, str]

    @property
    def bare(self) -> str:
        """The definite noun behind ב, ל and כ, which swallow its article."""
        is_construct = self.definite.split()[0] == self.indefinite.split()[0]
        return self.definite if is_construct else self.definite.removeprefix("ה")


@dataclass(frozen=True, slots=True)
class Town:
    key: str
    names: Mapping[Language, str]
    weight: int


@dataclass(frozen=True, slots=True)
class Kin:
    """A relative of whoever speaks; `whose`: m, f or any."""

    noun: str
    form: str
    whose: str


def rows(name: str) -> list[list[str]]:
    """The rows of a table under text/."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@lru_cache(maxsize=2)
def called(language: Language) -> Mapping[str, str]:
    """What a world told in this language calls its people and places, by their keys, where that is not what the cast
    calls them."""
    return dict(rows("en/called.tsv")) if language == "en" else {}


@lru_cache(maxsize=1)
def products() -> tuple[Product, ...]:
    return tuple(
        Product(key, word, definite, form, tuple(kinds.split(",")), {"he": word, "en": en, "ar": ar, "ru": ru})
        for key, word, definite, form, kinds, en, ar, ru in rows("he/products.tsv")
    )


@lru_cache(maxsize=1)
def towns() -> tuple[Town, ...]:
    return tuple(
        Town(key, {"he": he, "en": en, "ar": ar, "ru": ru}, int(weight))
        for key, he, en, ar, ru, weight in rows("towns.tsv")
    )


@lru_cache(maxsize=1)
def agreements() -> dict[str, tuple[str, ...]]:
    return {one[0]: tuple(one) for one in rows("he/agree.tsv")}


@lru_cache(maxsize=1)
def kin() -> tuple[Kin, ...]:
    return tuple(Kin(*one) for one in rows("he/kin.tsv"))


@lru_cache(maxsize=1)
def slips() -> tuple[tuple[str, str], ...]:
    """What is right, and how it is often written."""
    return tuple((right, wrong) for right, wrong in rows("he/slips.tsv"))


@lru_cache(maxsize=4)
def sections(language: Language) -> dict[str, Section]:
    """All sections of a language by name; one may go on elsewhere. ValueError where it is something else there."""
    found: dict[str, Section] = {}
    for file in sorted((FOLDER / language).glob("*.txt")):
        for one in _read(file):
            before = found.get(one.name)
            if before is None:
                found[one.name] = one
            elif (before.intent, before.sentiment, before.target) != (one.intent, one.sentiment, one.target):
                raise ValueError(f"{file}: {one.name} is two things")
            else:
                found[one.name] = replace(before, lines=before.lines + one.lines, details=before.details + one.details)
    return found


def _read(file: Path) -> Iterator[Section]:
    head = ""
    lines: list[Line] = []
    details: list[Line] = []
    for line in [*file.read_text(encoding="utf-8").splitlines(), "=="]:
        if line.startswith("=="):
            if head:
                yield _section(head, lines, details)
            head, lines, details = line[2:].strip(), [], []
        elif line.strip():
            words, _sign, flags = line.removeprefix("+ ").partition(" ;;")
            into = details if line.startswith("+ ") else lines
            more = ("public",) if _ASIDE.search(words) else ()
            into.append(parse(words, frozenset((*flags.split(), *more))))


def _section(head: str, lines: list[Line], details: list[Line]) -> Section:
    name, _sign, rest = head.partition(" : ")
    intent, sentiment, target = [*rest.split(), *["other", "0", "brand"][len(rest.split()) :]]
    return Section(name, cast(Intent, intent), int(sentiment), cast(Target, target), tuple(lines), tuple(details))


def section_of(language: Language, kind: str) -> Section:
    """The section of a kind; where a language has none of its own, that of the same intent."""
    known = sections(language)
    if found := known.get(kind):
        return found
    hebrew = sections("he")[kind]
    part = f"/{kind.partition('/')[2]}" if "/" in kind else ""
    return known.get(f"{hebrew.intent}{part}") or known.get(f"{kind.partition('/')[0]}{part}") or known[hebrew.intent]
