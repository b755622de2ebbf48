"""What happened in the four months: each story as drafts of its first posts. A plain day is no story of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from siach.world.cast import Cast
from siach.world.data import Language
from siach.world.draft import Draft
from siach.world.mix import PRIVATE, Mix
from siach.world.rhythm import HOUR, Rhythm
from siach.world.words import sections

_PUBLIC = {
    "x": 3.0,
    "facebook": 2.0,
    "bluesky": 1.5,
    "instagram": 1.5,
    "tiktok": 1.0,
    "facebook_group": 3.0,
    "mastodon": 0.4,
}
_ROUND = {"telegram": 3.0, "whatsapp_group": 2.0, "facebook_group": 3.0, "x": 1.0, "facebook": 1.0}
_LOCAL = {"facebook_group": 5.0, "whatsapp_group": 1.5, "facebook": 2.0}
_SOCIAL = {"instagram": 3.0, "tiktok": 2.0, "facebook": 2.0, "x": 1.0, "facebook_group": 1.0}
_NEWS = {"feed": 3.0, "x": 1.5, "telegram": 1.0}
#: How much of what anybody says in a story is said in another language than Hebrew, in a world told in that.
_HALF = 0.5
_PAGES = ("brand_bake", "brand_poll", "brand_tip", "brand_notice", "brand_neighbour")
THURSDAY, FRIDAY, SUNDAY = 3, 4, 6
#: How long before the end the mother of an allergic child asks about the rugelach.
SESAME = 52 * 60
#: And how long before it somebody asks on the page of the brand itself.
SESAME_WAIT = 9 * 60


@dataclass(frozen=True, slots=True)
class Wave:
    """Posts of one kind around a time. `days`, `hour`, `weekday`: as Rhythm.clock takes them; `after`: hours later it
    begins; `tau`: hours in which it falls to a third; `count`: of forty thousand posts."""

    story: str
    kind: str
    count: float
    days: int
    hour: float
    tau: float
    networks: Mapping[str, float]
    weekday: int | None = None
    after: float = 0.0
    role: str = ""
    branch: str = ""
    foreign: bool = False


#: The small post that burned: on a Sunday evening of a week without holidays, so many days before the end or more.
BIN_DAY = 70
#: Hours until the brand said that it was sorry.
SORRY = 38
WAVES: tuple[Wave, ...] = (
    Wave("price", "price_news", 16, 52, 9, 8, _NEWS, role="journalist"),
    Wave("price", "price_anger", 320, 52, 9.5, 38, _PUBLIC, foreign=True),
    Wave("price", "price", 150, 51, 8, 60, _PUBLIC),
    Wave("coupon", "coupon_warn", 120, 18, 10, 46, _ROUND),
    Wave("coupon", "fake", 60, 18, 14, 50, {"messenger": 2.0, "facebook": 2.0, "facebook_group": 2.0, "mail": 1.0}),
    Wave("coupon", "coupon_q", 70, 18, 12, 50, _ROUND),
    Wave("old-video", "old_video", 46, 88, 20, 20, _ROUND),
    Wave("old-video", "old_video_true", 22, 88, 20, 26, _ROUND, after=9),
    Wave("old-video", "old_video", 120, 33, 19, 30, _ROUND),
    Wave("old-video", "video_q", 60, 33, 20, 34, _ROUND),
    Wave("old-video", "old_video_true", 66, 33, 19, 40, _PUBLIC, after=7),
    Wave("rival", "campaign", 40, 42, 9, 110, _SOCIAL, role="leader"),
    Wave("rival", "rival_talk", 150, 42, 11, 130, _PUBLIC),
    Wave("rival", "rival_good", 60, 41, 12, 120, _PUBLIC),
    Wave("rival", "rival_bad", 60, 40, 12, 120, _PUBLIC),
    Wave("rival", "both", 90, 41, 10, 120, _PUBLIC),
    Wave("bin", "bin_anger", 520, BIN_DAY, 21.7, 22, _PUBLIC, SUNDAY, after=8, foreign=True, branch="ramatayim"),
    Wave("bin", "bin_news", 14, BIN_DAY, 21.7, 9, _NEWS, SUNDAY, after=14, role="journalist", branch="ramatayim"),
    Wave(
        "bin",
        "bin_mp",
        4,
        BIN_DAY,
        21.7,
        6,
        {"x": 2.0, "facebook": 1.0},
        SUNDAY,
        after=19,
        role="politician",
        branch="ramatayim",
    ),
    Wave("bin", "bin_defend", 110, BIN_DAY, 21.7, 30, _PUBLIC, SUNDAY, after=13, role="advocate", branch="ramatayim"),
    Wave("bin", "bin_calm", 110, BIN_DAY, 21.7, 40, _PUBLIC, SUNDAY, after=40, branch="ramatayim"),
    Wave(
        "delivery",
        "delivery_down",
        170,
        14,
        8.5,
        3.5,
        {"facebook": 3.0, "x": 2.0, "messenger": 3.0, "instagram": 1.0, "mail": 0.5},
        FRIDAY,
    ),
    Wave("closing", "close_rumour", 100, 3, 17, 12, _LOCAL, branch="ramatayim"),
    Wave("closing", "rumour_q", 36, 3, 18, 14, _LOCAL, branch="ramatayim"),
    Wave("sesame", "allergy", 8, 4, 9, 40, {"facebook_group": 1.0, "facebook": 1.0}, role="parent", branch="hod"),
)
#: The five that looked like the one that burned: days before the end, place, answers.
LOOK_ALIKES = (
    (95, "door_haifa", 6),
    (84, "door_modiin", 3),
    (47, "door_hod", 11),
    (36, "door_ashdod", 4),
    (9, "door_beersheba", 7),
)


class Stories:
    """Makes the drafts; `scale` is the size of the world against forty thousand posts, `told` the language in which
    it is told."""

    def __init__(self, rng: Random, rhythm: Rhythm, cast: Cast, mix: Mix, scale: float, told: Language = "he") -> None:
        self.rng, self.rhythm, self.cast, self.mix, self.scale, self.told = rng, rhythm, cast, mix, scale, told

    def drafts(self) -> list[Draft]:
        found = [draft for wave in WAVES for draft in self._wave(wave)]
        found += [*self._bin(), *self._look_alikes(), *self._ring(), *self._pages(), *self._neighbours(), *self._now()]
        return [one for one in found if self.rhythm.start <= one.at < self.rhythm.end]

    def one(
        self, at: float, network: str, kind: str, story: str, *, place: str = "", role: str = "", **more: object
    ) -> Draft:
        """A draft by somebody who would say it there."""
        place = place or self.mix.place(self.rng, network).key
        language = self._tongue(kind, 1.0 if role or story == "sesame" else _HALF)
        author = self.cast.pick(self.rng, network, language, role)
        draft = Draft(at, network, place, author, kind, story, language, role=role, **more)  # type: ignore[arg-type]
        draft.is_private = network in PRIVATE
        return draft

    def _tongue(self, kind: str, share: float = 1.0) -> Language:
        """The language in which the world is told, where that has a list of this kind, for such a share of it; Hebrew
        for the rest."""
        is_told = self.told != "he" and kind in sections(self.told)
        return self.told if is_told and (share == 1.0 or self.rng.random() < share) else "he"

    def _wave(self, wave: Wave) -> Iterator[Draft]:
        first = self._first(wave) + wave.after * HOUR
        networks, shares = list(wave.networks), list(wave.networks.values())
        for number in range(max(1, round(wave.count * self.scale))):
            at = (
                first
                if number == 0
                else self.rhythm.awake(self.rng, first + self.rng.expovariate(1 / (wave.tau * HOUR)))
            )
            network = self.rng.choices(networks, shares)[0] if number else networks[0]
            draft = self.one(at, network, wave.kind, wave.story, role=wave.role, branch=wave.branch)
            if wave.foreign and network not in ("facebook_group", "whatsapp_group") and self.rng.random() < 0.16:
                draft.language = self.rng.choices(("en", "ru", "ar"), (5, 3, 3))[0]
                draft.author = self.cast.pick(self.rng, network, draft.language)
            yield draft

    def _first(self, wave: Wave) -> float:
        days = self.rhythm.plain_week(wave.days, SUNDAY) if wave.story == "bin" else wave.days
        first = self.rhythm.clock(days, wave.hour, wave.weekday)
        while self.rhythm.day(first).is_breadless or self.rhythm.day(first).kind == "holiday":
            days += 7
            first = self.rhythm.clock(days, wave.hour, wave.weekday)
        return first

    @property
    def sorry(self) -> float:
        """When the brand said that it was sorry."""
        first = self.rhythm.clock(self.rhythm.plain_week(BIN_DAY, SUNDAY), 21.7)
        return first + SORRY * HOUR

    def _bin(self) -> Iterator[Draft]:
        """One small post of somebody with ninety friends, and what the brand said."""
        first = self.rhythm.clock(self.rhythm.plain_week(BIN_DAY, SUNDAY), 21.7)
        burned = {"branch": "ramatayim", "replies": max(20, round(380 * self.scale))}
        yield self._by("witness", first, "facebook_group", "door_ramatayim", "bin_root", "bin", **burned)
        for hours, kind in ((17, "brand_first"), (SORRY, "brand_sorry")):
            for network in ("facebook", "instagram", "x"):
                many = round((90 if kind == "brand_first" else 60) * self.scale)
                at = self.rhythm.office(self.rng, first + hours * HOUR)
                yield self._ours(at, network, kind, "bin", branch="ramatayim", replies=max(4, many))

    def _look_alikes(self) -> Iterator[Draft]:
        for days, place, replies in LOOK_ALIKES:
            at = self.rhythm.clock(days, 21.2 + self.rng.random())
            town = place.removeprefix("door_")
            yield self.one(at, "facebook_group", "bin_like", "bin-like", place=place, branch=town, replies=replies)

    def _ring(self) -> Iterator[Draft]:
        """Nine accounts that say the same within a minute, four times."""
        for turn in range(4):
            first = self.rhythm.clock(45 - turn, 10 + 3 * turn)
            for author in self.cast.ring[: 9 if self.scale > 0.2 else 3]:
                at = first + self.rng.random() * 42
                yield Draft(at, "x", "open_x", author, "ring", "ring", self._tongue("ring"), role="ring", replies=0)

    def _pages(self) -> Iterator[Draft]:
        """What the brand itself publishes: most days on its pages, fewer where few read."""
        sorry = self.rhythm.clock(self.rhythm.plain_week(BIN_DAY, SUNDAY) - 4, 9)
        for days in range(121, -1, -1):
            for hour, network in ((11.0, "instagram"), (13.5, "facebook"), (19.0, "tiktok")):
                at = self.rhythm.clock(days, hour)
                if self.rhythm.is_open(at) and self.rng.random() < min(1.0, 0.7 * max(self.scale, 0.06)):
                    many = round(min(60.0, 3.4 * self.rng.paretovariate(1.3)))
                    kind = self.rng.choices(_PAGES, (44, 14, 10, 10, 22 if at > sorry else 0))[0]
                    yield self._ours(at, network, kind, "page", replies=max(1, many))

    def _neighbours(self) -> Iterator[Draft]:
        """A loaf for the neighbour, on Thursdays since the brand changed its rule."""
        for week in range(8, -1, -1):
            first = self.rhythm.clock(7 * week, 17, THURSDAY)
            for _ in range(max(1, round((9 + 2 * (8 - week)) * self.scale))):
                at = self.rhythm.awake(self.rng, first + self.rng.expovariate(1 / (7 * HOUR)))
                yield self.one(at, self.rng.choice(list(_SOCIAL)), "values", "neighbour")

    def _now(self) -> Iterator[Draft]:
        """The last hours: a label without sesame, a ranking, prices again."""
        end, label = self.rhythm.end, {"product": "rugelach", "branch": "hod"}
        first = end - SESAME
        yield self._by("michal", first, "facebook_group", "allergies", "sesame_root", "sesame", replies=24, **label)
        for _ in range(10):
            at = first + 300 + self.rng.random() * (SESAME - 400)
            kind = self.rng.choice(("sesame_ask", "sesame_ask", "sesame_anger"))
            network = self.rng.choice(("facebook", "whatsapp_group", "instagram"))
            yield self.one(at, network, kind, "sesame", replies=1, **label)
        at = end - SESAME_WAIT
        yield self._by("smadar", at, "facebook", "page_facebook", "sesame_wait", "sesame", replies=0, **label)
        at, ranked = end - 3 * HOUR, {"product": "sweet_challah", "replies": 46}
        yield self._by("noa_eats", at, "instagram", "page_instagram", "rank_root", "rank", **ranked)
        yield self._by("yoker", end - 2 * HOUR, "x", "open_x", "price_root", "price", replies=22)

    def _ours(self, at: float, network: str, kind: str, story: str, **more: object) -> Draft:
        place = "open_x" if network == "x" else f"page_{network}"
        return self._by("aluma", at, network, place, kind, story, role="brand", **more)

    def _by(self, who: str, at: float, network: str, place: str, kind: str, story: str, **more: object) -> Draft:
        """By somebody whom the story needs by name."""
        number, told = self.cast.number[who], self._tongue(kind)
        return Draft(at, network, place, number, kind, story, told, **more)  # type: ignore[arg-type]
