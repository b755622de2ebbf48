"""Synthetic firestorms: how an outcry runs, to train a team on it. A kind, a seed and a moment become a storm.

A storm is told in its own time: whoever plays it presses the hours together. Nothing in it is random but by its seed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from siach.world.cast import Cast, places
from siach.world.data import Language, Media, Person, Place, Said
from siach.world.draft import Draft
from siach.world.making import said_of, truth_of
from siach.world.rhythm import HOUR, Rhythm
from siach.world.storm_plan import SETTINGS, Plan, crowd_of, list_of
from siach.world.storm_shape import KINDS, Beat, BeatName, Reaction, Shape, Storm
from siach.world.voice import Spoken, Voice

__all__ = ["KINDS", "USUAL", "Beat", "BeatName", "Reaction", "Shape", "Storm", "heard_after", "storm"]

#: The usual storm: six hours, 420 posts.
USUAL = Shape()
#: What comes with a picture of a screen.
_SHOWN = (".copied", ".copy", ".first", ".second")


def storm(kind: str, seed: int, *, begin: datetime, shape: Shape = USUAL, language: Language = "he") -> Storm:
    """The storm of this kind and seed whose first post is said at `begin` (aware). The same arguments give the same
    storm, to the byte. `language`: he or en, as the world is told over which it comes. ValueError
    for a kind that is not in KINDS, or a beginning without a zone."""
    begin = _checked(kind, begin)
    rng = Random(f"storm {kind} {seed} {shape}")
    cast = Cast(rng, max(300, shape.posts), crowd_of(shape), language)
    drafts = Plan(rng, kind, begin.timestamp(), shape, cast, language).drafts()
    voice = Voice(rng, cast, Rhythm(rng, begin + timedelta(hours=shape.hours)))
    spoken = _words(drafts, voice)
    patience = timedelta(minutes=SETTINGS[kind].patience)
    maker = _Maker(rng, cast, [f"storm-{kind}-{one.number:04d}" for one in drafts], language)
    said = tuple(maker.said(draft, words) for draft, words in zip(drafts, spoken, strict=True))
    truth = tuple(truth_of(draft, words, maker.keys, cast) for draft, words in zip(drafts, spoken, strict=True))
    reactions = {
        one.key: maker.reaction(voice, draft, patience)
        for one, draft in zip(truth, drafts, strict=True)
        if one.intent in ("complaint", "question")
    }
    people, grounds = maker.used(said)
    return Storm(kind, seed, begin, shape, people, grounds, said, truth, _beats(begin, shape), reactions, patience)


def _checked(kind: str, begin: datetime) -> datetime:
    """The beginning in UTC."""
    if kind not in KINDS:
        raise ValueError(f"There is no storm of the kind {kind}; the kinds are {', '.join(KINDS)}.")
    if begin.tzinfo is None:
        raise ValueError("The beginning has no zone.")
    return begin.astimezone(UTC).replace(microsecond=0)


def heard_after(said: Said) -> timedelta:
    """How long after a post was said somebody of the brand can know of it: what stands in a closed group is heard when
    a member passes it on, most within ten minutes, some after forty; the rest at once. The same for the same key."""
    if said.way != "capture":
        return timedelta()
    minutes = Random(f"heard {said.key}").lognormvariate(1.9, 0.75)
    return timedelta(seconds=round(60 * min(45.0, max(1.0, minutes))))


def _beats(begin: datetime, shape: Shape) -> tuple[Beat, ...]:
    found = sorted(shape.beats().items(), key=lambda one: one[1])
    return tuple(Beat(begin + timedelta(seconds=round(hours * HOUR)), name) for name, hours in found)


def _words(drafts: list[Draft], voice: Voice) -> list[Spoken]:
    """Words for all, in the order of time; nothing is said twice in a thread but by accounts of one hand."""
    said: dict[int, Spoken] = {}
    texts: dict[int, set[str]] = {}
    for draft in drafts:
        if draft.same is not None:
            said[draft.number] = said[draft.same.number]
            continue
        known = texts.setdefault((draft.root or draft).number, set())
        words = voice.say_anew(draft, known)
        known.add(words.text)
        said[draft.number] = words
    return [said[draft.number] for draft in drafts]


class _Maker:
    """Makes posts of drafts and words."""

    def __init__(self, rng: Random, cast: Cast, keys: list[str], told: Language) -> None:
        self.rng, self.cast, self.keys = rng, cast, keys
        self.grounds = {one.key: one for one in places(told)}
        self.shot = {"he": "צילום מסך", "en": "screenshot"}[told]

    def used(self, said: Iterable[Said]) -> tuple[tuple[Person, ...], tuple[Place, ...]]:
        """Whoever speaks, and where, in the order of the cast and of the places."""
        spoken = {(one.author, one.place) for one in said}
        authors, where = {author for author, _ in spoken}, {place for _, place in spoken}
        return (
            tuple(one for one in self.cast.people if one.key in authors),
            tuple(one for key, one in self.grounds.items() if key in where),
        )

    def said(self, draft: Draft, words: Spoken) -> Said:
        found = said_of(self.rng, draft, words, self.keys, self.cast, self.grounds[draft.place])
        if draft.parent is None and draft.kind.endswith(_SHOWN) and not found.media:
            shot = Media("image", f"https://media.example/{found.key}", self.shot)
            return replace(found, media=(shot,))
        return found

    def reaction(self, voice: Voice, draft: Draft, patience: timedelta) -> Reaction:
        """What whoever wrote a post says to an answer in time, and to none."""
        thanks = self._back(voice, draft, "thanks", patience / 2)
        return Reaction(thanks, self._back(voice, draft, "again", patience))

    def _back(self, voice: Voice, draft: Draft, part: str, after: timedelta) -> Said:
        """What whoever wrote a post writes under it, so long after."""
        wanted = f"press_{part}" if draft.kind.endswith(".press_ask") else part
        name, language = list_of(self.rng, draft.story.removeprefix("storm-"), wanted, draft.language)
        more = replace(
            draft,
            at=draft.at + after.total_seconds(),
            kind=name,
            language=language,
            parent=draft,
            root=draft.root or draft,
            number=len(self.keys),
            answers=0,
        )
        self.keys.append(f"{self.keys[draft.number]}-{part}")
        return said_of(self.rng, more, voice.say(more), self.keys, self.cast, self.grounds[draft.place])
