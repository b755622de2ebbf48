"""See as: the view of a role without its data, for whoever decides who gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse

from siach.org.models import Membership, User
from siach.org.rights import ROLES, rights_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

SEEN_ROLE = "see_as"
_SAFE = ("GET", "HEAD", "OPTIONS")
#: What somebody who sees as a role may still do: leave the view, or Siach.
_LEAVING = ("see_as_left", "account_logout")


class SeeAs:
    """Shows a role's view without its data: the reader becomes nobody in particular, whom every query finds without
    a membership, with the role's rights. Stands before `Reader`; sets `request.seen_role`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.seen_role = ""  # type: ignore[attr-defined]
        role = request.session.get(SEEN_ROLE, "")
        if role not in ROLES or not request.user.is_authenticated:
            return self.get_response(request)
        if request.path in {reverse(name) for name in _LEAVING} or "brand.manage" not in rights_of(request.user):
            return self.get_response(request)
        self._become(request, role)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        """Nothing is done in somebody else's view."""
        if request.seen_role and request.method not in _SAFE:  # type: ignore[attr-defined]
            return render(request, "org/see_as_refused.html", status=403)
        return None

    def _become(self, request: HttpRequest, role: str) -> None:
        nobody = User(pk=0, name=str(Membership.Role(role).label), language=request.user.language)  # type: ignore[union-attr]

        async def auser() -> User:
            return nobody

        request.seen_role = role  # type: ignore[attr-defined]
        request.user, request.auser = nobody, auser
