"""Turns become drafts: who takes each, where, whom it answers, and which list its words are drawn from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from siach.world.cast import Cast, Crowd, places
from siach.world.data import Language, Place, Role
from siach.world.draft import Draft
from siach.world.mix import PRIVATE
from siach.world.storm_shape import Shape
from siach.world.storm_turns import Turn, Turns
from siach.world.words import sections

#: A crowd of its own: mostly new faces, and more of those who argue. Its keys and handles cannot meet the world's.
_ROLES: tuple[tuple[Role, float], ...] = (
    ("passer", 50.0),
    ("customer", 34.0),
    ("parent", 4.0),
    ("advocate", 7.0),
    ("leader", 1.0),
    ("troll", 4.0),
)
_LANGUAGES: tuple[Language, ...] = ("he", "en", "ru", "ar")
_TONGUES: dict[Language, tuple[int, ...]] = {"he": (57, 17, 15, 11), "en": (17, 57, 15, 11)}
_SAME_TONGUE = 0.85
#: Where first posts of a part stand.
_WHERE: dict[str, dict[str, float]] = {
    "copy": {
        "x": 24,
        "facebook": 18,
        "facebook_group": 18,
        "instagram": 10,
        "tiktok": 9,
        "telegram": 6,
        "bluesky": 8,
        "mastodon": 3,
    },
    "own": {"x": 16, "facebook": 26, "instagram": 14, "google_reviews": 14, "messenger": 13, "mail": 6, "bluesky": 4},
    "ask": {"facebook": 24, "messenger": 20, "x": 12, "instagram": 14, "facebook_group": 12, "mail": 4, "bluesky": 6},
    "mock": {"x": 40, "tiktok": 20, "instagram": 12, "bluesky": 12, "facebook": 10, "mastodon": 4},
    "defend": {"facebook": 40, "x": 24, "facebook_group": 20, "instagram": 16},
    "calm": {"facebook": 30, "x": 30, "facebook_group": 30},
    "ring": {"x": 70, "facebook": 20, "telegram": 10},
    "copied": {"x": 1},
    "press_ask": {"x": 1},
    "press": {"feed": 1},
    "mp": {"x": 1},
    "second": {"x": 1, "facebook": 1},
}
#: How likely a turn answers somebody; those that are not here never do.
_ANSWERS = {
    "circle": 1.0,
    "own": 0.42,
    "ask": 0.42,
    "mock": 0.6,
    "defend": 0.7,
    "calm": 1.0,
    "echo": 1.0,
    "against": 1.0,
    "ring": 0.2,
}
#: Who had better say it.
_WHO = {"own": "customer", "ask": "customer", "defend": "advocate", "circle": "customer", "calm": "passer"}
#: The share of copies by those whom many follow.
_LEADERS = 0.08
#: How much more than others a first post draws.
_PULL = {"copied": 4.5, "press": 6.0, "mp": 5.0, "second": 6.0, "press_ask": 2.0, "copy": 1.5, "defend": 1.2}
_BEATS = ("first", "copied", "press", "mp", "second")
#: What is said under these is about them.
_TALK = {"press": "press_talk", "mp": "mp_talk", "second": "second_talk"}
#: Parts that are read and answered in the language in which the storm is told.
_TOLD_ONLY = ("circle", "copied", "second", "calm", "ring", "press", "press_ask", "mp")
#: Those who speak in the closed group too, where the first post is.
_INSIDE = ("defend", "calm")
#: Of how many of the latest threads one is answered.
_NEAR = 50
#: Among how many who would say it one is chosen.
_FEW = 6
#: How likely an answer is to the first post of its thread, and among how many of the latest it is chosen otherwise.
_TO_THE_FIRST, _LATEST = 0.62, 7
_MOST_IN_GROUPS = ("brunch", "basket", "pram")


@dataclass(frozen=True, slots=True)
class Setting:
    """Of a kind of storm: where it begins, by whom ("" for anybody), what it is about, how many minutes its customers
    wait, and which of the world's own lists serve a part. In `place` stands the branch."""

    place: str
    author: str
    products: tuple[str, ...]
    branches: tuple[str, ...]
    patience: int
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_DOORS = ("ramatayim", "haifa", "ashdod", "beersheba", "modiin")
SETTINGS: dict[str, Setting] = {
    "safety": Setting(
        "allergies",
        "michal",
        ("rugelach",),
        ("hod",),
        20,
        {"circle": ("sesame_root/agree", "sesame_calm"), "ask": ("sesame_ask",)},
    ),
    "staff": Setting("door_{branch}", "", ("buns",), _DOORS, 45, {"own": ("rude",)}),
    "price": Setting(
        "basket",
        "",
        ("challah",),
        ("kfar_saba", "rishon", "holon", "netanya"),
        60,
        {"defend": ("price/defend",), "echo": ("price/sympathy",)},
    ),
    "coupon": Setting(
        "basket",
        "",
        ("rugelach",),
        ("rehovot", "petah", "givatayim", "bat_yam"),
        30,
        {"own": ("fake",), "ask": ("coupon_q",)},
    ),
    "values": Setting(
        "door_{branch}",
        "",
        ("challah",),
        _DOORS,
        60,
        {"copy": ("bin_anger",), "own": ("waste",), "defend": ("bin_defend",), "calm": ("bin_root/doubt",)},
    ),
    "rumour": Setting(
        "class",
        "",
        ("rugelach",),
        ("kfar_saba", "netanya", "rishon"),
        45,
        {
            "copy": ("old_video",),
            "own": ("dirty",),
            "ask": ("video_q",),
            "calm": ("old_video/doubt",),
        },
    ),
}


def crowd_of(shape: Shape) -> Crowd:
    """Enough accounts of one hand that none says the same words twice within a burst."""
    ring = max(12, round(shape.copies * shape.posts * 0.45))
    return Crowd(_ROLES, ring, ("x", "facebook", "telegram"), "storm-p", "its_")


class Plan:
    def __init__(self, rng: Random, kind: str, begin: float, shape: Shape, cast: Cast, told: Language = "he") -> None:
        self.rng, self.kind, self.begin, self.cast, self.told = rng, kind, begin, cast, told
        self.setting = SETTINGS[kind]
        self.product, self.branch = rng.choice(self.setting.products), rng.choice(self.setting.branches)
        self.turns = Turns(rng, shape)
        self._grounds: dict[str, list[Place]] = {}
        self._place = {one.key: one for one in places(told)}
        for one in self._place.values():
            if not one.town or one.town == self.branch:
                self._grounds.setdefault(one.network, []).append(one)
        self._roots: list[Draft] = []
        self._beats: list[Draft] = []
        self._threads: dict[int, list[Draft]] = {}
        self._leaders: dict[int, Draft] = {}
        self._bursts: dict[int, list[int]] = {}
        self._part: dict[int, str] = {}
        self._defences: list[Draft] = []
        self._spoke: Counter[int] = Counter()
        self._used: set[str] = set()
        self._is_defended = False

    def drafts(self) -> list[Draft]:
        """In the order of time."""
        found = []
        for number, turn in enumerate(self.turns.all()):
            draft = self._taken(turn)
            draft.number = number
            found.append(draft)
        return found

    def _taken(self, turn: Turn) -> Draft:
        parent = self._answered(turn)
        draft = self._begun(turn) if parent is None else self._answer(turn, parent)
        if turn.part == "defend":
            self._defences.append(draft)
        if parent is not None:
            return draft
        if draft.network not in (*PRIVATE, "google_reviews") and turn.part != "ring":
            (self._beats if turn.part in _BEATS else self._roots).append(draft)
            self._threads[id(draft)] = [draft]
            self._part[id(draft)] = turn.part
        return draft

    def _answered(self, turn: Turn) -> Draft | None:
        """The post that a turn answers, None where it begins a thread."""
        if turn.part == "against" and self._defences:
            return self.rng.choice(self._defences[-_LATEST:])
        is_leader = turn.part == "ring" and turn.burst not in self._leaders
        if is_leader or self.rng.random() >= _ANSWERS.get(turn.part, 0.0):
            return None
        near = self._beats[:1] if turn.part == "circle" else self._near(turn.part)
        root = self.rng.choices(near, [self._pull(one, turn.at) for one in near])[0]
        thread = self._threads[id(root)]
        return root if len(thread) == 1 or self.rng.random() < _TO_THE_FIRST else self.rng.choice(thread[-_LATEST:])

    def _near(self, part: str) -> list[Draft]:
        """The first posts that a part may answer; what was said in the closed group is answered there alone."""
        near = [*self._beats[0 if part in _INSIDE else 1 :], *self._roots[-_NEAR:]]
        if part != "defend":
            near = [one for one in near if self._part[id(one)] != "defend"]
        if part == "ring":
            return [one for one in near if one.network in ("x", "facebook")]
        return near

    def _pull(self, root: Draft, at: float) -> float:
        age = at - (root.at - self.begin)
        own = _PULL.get(self._part[id(root)], 0.8)
        return own * math.exp(-age / self.turns.tau) * math.sqrt(1 + root.answers) + 1e-9

    def _begun(self, turn: Turn) -> Draft:
        part = turn.part
        if part == "first":
            place = self._place[self.setting.place.format(branch=self.branch)]
            language = self.told
        else:
            known = {net: share for net, share in _WHERE.get(part, _WHERE["copy"]).items() if self._grounds.get(net)}
            network = self.rng.choices(list(known), list(known.values()))[0]
            place = self._ground(network)
            language = self._language(network, part)
        return self._draft(turn, place, part, language)

    def _ground(self, network: str) -> Place:
        found = self._grounds[network]
        if network == "facebook_group":
            found = [one for one in found if one.town or one.key in _MOST_IN_GROUPS]
        return self.rng.choice(found)

    def _answer(self, turn: Turn, parent: Draft) -> Draft:
        root, part = parent.root or parent, turn.part
        if part == "echo" or (part == "against" and not self._defences):
            part = _TALK.get(self._part[id(root)], "echo")
        is_same = self.rng.random() < _SAME_TONGUE
        language = parent.language if is_same else self._language(root.network, part)
        draft = self._draft(turn, self._place[root.place], part, language, parent, root)
        parent.answers += 1
        if part != "ring":
            self._threads[id(root)].append(draft)
        return draft

    def _draft(
        self,
        turn: Turn,
        place: Place,
        part: str,
        language: Language,
        parent: Draft | None = None,
        root: Draft | None = None,
    ) -> Draft:
        author = self._author(turn, place.network, language, parent)
        language = self.cast.people[author].language
        name, language = list_of(self.rng, self.kind, part, language)
        draft = Draft(
            self.begin + turn.at,
            place.network,
            place.key,
            author,
            name,
            f"storm-{self.kind}",
            language,
            parent,
            root,
            _WHO.get(part, ""),
            self.product,
            self.branch,
            is_private=place.network in PRIVATE,
            used=self._used,
        )
        if turn.part == "ring":
            draft.same = self._leaders.get(turn.burst)
            self._leaders.setdefault(turn.burst, draft)
        return draft

    def _author(self, turn: Turn, network: str, language: Language, parent: Draft | None) -> int:
        number = self.cast.number
        named = {"first": self.setting.author, "press_ask": "oren", "press": "kav", "mp": "ziva"}.get(turn.part)
        if named:
            return number[named]
        if turn.part == "ring":
            if not self._bursts.get(turn.burst):
                self._bursts[turn.burst] = self.rng.sample(self.cast.ring, len(self.cast.ring))
            return self._bursts[turn.burst].pop()
        if turn.part == "defend" and not self._is_defended and network in self.cast.people[number["ruti"]].handles:
            self._is_defended = True
            return number["ruti"]
        role = self._role(turn.part)
        found = self._somebody(network, language, role, parent)
        is_so = self.cast.people[found].role == role
        return found if is_so else self._somebody(network, self.told, role, parent)

    def _somebody(self, network: str, language: Language, role: str, parent: Draft | None) -> int:
        """Of a few who would say it, the one who has said least; not whom it answers, nor who began it all."""
        few = {self.cast.pick(self.rng, network, language, role): None for _ in range(_FEW)}
        for one in (parent, *self._beats[:1]):
            if one is not None and len(few) > 1:
                few.pop(one.author, None)
        found = min(few, key=lambda one: self._spoke[one])
        self._spoke[found] += 1
        return found

    def _role(self, part: str) -> str:
        if part == "mock" and self.rng.random() < 0.5:
            return "troll"
        if self.setting.author == "michal" and part in ("circle", "ask") and self.rng.random() < 0.4:
            return "parent"
        if part == "copy" and self.rng.random() < _LEADERS:
            return "leader"
        return _WHO.get(part) or self.rng.choice(("passer", "passer", "customer"))

    def _language(self, network: str, part: str) -> Language:
        if network in ("facebook_group", "whatsapp_group", "telegram") or part in _TOLD_ONLY:
            return self.told
        return self.rng.choices(_LANGUAGES, _TONGUES[self.told])[0]


def list_of(rng: Random, kind: str, part: str, language: Language) -> tuple[str, Language]:
    """A list for a part in this language, or in Hebrew where it has none; the longer, the likelier."""
    for tongue in (language, "he"):
        known = sections(tongue)
        lists = (f"storm.{kind}.{part}", f"storm.any.{part}", *SETTINGS[kind].lists.get(part, ()))
        names = [name for name in lists if name in known]
        if names:
            return rng.choices(names, [len(known[name].lines) for name in names])[0], tongue
    raise LookupError(f"No list serves {part} of {kind}.")
