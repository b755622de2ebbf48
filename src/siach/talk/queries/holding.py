"""What a hold caught, and what was already under way when it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from siach.org.models import Hold

SHOWN = 50
State = Outgoing.State


def under_way(hold: Hold) -> QuerySet[Outgoing]:
    """Words that had turned *sending* before the hold and were not known to stand then: they may be out."""
    later = Q(sent_at=None) | Q(sent_at__gte=hold.since)
    states = (State.SENDING, State.SENT, State.UNCLEAR)
    found = Outgoing.objects.filter(later, brand=hold.brand_id, state__in=states, sending_at__lte=hold.since)
    return _shown(found)


def caught(hold: Hold) -> QuerySet[Outgoing]:
    """Words that wait for the release."""
    return _shown(Outgoing.objects.filter(brand=hold.brand_id, state=State.HELD))


def _shown(found: QuerySet[Outgoing]) -> QuerySet[Outgoing]:
    return found.select_related("target__author", "account", "by").order_by("-pk")[:SHOWN]
