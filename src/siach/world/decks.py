"""Lists that are drawn from like decks of cards, so that what was said last is said again last."""

from __future__ import annotations

from collections.abc import Set
from random import Random

from siach.world.data import Language
from siach.world.template import Filling, Line, render
from siach.world.words import agreements, sections

#: For parts without slots.
BARE = Filling({}, {}, tags=frozenset({"public"}))


class _Deck:
    """Lines of one list; what was used last comes last."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self._lines = list(lines)

    def draw(self, rng: Random, filling: Filling, said: Set[str] = frozenset()) -> Line | None:
        """A line that fits, one of those longest unused; none that was said in this thread, unless all were."""
        lines = self._lines
        fresh = max(1, round(len(lines) * 0.55))
        start = rng.randrange(fresh)
        for step in range(len(lines)):
            at = (start + step) % fresh if step < fresh else step
            if lines[at].fits(filling) and lines[at].text not in said:
                line = lines.pop(at)
                lines.append(line)
                return line
        return self.draw(rng, filling) if said else None


class Decks:
    """All decks of a world, by the names of their lists."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._decks: dict[tuple[str, ...], _Deck] = {}

    def draw(
        self, name: tuple[str, ...], lines: tuple[Line, ...], filling: Filling, said: Set[str] = frozenset()
    ) -> Line | None:
        """A line of this list; None where none fits."""
        return self._decks.setdefault(name, _Deck(lines)).draw(self.rng, filling, said)

    def part(self, name: str, filling: Filling, language: Language = "he") -> str:
        """A greeting, an ending, a mark; "" where there is none."""
        found = sections("en" if name == "lead.any" else language).get(name)
        line = self.draw((language, name), found.lines, filling) if found else None
        return self.render(line, filling) if line else ""

    def render(self, line: Line, filling: Filling) -> str:
        return render(line, filling, agreements(), self.rng)
