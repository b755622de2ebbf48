"""A storm as the pretend network is to show it: when each post comes into sight, who writes back, what fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from siach.demo.actions.hearing import fetched
from siach.talk.connections import Planned, speaks
from siach.world.storm import heard_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from siach.demo.models import Drill
    from siach.talk.connections import FetchedPost, Stage
    from siach.world.data import Said
    from siach.world.storm import Storm

    Clock = Callable[[datetime], datetime]

#: Of the storm's own time: until what moves has moved as far as it goes, and until whoever was answered writes back.
_GROWS = timedelta(hours=2)
_THANKS = (timedelta(minutes=3), timedelta(minutes=14))
#: Network, kind of failure, and between which parts of the storm it lasts.
_TROUBLE = (("x", "down", 0.30, 0.36), ("instagram", "slow", 0.40, 0.55), ("facebook", "lost", 0.45, 0.5))


class Staging:
    """One storm and the drill that plays it: keys and times as they are on the stage."""

    def __init__(self, storm: Storm, drill: Drill) -> None:
        self.storm = storm
        self.drill = drill
        self._people = {one.key: one for one in storm.people}
        self._places = {one.key: one for one in storm.places}
        self._said = {one.key: one for one in storm.said}

    def key(self, key: str) -> str:
        """Of one drill among others."""
        return f"drill-{self.drill.pk}-{key}"

    def at(self, when: datetime) -> datetime:
        """A moment of the storm, by our clock."""
        return self.drill.begun_at + (when - self.storm.begin) / self.drill.speed

    def place(self, said: Said) -> str:
        return self._places[said.place].name

    @property
    def asks(self) -> list[str]:
        """What deserves an answer where the brand can give one at all: in a closed group it is no member."""
        asked = (key for key in self.storm.reactions if speaks(self._said[key].network, demo=True))
        return [self.key(key) for key in asked]

    def planned(self) -> Iterator[Planned]:
        for said in self.storm.said:
            yield self._planned(said, seen=said.at + heard_after(said))
        for key, reaction in self.storm.reactions.items():
            rng = Random(f"{self.drill.seed} {key}")
            asked = self._said[key]
            again = asked.at + heard_after(asked) + self.storm.patience
            yield self._planned(replace(reaction.again, at=again), seen=again, upon=key, kind="again")
            after = (_THANKS[0] + rng.random() * (_THANKS[1] - _THANKS[0])) / self.drill.speed
            yield self._planned(reaction.thanks, seen=None, upon=key, kind="thanks", after=after)

    def trouble(self, stage: Stage) -> None:
        """Have networks fail in turn."""
        whole = timedelta(hours=self.drill.hours)
        for network, kind, begin, end in _TROUBLE:
            since, until = (self.at(self.storm.begin + whole * part) for part in (begin, end))
            stage.trouble(network, kind, since=since, until=until)  # type: ignore[arg-type]

    def _planned(
        self, said: Said, *, seen: datetime | None, upon: str = "", kind: str = "", after: timedelta = timedelta()
    ) -> Planned:
        return Planned(
            network=said.network,
            place=self.place(said),
            post=self._post(said),
            seen=None if seen is None else self.at(seen),
            grown=self.at(said.at + _GROWS),
            upon=self.key(upon) if upon else "",
            kind=kind,  # type: ignore[arg-type]
            after=after.total_seconds(),
        )

    def _post(self, said: Said) -> FetchedPost:
        post = fetched(said, self._places[said.place], self._people[said.author])
        return replace(
            post,
            external_id=self.key(said.key),
            said_at=self.at(said.at),
            parent_external_id=self.key(said.parent) if said.parent else None,
            root_external_id=self.key(said.root) if said.root else None,
            target={"id": self.key(said.key), "private": said.is_private},
        )
