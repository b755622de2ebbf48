"""The views of the Stream that a reader has: their own, and what others of the organisation share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import QueryDict

from siach.org.rights import orgs_for
from siach.talk.models import SavedView
from siach.talk.queries.filters import Filters, read_filters, view_of
from siach.talk.queries.stream import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import Brand, User

PINNED = 8


@dataclass(frozen=True, slots=True)
class Pin:
    """A view as a chip. `count` is None where counts cannot tell."""

    view: SavedView
    url: str
    is_on: bool
    count: int | None


def views_for(user: User) -> QuerySet[SavedView]:
    """The views that this person sees: their own and the shared ones, in organisations whose Stream they read."""
    seen = Q(by=user) | Q(is_shared=True)
    views = SavedView.objects.filter(seen, org__in=orgs_for(user, "stream.read"))
    return views.select_related("by", "org").order_by("is_shared", "name", "pk")


def own_views(user: User) -> QuerySet[SavedView]:
    """The views that this person may change: their own, and shared ones where they manage brands."""
    managed = Q(is_shared=True, org__in=orgs_for(user, "brand.manage"))
    return views_for(user).filter(Q(by=user) | managed)


def pins(user: User, scope: Sequence[Brand], in_view: Brand | None, shown: Filters, *, at: datetime) -> list[Pin]:
    """The first PINNED of them as chips, with their counts; one of a brand beyond the reader's scope is left out."""
    found: list[Pin] = []
    for view in views_for(user):
        filters = filters_of(view)
        asked = view_of(filters, scope, in_view, at=at)
        if not asked.brands:
            continue
        found.append(Pin(view, f"?{filters.address()}", filters == shown, counted(asked)))
        if len(found) == PINNED:
            break
    return found


def filters_of(view: SavedView) -> Filters:
    return read_filters(QueryDict(view.address).dict())
