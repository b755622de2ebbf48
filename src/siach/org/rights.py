"""Who may do what: one table of roles, and the two questions that pages and actions ask of it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import Http404

from siach.org.models import Brand, Membership, Org, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponseBase

_IS_HERE = frozenset({"self.manage"})
_READS = _IS_HERE | {"today.read", "stream.read", "source.read"}
_SERVES = _READS | {"inbox.read", "case.open", "case.answer", "reading.correct", "capture.add"}
_KEEPS = frozenset({"evidence.keep"})
_STOPS = frozenset({"hold.set"})
_DECIDES = frozenset({"approval.decide"})
_LEADS = _SERVES | _KEEPS | _STOPS | _DECIDES | {"author.mark", "activity.read", "shift.manage"}
_RUNS = _LEADS | {"source.manage", "import.run", "brand.manage", "approval.manage"}

ROLES: dict[str, frozenset[str]] = {
    Membership.Role.OWNER: _RUNS | {"org.manage", "evidence.release"},
    Membership.Role.MANAGER: _RUNS,
    Membership.Role.COMMUNITY: _LEADS,
    Membership.Role.LEAD: _LEADS,
    Membership.Role.AGENT: _SERVES,
    Membership.Role.SPOKESPERSON: _READS | _KEEPS | _STOPS | _DECIDES | {"inbox.read", "activity.read"},
    Membership.Role.LEGAL: _READS | _KEEPS | _DECIDES | {"inbox.read", "activity.read", "evidence.release"},
    Membership.Role.READER: _READS,
    Membership.Role.SCOUT: _IS_HERE | {"capture.add"},
}
RIGHTS: frozenset[str] = frozenset().union(*ROLES.values())


def _roles_with(right: str) -> list[str]:
    return [role for role, rights in ROLES.items() if right in rights]


def orgs_for(user: User, right: str) -> QuerySet[Org]:
    """The organisations in which this person holds the right."""
    inside = Membership.objects.filter(user=user, role__in=_roles_with(right)).values("team__org")
    return Org.objects.filter(pk__in=inside)


def brands_for(user: User, right: str) -> QuerySet[Brand]:
    """The brands on which this person holds the right. Finding is permission: start every page's query here."""
    return Brand.objects.filter(org__in=orgs_for(user, right))


def rights_of(user: User) -> frozenset[str]:
    """Every right this person holds anywhere: enough to draw a menu, never to find a row."""
    roles = Membership.objects.filter(user=user).values_list("role", flat=True).distinct()
    return frozenset().union(*(ROLES[role] for role in roles))


def members(org: Org, right: str) -> QuerySet[User]:
    """The active people of an organisation who hold the right."""
    held = Q(memberships__team__org=org, memberships__role__in=_roles_with(right))
    return User.objects.filter(held, is_active=True).distinct()


def needs(right: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a view: signed out -> the sign-in page; signed in without the right anywhere -> 404."""
    if right not in RIGHTS:
        raise ValueError(f"no role holds the right {right!r}")

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if right not in request.rights:  # type: ignore[attr-defined]
                raise Http404
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return guard


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that answers anyone. The list of these is tested, so that none joins it unseen."""
    view.right = ""  # type: ignore[attr-defined]
    return view
