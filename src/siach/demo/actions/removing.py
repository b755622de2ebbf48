"""Removing the demo: as any organisation is removed, but at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from siach.demo.queries import demo_orgs
from siach.org.jobs import defer
from siach.org.removing import ask_removal_at_once, remove_due

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.org.models import User
    from siach.org.removing import Step

#: What is still being loaded may write between two steps; then it goes with the next round.
ROUNDS = 5


@transaction.atomic
def ask(*, by: User | None, at: datetime) -> int:
    """Have all of the demo removed, its agency too. Returns how many organisations that are."""
    orgs = list(demo_orgs())
    for org in orgs:
        ask_removal_at_once(org=org, by=by, at=at)
    if orgs:
        defer("demo_remove", queue="slow", once="demo_remove")
    return len(orgs)


def remove(*, steps: Sequence[tuple[str, Step]], at: datetime) -> bool:
    """Remove what `ask` named. False when something of it still stands: the hourly round goes on then."""
    going = demo_orgs().filter(removal__not_before__lte=at)
    for _round in range(ROUNDS):
        if not going.exists():
            return True
        remove_due(steps, at=at)
    return not going.exists()
