"""The kept views that a reader has: their own, and what others of the organisation share."""

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

    from siach.org.models import Brand, Org, User

PINNED = 8
#: The right that reads each page of which views are kept.
RIGHTS = {SavedView.Screen.STREAM: "stream.read", SavedView.Screen.INBOX: "inbox.read"}


@dataclass(frozen=True, slots=True)
class Pin:
    """A view as a chip. `count` is None where counts cannot tell."""

    view: SavedView
    url: str
    is_on: bool
    count: int | None


def views_for(user: User, screen: str | None = None) -> QuerySet[SavedView]:
    """The views that this person sees, of one page or of all: their own and the shared ones, in organisations where
    they read that page."""
    read = Q(pk__in=())
    for one, right in RIGHTS.items():
        if screen in (None, one):
            read |= Q(screen=one, org__in=orgs_for(user, right))
    views = SavedView.objects.filter(Q(by=user) | Q(is_shared=True), read)
    return views.select_related("by", "org").order_by("is_shared", "name", "pk")


def org_for_views(user: User, screen: str, brand: Brand | None) -> Org | None:
    """Whose a view becomes that this person keeps: the organisation of the brand in view, else their first that reads
    that page."""
    orgs = orgs_for(user, RIGHTS[SavedView.Screen(screen)]).order_by("pk")
    return (orgs.filter(pk=brand.org_id).first() if brand else None) or orgs.first()


def own_views(user: User) -> QuerySet[SavedView]:
    """The views that this person may change: their own, and shared ones where they manage brands."""
    managed = Q(is_shared=True, org__in=orgs_for(user, "brand.manage"))
    return views_for(user).filter(Q(by=user) | managed)


def pins(user: User, scope: Sequence[Brand], in_view: Brand | None, shown: Filters, *, at: datetime) -> list[Pin]:
    """The first PINNED of them as chips, with their counts; one of a brand beyond the reader's scope is left out."""
    found: list[Pin] = []
    for view in views_for(user, SavedView.Screen.STREAM):
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
