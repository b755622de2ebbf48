"""What is said in a storm, of which part, and when: turns without words, authors or places.

Times follow a Hawkes process in its cluster form (Hawkes and Oakes, 1974; for posts: Rizoiu, Lee, Mishra and Xie, "A
tutorial on Hawkes processes for events in social media", 2017): each beat brings a wave with an exponential kernel, cut
at the end of the storm, and whom an answer answers is drawn by the same kernel (`storm_plan`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from siach.world.rhythm import HOUR
from siach.world.storm_shape import BeatName, Shape

#: In which share of the storm a wave falls to half: an hour of six.
HALF_LIFE = 1 / 6
#: How much each beat brings.
_WAVES: dict[BeatName, float] = {"copied": 1.1, "press": 1.9, "politician": 0.5, "second": 0.9}
#: Of those who are left when copies, defenders and the beats are taken.
_SHARES = {
    "circle": 0.09,
    "copy": 0.12,
    "own": 0.18,
    "ask": 0.14,
    "echo": 0.28,
    "mock": 0.08,
    "calm": 0.05,
    "against": 0.06,
}
#: Comments under the first post before anybody copies it.
_FIRST_COMMENTS = 3
#: Posts of one burst of the same words, and the seconds in which they come.
_BURST, _WITHIN = 11, 170
#: Behind which beats bursts come.
_STIRRED: tuple[BeatName, ...] = ("ring", "press", "second")


@dataclass(frozen=True, slots=True)
class Turn:
    """`at`: seconds after the first post. `burst`: of those who say the same words, which of their bursts."""

    at: float
    part: str
    burst: int = -1


class Turns:
    def __init__(self, rng: Random, shape: Shape) -> None:
        self.rng, self.shape = rng, shape
        self.beats = {name: hours * HOUR for name, hours in shape.beats().items()}
        self.end = shape.hours * HOUR - 1
        self.tau = HALF_LIFE * shape.hours * HOUR / math.log(2)

    def all(self) -> list[Turn]:
        """As many as the shape has posts, in the order of time."""
        ring = list(self._ring(round(self.shape.copies * self.shape.posts)))
        found = [*self._fixed(), *ring]
        defenders = round(self.shape.defenders * self.shape.posts)
        found += [Turn(self.when(late=True), "defend") for _ in range(defenders)]
        found += self._rest(self.shape.posts - len(found))
        return sorted(found, key=lambda one: one.at)

    def _fixed(self) -> list[Turn]:
        """What happens once."""
        beats = self.beats
        found = [Turn(0.0, "first"), Turn(beats["copied"], "copied")]
        if press := beats.get("press"):
            found += [Turn(press * 0.62, "press_ask"), Turn(press, "press")]
        if at := beats.get("politician"):
            found.append(Turn(at, "mp"))
        if at := beats.get("second"):
            found.append(Turn(at, "second"))
        return found

    def _ring(self, count: int) -> list[Turn]:
        """Bursts of the same words: the first at its beat, the others behind it, the press and the second wave in
        turn."""
        bursts = min(count, max(1, round(count / _BURST)))
        starts = [self.beats[name] for name in _STIRRED if name in self.beats]
        found = []
        for burst in range(bursts):
            size = count // bursts + (burst < count % bursts)
            start = starts[burst % len(starts)]
            first = min(start + (self._after(start) / 2 if burst else 0), self.end - _WITHIN)
            found.append(Turn(first, "ring", burst))
            found += [Turn(first + self.rng.random() * _WITHIN, "ring", burst) for _ in range(size - 1)]
        return found

    def _rest(self, count: int) -> list[Turn]:
        parts, shares = list(_SHARES), list(_SHARES.values())
        sizes = {part: int(share * count) for part, share in _SHARES.items()}
        for part in self.rng.choices(parts, shares, k=count - sum(sizes.values())):
            sizes[part] += 1
        copied = self.beats["copied"]
        found = []
        for part, size in sizes.items():
            early = min(size, _FIRST_COMMENTS) if part == "circle" else 0
            found += [Turn(copied * (0.1 + 0.85 * self.rng.random()), part) for _ in range(early)]
            found += [Turn(self.when(), part) for _ in range(size - early)]
        return found

    def when(self, *, late: bool = False) -> float:
        """Seconds after the first post: a wave, and how long after its beat. `late`: not before copies begin."""
        names = [name for name in _WAVES if name in self.beats]
        start = self.beats[self.rng.choices(names, [_WAVES[name] for name in names])[0]]
        start = max(start, 2 * self.beats["copied"]) if late else start
        return start + self._after(start)

    def _after(self, start: float) -> float:
        """Seconds after `start`, by the kernel cut at the end."""
        reach = 1 - math.exp(-(self.end - start) / self.tau)
        return -self.tau * math.log(1 - self.rng.random() * reach)
