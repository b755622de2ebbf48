"""The hold of a brand and its words: what waits to leave is held, and what is released becomes a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from siach.org import holds
from siach.org.live import signal
from siach.talk.actions.sending import MOVES
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Brand, User

State = Outgoing.State


@transaction.atomic
def hold_brand(*, brand: Brand, reason: str, review_at: datetime, by: User, at: datetime) -> int:
    """Stop everything that the brand sends. How many words were about to leave and are held now.

    Once it commits none turns *sending*; those that had turned before are told by `queries.holding.under_way`.
    """
    holds.hold(brand=brand, reason=reason, review_at=review_at, by=by, at=at)
    held = Outgoing.objects.filter(brand=brand, state=State.QUEUED)
    count = held.update(state=MOVES["hold"][State.QUEUED], not_before=None)
    signal(brand.org_id, "inbox")
    return count


@transaction.atomic
def release_brand(*, brand: Brand, by: User, at: datetime) -> int:
    """Lift the hold. What it held becomes drafts, each put on its way anew by a person; how many."""
    holds.release(brand=brand, by=by, at=at)
    held = Outgoing.objects.filter(brand=brand, state=State.HELD)
    count = held.update(state=MOVES["release"][State.HELD], version=F("version") + 1)
    signal(brand.org_id, "inbox")
    return count
