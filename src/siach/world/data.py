"""What a world is made of: plain frozen data. Every time is aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Language = Literal["he", "en", "ar", "ru"]
Gender = Literal["m", "f"]
Intent = Literal["other", "complaint", "question", "praise"]
Target = Literal["brand", "rival", "both", "neither"]
Way = Literal["listen", "capture", "webhook", "feed", "mail"]
Role = Literal[
    "brand",
    "staff",
    "agency",
    "rival",
    "advocate",
    "customer",
    "parent",
    "leader",
    "partner",
    "journalist",
    "politician",
    "troll",
    "ring",
    "passer",
]
#: The kinds of hard cases that `Truth.hard` names.
HARD = (
    "sarcasm",
    "mixed",
    "quoted",
    "question",
    "two-brands",
    "no-name",
    "misspelt",
    "mixed-script",
    "emoji-only",
    "safety",
)


DEEDS = (
    "case",
    "take",
    "note",
    "ask",
    "refuse",
    "grant",
    "answer",
    "resolve",
    "aside",
    "gesture",
    "incident-open",
    "incident-close",
)
#: How the customer answered a gesture: thanked, was not content still, spoke of something else, or said no more.
OUTCOMES = ("thanks", "still", "spoke", "silent")


@dataclass(frozen=True, slots=True)
class House:
    """A brand as it is written: `names` besides `name`, and its handle."""

    key: str
    name: str
    names: tuple[str, ...]
    handle: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who speaks. `handles`: by network; `followers` is the largest of them. `home`: the key of a town."""

    key: str
    name: str
    handles: Mapping[str, str]
    gender: Gender
    language: Language
    role: Role
    followers: int
    home: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where people speak: a group, a page, a branch on the map, a mailbox. `is_closed`: only members read it."""

    key: str
    network: str
    name: str
    way: Way
    is_closed: bool = False
    members: int = 0
    town: str = ""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Totals at the end of the world; `views` is None where the network does not tell."""

    likes: int = 0
    shares: int = 0
    comments: int = 0
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One attached picture or film; its address leads nowhere."""

    kind: Literal["image", "video"]
    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Said:
    """One post. `place` and `author` are keys; `parent` and `root` are keys of posts of the same network, "" for none.
    `way`: how a brand's people would come to hear it."""

    key: str
    network: str
    place: str
    at: datetime
    author: str
    text: str
    parent: str
    root: str
    url: str
    metrics: Metrics
    way: Way
    is_private: bool = False
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What a post is, as its maker meant it. `sentiment` (-1, 0, 1) is the author's towards the target. `product`,
    `branch`: keys of what its thread is about. `story`: "" on a plain day. `kind`: the section of the word lists.
    `hard`: some of HARD. `skeleton`: its sentences with the slots emptied, without greetings and what closes."""

    key: str
    intent: Intent
    target: Target
    sentiment: int
    language: Language
    role: Role
    story: str
    kind: str
    product: str
    branch: str
    hard: tuple[str, ...]
    skeleton: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What the brand's team did about a post. `kind` is one of DEEDS; `by`: who of the team, "" for a rule.

    case: it became a matter of the team's; take; note (`text`); ask, refuse (`text`: why) and grant: whether words may
    go out; answer (`words`: the key of the post that says them; ask, refuse and grant name it too, and an ask without
    it holds words that still wait, `text`); resolve; aside: somebody saw that nothing is to be said, `text` is the code
    of the reason; gesture: something of `worth` (whole shekels) was given, `text` is one of `gestures.WORTH`, `outcome`
    one of OUTCOMES, and `words` what the customer said then. incident-open and incident-close name the post that began
    it. `is_good` is None where nothing is to be judged."""

    kind: str
    at: datetime
    by: str
    post: str
    words: str = ""
    is_good: bool | None = None
    text: str = ""
    worth: int = 0
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """All of it. `said` is in the order of time, and `truth[i]` is the truth of `said[i]`."""

    seed: int
    end: datetime
    brand: House
    rivals: tuple[House, ...]
    agency: str
    people: tuple[Person, ...]
    places: tuple[Place, ...]
    said: tuple[Said, ...]
    truth: tuple[Truth, ...]
    deeds: tuple[Deed, ...] = field(default=())
