"""How often a source is asked: as fast as its posts come, within bounds.

A source is asked about 120 times for each post that is expected. Expected is the mean of what the last hour brought and
what its rhythm promises this hour (a gamma prior of one hour). Never more seldom than every four seconds, so that an
open page shows within five what nobody expected, and never more often than its network's limit leaves room for: half
of the limit is kept for what people send.

It is hot when the last hour brought at least three posts, and so many come by the rhythm's promise in fewer than one
hour of a thousand (Poisson's tail, as practice has it for small counts). What is hot is asked every two seconds, and
the other sources of a brand that is hot not more seldom than usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Literal

FASTEST = 2.0
USUAL = 3.0
SLOWEST = 4.0
PER_POST = 120
LEAST_POSTS = 3
RARE = 0.001

Heat = Literal["hot", "usual", "quiet"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two calls, and what made them so."""

    seconds: float
    heat: Heat


def is_hot(recent: int, usual: float | None) -> bool:
    """Whether so many posts in the last hour are out of the ordinary; without a rhythm nobody can say."""
    return usual is not None and recent >= LEAST_POSTS and tail(recent, usual) < RARE


def tail(least: int, mean: float) -> float:
    """The probability of at least so many events where `mean` are expected (Poisson)."""
    if least <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if mean > 700:  # exp(-mean) would vanish; so many are never rare enough to matter here
        return float(least <= mean)
    term = below = exp(-mean)
    for n in range(1, least):
        term *= mean / n
        below += term
    return max(0.0, 1.0 - below)


def pace(recent: int, usual: float | None, *, brand_is_hot: bool = False, floor: float = 0.0) -> Pace:
    """How often to ask a source. `floor`: seconds that its network's limit asks for at least."""
    if is_hot(recent, usual):
        return Pace(max(FASTEST, floor), "hot")
    expected = None if usual is None else (recent + usual) / 2
    seconds = USUAL if expected is None else 3600 / (PER_POST * expected) if expected > 0 else SLOWEST
    if brand_is_hot:
        seconds = min(seconds, USUAL)
    seconds = min(max(seconds, FASTEST), SLOWEST)
    heat: Heat = "hot" if brand_is_hot else "quiet" if seconds > USUAL else "usual"
    return Pace(max(seconds, floor), heat)


def floor_of(calls: int, seconds: float, sources: int) -> float:
    """Seconds between two calls of each of these sources that leave half of a limit (calls in seconds) to people."""
    return 2 * seconds * max(sources, 1) / calls if calls > 0 else SLOWEST
