"""What stands around sentences on each network: greetings, names, endings, emoji, stars, tags, handles, signatures."""

from __future__ import annotations

import re
from random import Random

from siach.world.cast import WRITTEN, Cast
from siach.world.decks import BARE, Decks
from siach.world.draft import Draft
from siach.world.mix import PRIVATE
from siach.world.style import Style, plain
from siach.world.template import Filling
from siach.world.words import TOLD, Section, sections

#: Networks on which a search finds a post by its words alone, and so the name stands in them.
_FOUND_BY_NAME = {"x", "bluesky", "mastodon"}
_OWN_PLACES = {"facebook", "instagram", "tiktok", "google_reviews", "messenger", "mail"}
_TAGGED = ("instagram", "tiktok")
#: How people begin there, and how often.
_OPENED = {
    "facebook_group": ("open.group", 0.42),
    "mail": ("open.mail", 1.0),
    "messenger": ("open.dm", 0.8),
    "google_reviews": ("", 0.0),
}
_CLOSED = {"facebook_group": 0.34, "facebook": 0.34, "mail": 0.0}
_ADDRESSED = {"x": 0.35, "mastodon": 0.7, "instagram": 0.04, "tiktok": 0.04}
#: Answers that stand by themselves, and the moods of those whose part tells more than their intent.
_BARE_PARTS = ("thanks", "support")
_MOODS = {"answer": "answer", "advice": "advice", "sympathy": "complaint"}
#: Stories that nobody chats about.
_SOBER = ("bin", "bin-like", "sesame", "old-video", "closing", "coupon")
_STARS = {1: (4, 5, 5, 5), -1: (1, 1, 2, 2, 3)}
#: Stories in which nobody smiles.
_GRAVE = ("bin", "bin-like", "sesame")
#: How often the angry begin or end with more than what they say, in a storm.
_STORMY = 0.14
#: Any name of the brand or a rival.
NAMES = re.compile(
    "|".join([*(name for one in WRITTEN.values() for name in one.values()), "aluma", "degnora", "tanurla", "Алум[еы]"]),
    re.IGNORECASE,
)


class Dresser:
    def __init__(self, rng: Random, cast: Cast, decks: Decks) -> None:
        self.rng, self.cast, self.decks = rng, cast, decks

    def lone(self, draft: Draft, section: Section, style: Style) -> str:
        """Nothing but emoji, as many answer; mostly ""."""
        can = draft.parent is not None and draft.kind.endswith(("/agree", "/react", "/sympathy"))
        if not can or section.intent == "question" or self.rng.random() > 0.16 * style.emoji + 0.01:
            return ""
        mood = {1: "praise", -1: "complaint"}.get(section.sentiment, "other")
        return self.decks.part(f"only.{mood}", BARE)

    def before(self, draft: Draft, section: Section, filling: Filling, body: str) -> list[str]:
        """A greeting, and whom it is about where the sentences do not say."""
        if draft.role == "brand":
            return []
        if draft.is_stormy and (draft.parent is not None or draft.network not in PRIVATE):
            lead = "" if draft.parent else self._lead(draft, section, filling, body)
            return [*self._stormy("open", draft, section, filling), *([lead] if lead else [])]
        if draft.parent is not None:
            return self._frame("open", 0.4, draft, section, filling)
        name, rate = _OPENED.get(draft.network, ("open.short", 0.12))
        opened = ""
        if "open.group" in sections(draft.language) and self.rng.random() < rate:
            opened = self.decks.part(name, filling, draft.language)
        return [one for one in (opened, self._lead(draft, section, filling, body)) if one]

    def _lead(self, draft: Draft, section: Section, filling: Filling, body: str) -> str:
        if NAMES.search(body) or section.target == "neither":
            return ""
        wanted = 1.0 if draft.network in _FOUND_BY_NAME else 0.0 if draft.network in _OWN_PLACES else 0.8
        if self.rng.random() >= wanted:
            return ""
        kind = "rival" if section.target == "rival" else section.intent
        if draft.is_stormy:
            return self.decks.part("storm.lead", filling, draft.language)
        return self.decks.part(f"lead.{kind if draft.language == 'he' else 'any'}", filling)

    def after(self, draft: Draft, section: Section, filling: Filling) -> list[str]:
        """A last word."""
        if draft.role == "brand" or section.target == "neither":
            return []
        if draft.is_stormy:
            return self._stormy("close", draft, section, filling)
        if draft.parent is not None:
            return self._frame("close", 0.28, draft, section, filling)
        if draft.language != "he" or draft.story == "bin" or self.rng.random() > _CLOSED.get(draft.network, 0.2):
            return []
        word = self.decks.part(f"close.{section.intent}", filling)
        return [word] if word else []

    def _frame(self, side: str, rate: float, draft: Draft, section: Section, filling: Filling) -> list[str]:
        """How people begin or end an answer."""
        part = draft.kind.rpartition("/")[2]
        if part in _BARE_PARTS or part.startswith("op-") or self.rng.random() > rate:
            return []
        if draft.story in _SOBER and (draft.language != "he" or section.intent in ("other", "question")):
            return []
        asked = "follow" if part == "agree" else "ask"
        mood = asked if section.intent == "question" else _MOODS.get(part, section.intent)
        name = f"answer.{side}.{mood}"
        name = name if name in sections(draft.language) else f"answer.{side}"
        word = self.decks.part(name, filling, draft.language)
        return [word] if word else []

    def _stormy(self, side: str, draft: Draft, section: Section, filling: Filling) -> list[str]:
        """How those begin or end who are angry in a storm."""
        is_angry = section.sentiment < 0 and section.intent == "other" and not draft.kind.endswith(".mock")
        if draft.language not in TOLD or not is_angry or self.rng.random() > _STORMY:
            return []
        word = self.decks.part(f"storm.{side}", filling, draft.language)
        return [word] if word else []

    def dressed(self, text: str, draft: Draft, section: Section, style: Style) -> str:
        """With everything else that this network and this person have."""
        text = plain(text) if style.is_plain else text
        mood = "praise" if section.sentiment > 0 else section.intent
        if draft.is_stormy and section.sentiment:
            mood = "complaint" if section.sentiment < 0 else "other"
        text = self._with_emoji(text, draft, mood, style)
        if draft.parent is not None:
            return self._at(text, draft, draft.parent)
        if draft.network == "google_reviews":
            return f"{'★' * self.rng.choice(_STARS.get(section.sentiment, (3, 4)))} {text}"
        if draft.network == "mail" and (word := self.decks.part("close.mail", BARE, draft.language)):
            return f"{text}\n{word},\n{self.cast.people[draft.author].name}"
        if draft.network in _TAGGED and draft.language == "he" and self.rng.random() < 0.5:
            more = "any" if draft.is_stormy and mood != "complaint" else mood
            tags = {self.decks.part("tag.any", BARE), self.decks.part(f"tag.{more}", BARE)}
            return f"{text} {' '.join(sorted(tags - {''}))}"
        return self._named(text, draft, section)

    def _with_emoji(self, text: str, draft: Draft, mood: str, style: Style) -> str:
        rate = style.emoji * (1.3 if draft.network in _TAGGED else 0.8)
        if ((draft.story in _GRAVE or draft.is_stormy) and mood != "complaint") or self.rng.random() >= rate:
            return text
        mark = self.decks.part(f"emoji.{mood}", BARE)
        return f"{text} {mark * self.rng.choice((1, 1, 1, 2, 3))}"

    def _named(self, text: str, draft: Draft, section: Section) -> str:
        if draft.network not in _FOUND_BY_NAME or section.target != "brand" or NAMES.search(text):
            return text
        name = WRITTEN[draft.language]["aluma"]
        return f"@aluma_bakery {text}" if self.rng.random() < 0.5 else f"{text} #{name}"

    def _at(self, text: str, draft: Draft, parent: Draft) -> str:
        """Behind the handle of whom it answers, where people write so."""
        if draft.network in PRIVATE or self.rng.random() > _ADDRESSED.get(draft.network, 0.0):
            return text
        handle = self.cast.people[parent.author].handles.get(draft.network, "")
        return f"@{handle} {text}" if handle else text
