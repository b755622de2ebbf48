"""What the ledger keeps of a demo: which world it was to hold, and that all of it was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.org.ledger import record

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Org


def note_founded(*, org: Org, seed: int, posts: int, end: datetime, language: str, at: datetime) -> None:
    """A demo is to hold the world of this seed, told in `language`, so many posts up to `end`."""
    told = end.isoformat()
    record("org.demo_founded", org, by=None, at=at, org=org, seed=seed, posts=posts, end=told, language=language)


def note_loaded(*, org: Org, posts: int, at: datetime) -> None:
    """All of it was heard: so many posts."""
    record("org.demo_loaded", org, by=None, at=at, org=org, posts=posts)


def note_drill(*, org: Org, drill: int | None) -> None:
    """A drill is played on this demo from now on, by its number; None: none is."""
    org.drill = drill
    org.save(update_fields=["drill"])
