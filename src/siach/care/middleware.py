"""The numbers beside Inbox and Approvals in the menu, counted only when a page draws its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import SimpleLazyObject

from siach.care.queries import badge
from siach.org.rights import brands_for
from siach.talk.queries import approvals

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from siach.org.models import User


class Counters:
    """Sets `request.counters` (url name -> number) for signed-in readers of the Inbox on whole pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_fragment = request.headers.get("HX-Request") == "true"
        if request.user.is_authenticated and not is_fragment and "inbox.read" in request.rights:  # type: ignore[attr-defined]
            user: User = request.user
            rights: frozenset[str] = request.rights  # type: ignore[attr-defined]
            request.counters = SimpleLazyObject(lambda: _counters(user, rights))  # type: ignore[attr-defined]
        return self.get_response(request)


def _counters(user: User, rights: frozenset[str]) -> dict[str, int]:
    cases = badge(brands=brands_for(user, "inbox.read"), user=user, manages="brand.manage" in rights)
    return {"inbox": cases, "approvals": approvals.badge(user) if "approval.decide" in rights else 0}
