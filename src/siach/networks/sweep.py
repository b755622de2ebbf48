"""Reading a newest-first feed without gaps: pure bookkeeping, no network.

The feed grows at its top while it is read, and an item may also appear below the top, because it is
ordered by its author's clock. So a *sweep* walks pages from the top until one brings nothing new; what
was seen lately is remembered by short hashes; and every `DEEP_EVERY` a sweep goes on down to `DEPTH`
before the newest item, whatever the pages hold. A sweep that is broken off is resumed where it stood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

FIRST_PAGES = 5
REMEMBERED = 500
DEEP_EVERY = timedelta(minutes=10)
DEPTH = timedelta(hours=1)
Stored = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the feed: its id, and the time the feed is ordered by (None where it is unreadable)."""

    id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """The stored state. `high`: newest item of the last whole sweep (None: none yet). `recent`: hashes of
    items taken in by whole sweeps, newest first. While a sweep runs: `next` is the network's cursor, `top`
    its newest item, `pages` how many it has read, `found` the hashes of what it brought."""

    high: datetime | None = None
    recent: tuple[str, ...] = ()
    deep_at: datetime | None = None
    deep: bool = False
    next: str = ""
    pages: int = 0
    top: datetime | None = None
    found: tuple[str, ...] = ()

    @classmethod
    def load(cls, stored: Stored) -> Sweep:
        """State out of its JSON; anything unreadable in it counts as absent."""
        following, pages = stored.get("next"), stored.get("pages")
        return cls(
            high=_time(stored.get("high")),
            recent=_hashes(stored.get("recent")),
            deep_at=_time(stored.get("deep_at")),
            deep=stored.get("deep") is True,
            next=following if isinstance(following, str) else "",
            pages=pages if isinstance(pages, int) else 0,
            top=_time(stored.get("top")),
            found=_hashes(stored.get("found")),
        )

    def dump(self) -> dict[str, object]:
        return {
            "high": self.high and self.high.isoformat(),
            "recent": list(self.recent),
            "deep_at": self.deep_at and self.deep_at.isoformat(),
            "deep": self.deep,
            "next": self.next,
            "pages": self.pages,
            "top": self.top and self.top.isoformat(),
            "found": list(self.found),
        }

    def start(self, now: datetime) -> Sweep:
        """The state to read the next page with: itself within a sweep, a new sweep's otherwise."""
        if self.next:
            return self
        if self.deep_at is not None and now - self.deep_at < DEEP_EVERY:
            return Sweep(self.high, self.recent, self.deep_at)
        return Sweep(self.high, self.recent, now, deep=self.high is not None)

    def known(self, item_id: str) -> bool:
        return short(item_id) in self.recent or short(item_id) in self.found

    def take(self, items: Sequence[Item], following: str) -> tuple[list[str], Sweep]:
        """Take in one page and the network's cursor after it: the ids not seen yet, and the next state.
        `next` of that state is "" once the sweep is done."""
        seen = {*self.recent, *self.found}
        fresh: list[str] = []
        for item in items:
            if short(item.id) not in seen:
                seen.add(short(item.id))
                fresh.append(item.id)
        times = [item.at for item in items if item.at]
        top = max([time for time in (self.top, *times) if time], default=None)
        found = (*self.found, *(short(item) for item in fresh))[:REMEMBERED]
        # The same cursor again would read the same page for ever.
        if following and following != self.next and not self._enough(items, fresh, times):
            state = replace(self, next=following, pages=self.pages + 1, top=top, found=found)
            return fresh, state
        high = max([time for time in (self.high, top) if time], default=_EPOCH)
        return fresh, Sweep(high, (*found, *self.recent)[:REMEMBERED], self.deep_at)

    def _enough(self, items: Sequence[Item], fresh: Sequence[str], times: Sequence[datetime]) -> bool:
        """Whether the sweep may stop here."""
        if self.high is None:
            return self.pages + 1 >= FIRST_PAGES
        if times and max(times) < self.high - DEPTH:
            return True
        return not self.deep and bool(items) and not fresh


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def short(item_id: str) -> str:
    """Enough of a hash to know an item again among some hundreds."""
    return hashlib.blake2b(item_id.encode(), digest_size=6).hexdigest()


def _hashes(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _time(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed if parsed and parsed.tzinfo else None
