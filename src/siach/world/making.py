"""A seed and a moment become a world."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from random import Random

from siach.world.cast import AGENCY, BRAND, RIVALS, Cast, places
from siach.world.data import Language, Media, Metrics, Place, Said, Truth, World
from siach.world.deeds import deeds
from siach.world.draft import Draft
from siach.world.mix import PRIVATE, Mix
from siach.world.rhythm import Rhythm
from siach.world.stories import Stories
from siach.world.threads import Threads
from siach.world.voice import Spoken, Voice
from siach.world.words import products

SEED = 7
POSTS = 40_000
FEWEST = 500
_VIEWED = {"tiktok": 55, "telegram": 140, "instagram": 30}
_PICTURED = {
    "instagram": 0.75,
    "tiktok": 1.0,
    "facebook": 0.25,
    "facebook_group": 0.22,
    "x": 0.12,
    "bluesky": 0.12,
    "google_reviews": 0.15,
}
#: What whoever captured these saw under them: reactions, shares, comments.
_SEEN = {"sesame_root": (212, 31, 84), "bin_root": (1840, 960, 0)}


def make(seed: int, end: datetime, posts: int = POSTS, language: Language = "he") -> World:
    """The world of this seed that ends at `end` (aware): so many posts in the 122 days up to it. The same arguments
    give the same world, to the byte. `language`: he or en, in which it is told: whom the story needs by name, its live
    matter and what the team writes down speak it, and half of everybody else. ValueError for fewer than 500 posts, or
    an end without a zone."""
    if posts < FEWEST:
        raise ValueError(f"A world has {FEWEST} posts at least.")
    if end.tzinfo is None:
        raise ValueError("The end has no zone.")
    end = end.astimezone(UTC).replace(microsecond=0)
    rng = Random(f"{seed} {end.isoformat()} {posts}")
    rhythm = Rhythm(rng, end)
    cast = Cast(rng, max(400, posts // 2), language=language)
    grounds = places(language)
    drafts = _drafts(rng, rhythm, cast, Mix(grounds, language), posts)
    voice = Voice(rng, cast, rhythm)
    spoken = [voice.say(draft) for draft in drafts]
    keys = [f"{draft.network[:1]}{draft.network[-1:]}-{number:06d}" for number, draft in enumerate(drafts)]
    for number, draft in enumerate(drafts):
        draft.number = number
    known = {place.key: place for place in grounds}
    said = tuple(
        said_of(rng, draft, words, keys, cast, known[draft.place]) for draft, words in zip(drafts, spoken, strict=True)
    )
    truth = tuple(truth_of(draft, words, keys, cast) for draft, words in zip(drafts, spoken, strict=True))
    done = tuple(deeds(rng, drafts, said, rhythm, cast, grounds, language))
    return World(seed, end, BRAND, RIVALS, AGENCY, tuple(cast.people), grounds, said, truth, done)


def _drafts(rng: Random, rhythm: Rhythm, cast: Cast, mix: Mix, posts: int) -> list[Draft]:
    """All posts without words, in the order of time; an answer always stands behind what it answers."""
    stories = Stories(rng, rhythm, cast, mix, posts / POSTS, mix.told)
    threads = Threads(rng, rhythm, cast, stories.sorry)
    found: list[Draft] = []
    for root in stories.drafts():
        found += threads.grow(root)
    while len(found) < posts:
        at = rhythm.any(rng)
        network = mix.network(rng)
        language = mix.language(rng, network)
        place = mix.place(rng, network)
        kind = mix.kind(rng, place, rhythm.day(at), rhythm.hour(at))
        author = cast.pick(rng, network, language, "parent" if place.key in ("allergies", "parents_wa") else "")
        private = network in PRIVATE
        root = Draft(at, network, place.key, author, kind, "", language, is_private=private)
        found += threads.grow(root)
    del found[posts:]
    for draft in found:
        draft.answers = 0
    for draft in found:
        if draft.parent is not None:
            draft.parent.answers += 1
    return sorted(found, key=lambda draft: draft.at)


def said_of(rng: Random, draft: Draft, words: Spoken, keys: list[str], cast: Cast, place: Place) -> Said:
    key = keys[draft.number]
    person = cast.people[draft.author]
    is_shut = place.is_closed or draft.is_private
    handle = person.handles.get(draft.network) or person.key
    return Said(
        key=key,
        network=draft.network,
        place=draft.place,
        at=datetime.fromtimestamp(round(draft.at), UTC),
        author=person.key,
        text=words.text,
        parent=keys[draft.parent.number] if draft.parent else "",
        root=keys[draft.root.number] if draft.root else "",
        url="" if is_shut else f"https://{draft.network.replace('_', '-')}.example/{handle}/{key}",
        metrics=_metrics(rng, draft, person.followers, place),
        way=place.way,
        is_private=draft.is_private,
        media=_media(rng, draft, key),
    )


def _metrics(rng: Random, draft: Draft, followers: int, place: Place) -> Metrics:
    if draft.is_private or draft.network == "feed":
        return Metrics(comments=draft.answers)
    seen = max(followers, place.members // 40 if draft.parent is None else 20)
    pull = (1 + seen / 60) ** 0.62 * (0.25 if draft.parent else 1.0) * (1 + draft.answers) ** 0.5
    likes = int(rng.lognormvariate(0.1, 1.1) * pull)
    shares = int(likes * rng.betavariate(0.6, 9))
    if draft.kind in _SEEN:
        likes, shares, comments = _SEEN[draft.kind]
        return Metrics(likes, shares, max(comments, draft.answers))
    rate = _VIEWED.get(draft.network)
    views = math.ceil((likes + 3) * rate * rng.uniform(0.4, 1.6)) if rate and draft.parent is None else None
    return Metrics(likes, shares, draft.answers, views)


def _media(rng: Random, draft: Draft, key: str) -> tuple[Media, ...]:
    if draft.parent is not None or rng.random() > _PICTURED.get(draft.network, 0.0):
        return ()
    is_film = draft.network == "tiktok" or draft.kind in ("old_video", "bin_anger")
    alt = next(one.foreign[draft.language] for one in products() if one.key == draft.product)
    return (Media("video" if is_film else "image", f"https://media.example/{key}", alt),)


def truth_of(draft: Draft, words: Spoken, keys: list[str], cast: Cast) -> Truth:
    section = words.section
    return Truth(
        key=keys[draft.number],
        intent=section.intent,
        target=section.target,
        sentiment=section.sentiment,
        language=draft.language,
        role=cast.people[draft.author].role,
        story=draft.story,
        kind=section.name,
        product=draft.product,
        branch=draft.branch,
        hard=words.hard,
        skeleton=words.skeleton,
    )
