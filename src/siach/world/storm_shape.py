"""How a storm runs: its length, its size, who takes part, and when what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from siach.world.data import Person, Place, Said, Truth

BeatName = Literal["first", "copied", "ring", "press", "politician", "second"]
#: An allergen; staff towards a customer; a price; a forged coupon; waste; an old rumour that comes back.
KINDS = ("safety", "staff", "price", "coupon", "values", "rumour")
BEATS: tuple[BeatName, ...] = get_args(BeatName)
#: At which share of the storm each beat falls; the second wave has an hour of its own.
_AT = {"copied": 0.07, "ring": 0.14, "press": 0.34, "politician": 0.45}
#: What copies and defenders may hold together, so that customers are left.
_MOST_TOGETHER = 0.7


@dataclass(frozen=True, slots=True)
class Shape:
    """`hours` from the first post to the end; `posts` in all. `copies`: the share of accounts that say the same words;
    `defenders`: of those who stand up for the brand. `second_wave`: so many hours after the first post there is a new
    finding; None, or a time behind the end, for none. `press`, `politician`: whether they come. ValueError where a
    storm cannot be so."""

    hours: float = 6.0
    posts: int = 420
    copies: float = 0.18
    defenders: float = 0.12
    second_wave: float | None = 3.5
    press: bool = True
    politician: bool = True

    def __post_init__(self) -> None:
        if not 0.5 <= self.hours <= 72:
            raise ValueError("A storm lasts between half an hour and 72 hours.")
        if not 30 <= self.posts <= 5000:
            raise ValueError("A storm has between 30 and 5,000 posts.")
        for share in (self.copies, self.defenders):
            if not 0 <= share <= 0.6:
                raise ValueError("A share is between 0 and 0.6.")
        if self.copies + self.defenders > _MOST_TOGETHER:
            raise ValueError("Copies and defenders together are 0.7 of a storm at most.")
        if self.second_wave is not None and self.second_wave <= 0:
            raise ValueError("The second wave comes after the first post.")

    def beats(self) -> dict[BeatName, float]:
        """Hours after the first post at which what this shape has happens."""
        found: dict[BeatName, float] = {"first": 0.0, "copied": _AT["copied"] * self.hours}
        if round(self.copies * self.posts):
            found["ring"] = _AT["ring"] * self.hours
        if self.press:
            found["press"] = _AT["press"] * self.hours
        if self.politician:
            found["politician"] = _AT["politician"] * self.hours
        if self.second_wave is not None and found["copied"] < self.second_wave < 0.97 * self.hours:
            found["second"] = self.second_wave
        return found


@dataclass(frozen=True, slots=True)
class Beat:
    """A turn of the storm: its first post, its first public copy, the first copy-paste, the press, a member of
    parliament, a second finding."""

    at: datetime
    name: BeatName


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a customer writes back: `thanks` when answered in time, `again`, angrier, when nobody answered within the
    storm's patience. Both are answers to their post; whoever plays the storm sets their times."""

    thanks: Said
    again: Said


@dataclass(frozen=True, slots=True)
class Storm:
    """All of it, in its own time and in UTC. `said` is in the order of time, `truth[i]` is the truth of `said[i]`,
    `beats` are in order too. `reactions`: by the key of a post that deserves an answer. `people`, `places`: those that
    are spoken of by key."""

    kind: str
    seed: int
    begin: datetime
    shape: Shape
    people: tuple[Person, ...]
    places: tuple[Place, ...]
    said: tuple[Said, ...]
    truth: tuple[Truth, ...]
    beats: tuple[Beat, ...]
    reactions: Mapping[str, Reaction]
    patience: timedelta
