"""Drafts become words. They are written in the order of time, so that nothing said on one screen is said twice."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Container
from dataclasses import dataclass, replace
from random import Random

from siach.world.cast import Cast
from siach.world.decks import BARE, Decks
from siach.world.draft import Draft
from siach.world.dress import NAMES, Dresser
from siach.world.filling import Filler
from siach.world.rhythm import Rhythm
from siach.world.style import HOUSE, STYLES, Style, ended, join, slip
from siach.world.template import Filling, Line
from siach.world.words import Section, section_of

_SCREEN = 120
_TRIES = 8
#: Kinds whose words are told as they stand.
_AS_IT_IS = {"bin_root", "sesame_root", "sesame_wait", "rank_root", "price_root", "brand_first", "brand_sorry", "ring"}
#: The same of storms.
_VERBATIM = (
    *(".first", ".ring", ".press", ".press_ask", ".mp", ".second"),
    *(".thanks", ".again", ".press_thanks", ".press_again"),
)
_DETAILS = {"mail": 2.0, "facebook_group": 1.0}
_TIMES = {"morning", "evening", "weekend", "public"}
_ARTICLE = re.compile(r"\b([Aa])(?= [aeio])")
_LATIN = re.compile(r"(?<![@#\w.])[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words, the section and the lines that they were made of."""

    text: str
    section: Section
    hard: tuple[str, ...]
    skeleton: str


class Voice:
    def __init__(self, rng: Random, cast: Cast, rhythm: Rhythm) -> None:
        self.rng, self.cast = rng, cast
        self._filler = Filler(rng, cast, rhythm)
        self._decks = Decks(rng)
        self._dresser = Dresser(rng, cast, self._decks)
        self._styles = [rng.choice(STYLES) for _ in cast.people]
        self._recent: deque[str] = deque(maxlen=_SCREEN)

    def say(self, draft: Draft) -> Spoken:
        """Words for a draft; its product and branch are set to those spoken of."""
        for _ in range(_TRIES):
            filling = self._filler.fill(draft)
            spoken = self._once(draft, filling)
            if spoken.text not in self._recent:
                break
        else:
            spoken = self._otherwise(draft, spoken, filling)
        self._recent.append(spoken.text)
        return spoken

    def _otherwise(self, draft: Draft, spoken: Spoken, filling: Filling) -> Spoken:
        """The same words, said to somebody by name or with a mark behind them."""
        to = filling.values.get("to")
        can = draft.language == "he" or not draft.is_stormy
        if to and can and draft.role != "brand" and not spoken.text.startswith(("@", to)):
            return replace(spoken, text=f"{to}, {spoken.text}")
        mark = self._mark(draft, spoken)
        return spoken if draft.role == "brand" else replace(spoken, text=f"{spoken.text} {mark}")

    def say_anew(self, draft: Draft, known: Container[str]) -> Spoken:
        """Words for a draft that are not among those known."""
        for _ in range(_TRIES):
            spoken = self.say(draft)
            if spoken.text not in known:
                return spoken
        while spoken.text in known:
            spoken = replace(spoken, text=f"{spoken.text} {self._mark(draft, spoken)}")
        return spoken

    def _mark(self, draft: Draft, spoken: Spoken) -> str:
        """An emoji that changes nothing but the text."""
        if not draft.is_stormy:
            return self._decks.part("emoji.other", BARE)
        if spoken.section.sentiment > 0:
            return "🙏"
        return self._decks.part("emoji.complaint" if spoken.section.sentiment else "emoji.question", BARE)

    def _once(self, draft: Draft, filling: Filling) -> Spoken:
        section = section_of(draft.language, draft.kind)
        style = HOUSE if draft.role == "brand" else self._styles[draft.author]
        if lone := self._dresser.lone(draft, section, style):
            return Spoken(lone, section, ("emoji-only",), lone)
        lines = self._lines(draft, section, filling, style)
        parts = [_with_article(self._decks.render(line, filling), draft) for line in lines]
        hard = {flag for line in lines for flag in line.flags if len(flag) > 2} - _TIMES
        skeleton = " / ".join(line.skeleton for line in lines)
        if _is_verbatim(draft):
            return _spoken(parts[0], section, hard, skeleton, draft)
        before = self._dresser.before(draft, section, filling, " ".join(parts))
        after = self._dresser.after(draft, section, filling)
        text = ended(join([*before, *parts, *after], style), style, is_question=section.intent == "question")
        slipped = slip(text, self.rng) if draft.language == "he" and self.rng.random() < style.slip else text
        if slipped != text:
            hard.add("misspelt")
        return _spoken(self._dresser.dressed(slipped, draft, section, style), section, hard, skeleton, draft)

    def _lines(self, draft: Draft, section: Section, filling: Filling, style: Style) -> list[Line]:
        """A sentence, not said in this thread before, and maybe details."""
        thread = (draft.root or draft).used
        core = self._decks.draw((draft.language, section.name), section.lines, filling, thread)
        if core is None:
            raise LookupError(f"No line of {section.name} fits.")
        thread.add(core.text)
        found = [core]
        for _ in range(self._count(draft, section, style)):
            line = self._decks.draw((draft.language, section.name, "+"), section.details, filling)
            if line is not None and line not in found and not (line.needs & core.needs & {"rel", "rival"}):
                found.append(line)
        return found

    def _count(self, draft: Draft, section: Section, style: Style) -> int:
        """How many details."""
        if not section.details or _is_verbatim(draft):
            return 0
        rate = style.talk * (0.22 if draft.parent else _DETAILS.get(draft.network, 0.55))
        if draft.role == "brand":
            rate = 0.3
        return min(3, int(rate) + (self.rng.random() < rate % 1))


def _with_article(words: str, draft: Draft) -> str:
    """English words whose "a" before a slot is as what filled it wants."""
    return _ARTICLE.sub(r"\1n", words) if draft.language == "en" else words


def _is_verbatim(draft: Draft) -> bool:
    return draft.kind in _AS_IT_IS or draft.kind.endswith(_VERBATIM)


def _spoken(text: str, section: Section, hard: set[str], skeleton: str, draft: Draft) -> Spoken:
    if draft.parent is None and section.target == "brand" and not NAMES.search(text):
        hard.add("no-name")
    if draft.language != "en" and _LATIN.search(text):
        hard.add("mixed-script")
    return Spoken(text, section, tuple(sorted(hard)), skeleton)
