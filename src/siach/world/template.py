"""Sentences with slots whose forms agree.

{slot}         a value of the filling: a product {p} (definite {hp}, behind a prefix {bp}), a branch {b} ...
{p:טרי}        the form of that word that agrees with the product; {rel:אמר} with the relative
[יודע|יודעת]   the man's or the woman's form of who speaks
<תבדוק|תבדקי>  the same of whom it is said to
(a|b|)         any of these
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from siach.world.data import Gender

#: What agrees: masculine and feminine, singular and plural.
FORMS = ("ms", "fs", "mp", "fp")
_PIECE = re.compile(r"\{([\w:]+)\}|\[([^\[\]|]*)\|([^\[\]]*)\]|<([^<>|]*)\|([^<>]*)>|\(([^()|]*(?:\|[^()|]*)+)\)")
_SPEAKER = {"m", "f"}
_LISTENER = {"pm", "pf"}
#: What must be so, and stands among the filling's tags: a woman answers; the time of the day or the week; it is said
#: to all.
_TAGS = {"af", "morning", "evening", "weekend", "public"}
_HEBREW = re.compile("[א-ת]")

Kind = Literal["text", "slot", "agree", "speaker", "listener", "any"]


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Kind
    values: tuple[str, ...]


@dataclass(slots=True)
class Filling:
    """What goes into the slots of one post. `forms`: by slot, which of FORMS its noun is. `speaker`, `listener`: their
    genders. A slot that is not here cannot be filled, and a line that wants it does not fit."""

    values: dict[str, str]
    forms: dict[str, str]
    speaker: Gender = "m"
    listener: Gender = "m"
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed line. `flags` are the words behind `;;` in its file; `needs` are its slots."""

    text: str
    pieces: tuple[Piece, ...]
    flags: frozenset[str]
    needs: frozenset[str]
    skeleton: str = field(compare=False)

    def fits(self, filling: Filling) -> bool:
        """Whether every slot can be filled, and every form that the line is bound to is meant."""
        if not self.needs <= filling.values.keys():
            return False
        flags = self.flags
        if flags & _SPEAKER and filling.speaker not in flags:
            return False
        if flags & _LISTENER and f"p{filling.listener}" not in flags:
            return False
        if not flags & _TAGS <= filling.tags:
            return False
        bound = flags.intersection(FORMS)
        return not bound or filling.forms.get("p") in bound


def parse(text: str, flags: frozenset[str] = frozenset()) -> Line:
    """A line of a file without its flags. ValueError for a bracket that opens nothing."""
    pieces: list[Piece] = []
    at = 0
    for found in _PIECE.finditer(text):
        if found.start() > at:
            pieces.append(Piece("text", (text[at : found.start()],)))
        pieces.append(_piece(found))
        at = found.end()
    if at < len(text):
        pieces.append(Piece("text", (text[at:],)))
    if stray := re.search(r"[{}\[\]<>|]", "".join(value for one in pieces for value in one.values)):
        raise ValueError(f"{stray.group()} opens nothing in: {text}")
    needs = frozenset(one.values[0] for one in pieces if one.kind in ("slot", "agree"))
    return Line(text, tuple(pieces), flags, needs, "".join(_empty(one) for one in pieces))


def _piece(found: re.Match[str]) -> Piece:
    slot, man, woman, to_man, to_woman, several = found.groups()
    if slot is not None:
        name, _sign, word = slot.partition(":")
        return Piece("agree", (name, word)) if word else Piece("slot", (name,))
    if man is not None:
        return Piece("speaker", (man, woman))
    if to_man is not None:
        return Piece("listener", (to_man, to_woman))
    return Piece("any", tuple(several.split("|")))


def _empty(piece: Piece) -> str:
    if piece.kind == "slot":
        return "_"
    if piece.kind == "agree":
        return piece.values[1]
    return piece.values[0]


def render(line: Line, filling: Filling, agreements: Mapping[str, tuple[str, ...]], rng: Random) -> str:
    """The sentence. `agreements`: by a word, its forms in the order of FORMS. KeyError for a word that is not there."""
    out: list[str] = []
    for piece in line.pieces:
        kind, values = piece.kind, piece.values
        if kind == "text":
            out.append(values[0])
        elif kind == "slot":
            out.append(_slot(values[0], filling, out[-1] if out else ""))
        elif kind == "agree":
            out.append(agreements[values[1]][FORMS.index(filling.forms[values[0]])])
        elif kind == "any":
            out.append(rng.choice(values))
        else:
            gender = filling.speaker if kind == "speaker" else filling.listener
            out.append(values[0] if gender == "m" else values[1])
    return "".join(out)


def _slot(name: str, filling: Filling, before: str) -> str:
    """A value; behind a Hebrew prefix, what is not Hebrew takes a hyphen, a hashtag or a handle its plain name,
    and ל and ב swallow the article of a relative."""
    value = filling.values[name]
    if name == "rel" and before[-2:] in (" ל", " ב", "ל", "ב"):
        return value.removeprefix("ה")
    if not before or not _HEBREW.match(before[-1]) or _HEBREW.match(value[0]):
        return value
    if value[0] in "#@":
        return filling.values["plain"]
    return f"-{value}" if value[0].isalpha() else value
