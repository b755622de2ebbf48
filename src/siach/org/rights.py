"""Who may do what: one table of roles, and the questions that pages and actions ask of it.

Scope = Membership -> Team -> Mandate -> Brand. People of the brand's own organisation hold the rights of their role;
people of an agency's team hold those of them that a mandate in force lends their team, on its brand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.http import Http404, HttpResponse

from siach.org.models import Brand, Mandate, Membership, Org, User

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    Membership.Role.OWNER: _RUNS | {"org.manage", "evidence.release", "privacy.manage"},
    Membership.Role.MANAGER: _RUNS | {"privacy.manage"},
    Membership.Role.COMMUNITY: _LEADS,
    Membership.Role.LEAD: _LEADS,
    Membership.Role.AGENT: _SERVES,
    Membership.Role.SPOKESPERSON: _READS | _KEEPS | _STOPS | _DECIDES | {"inbox.read", "activity.read"},
    Membership.Role.LEGAL: _READS
    | _KEEPS
    | _DECIDES
    | {"inbox.read", "activity.read", "evidence.release", "privacy.manage"},
    Membership.Role.READER: _READS,
    Membership.Role.SCOUT: _IS_HERE | {"capture.add"},
}
RIGHTS: frozenset[str] = frozenset().union(*ROLES.values())


#: What a mandate can lend: rights on one brand. Those of a whole organisation are never lent.
MANDATED = frozenset(
    {"today.read", "stream.read", "source.read", "inbox.read", "case.open", "case.answer", "reading.correct"}
    | {"capture.add", "author.mark", "source.manage"}
)
#: What a mandate on topics or on cases alone can lend: rights whose pages look at each mention and case.
NARROWED = frozenset({"today.read", "stream.read", "inbox.read", "case.open", "case.answer", "reading.correct"})


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a brand one mandate opens: `topics` (ids; empty: all), and whether only conversations with a case."""

    cases_only: bool
    topics: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        return not (self.cases_only or self.topics)


def _roles_with(right: str) -> list[str]:
    return [role for role, rights in ROLES.items() if right in rights]


def orgs_for(user: User, right: str) -> QuerySet[Org]:
    """The organisations of their own in which this person holds the right."""
    inside = Membership.objects.filter(user=user, role__in=_roles_with(right)).values("team__org")
    return Org.objects.filter(pk__in=inside)


def mandates_for(user: User, right: str) -> QuerySet[Mandate]:
    """The mandates in force by which this person holds the right: lent to their team, and held by their role."""
    held = Membership.objects.filter(user=user, role__in=_roles_with(right)).values("team")
    lent = Mandate.objects.in_force().filter(team__in=held, rights__contains=[right])
    if right in NARROWED:
        return lent
    return lent.filter(data_scope=Mandate.Scope.BRAND, topics=[]) if right in MANDATED else lent.none()


def brands_for(user: User, right: str) -> QuerySet[Brand]:
    """The brands on which this person holds the right. Finding is permission: start every page's query here.

    A mandate may open only a part of a brand: `reaches` says how much.
    """
    ours = Q(org__in=orgs_for(user, right))
    return Brand.objects.filter(ours | Q(pk__in=mandates_for(user, right).values("brand")))


def reaches(user: User, right: str) -> dict[int, tuple[Reach, ...]]:
    """How much of each brand (primary key) this person reaches by mandates; what any of them opens is open.

    Brands of their own organisations are not in it: those are whole.
    """
    lent = mandates_for(user, right).exclude(org__in=orgs_for(user, right))
    found: dict[int, tuple[Reach, ...]] = {}
    for brand, scope, topics in lent.order_by("pk").values_list("brand", "data_scope", "topics"):
        reach = Reach(scope == Mandate.Scope.CASES, tuple(topics))
        found[brand] = (*found.get(brand, ()), reach)
    return found


def narrow(found: dict[int, tuple[Reach, ...]]) -> dict[int, tuple[Reach, ...]]:
    """Of `reaches`, the brands of which only a part is open."""
    return {brand: parts for brand, parts in found.items() if not any(reach.is_whole for reach in parts)}


def mandate_for(user: User, brand: Brand) -> Mandate | None:
    """The mandate in force by which this person works on a brand; None for its own people and for anybody else."""
    if Membership.objects.filter(user=user, team__org=brand.org_id).exists():
        return None
    lent = Mandate.objects.in_force().filter(brand=brand, team__memberships__user=user)
    return lent.select_related("team__org").order_by("pk").first()


def rights_of(user: User) -> frozenset[str]:
    """Every right this person holds anywhere: enough to draw a menu, never to find a row.

    An agency without a brand of its own has only what mandates lend it, and what running itself takes.
    """
    rows = Membership.objects.filter(user=user).annotate(runs=_runs_brands())
    lent: dict[int, set[str]] = {}
    for team, rights in Mandate.objects.in_force().filter(team__in=rows.values("team")).values_list("team", "rights"):
        lent.setdefault(team, set()).update(rights)
    found: set[str] = set()
    for role, runs, team in rows.values_list("role", "runs", "team"):
        found |= ROLES[role] if runs else (ROLES[role] - MANDATED) | (ROLES[role] & lent.get(team, set()))
    return frozenset(found)


def _runs_brands() -> ExpressionWrapper:
    """Whether the organisation of a membership hears brands of its own."""
    own_brands = Exists(Brand.objects.filter(org=OuterRef("team__org")))
    return ExpressionWrapper(~Q(team__org__kind=Org.Kind.AGENCY) | own_brands, output_field=BooleanField())


def members(org: Org, right: str) -> QuerySet[User]:
    """The active people of an organisation who hold the right."""
    held = Q(memberships__team__org=org, memberships__role__in=_roles_with(right))
    return User.objects.filter(held, is_active=True).distinct()


def people_on(brand: Brand, right: str, *, topics: Sequence[int] | None = None) -> QuerySet[User]:
    """The active people who hold the right on a brand: its own, and those of agencies by their mandates.

    `topics`: those of one case. Who may see only other topics is then left out.
    """
    lent = Mandate.objects.in_force().filter(brand=brand, rights__contains=[right])
    if topics is not None:
        lent = lent.filter(Q(topics=[]) | Q(topics__overlap=list(topics)))
    roles = Membership.objects.filter(role__in=_roles_with(right))
    inside = roles.filter(Q(team__org=brand.org_id) | Q(team__in=lent.values("team")))
    return User.objects.filter(pk__in=inside.values("user"), is_active=True)


def needs(right: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a view: signed out -> the sign-in page; signed in without the right anywhere -> 404."""
    if right not in RIGHTS:
        raise ValueError(f"no role holds the right {right!r}")

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if right not in request.rights:  # type: ignore[attr-defined]
                raise Http404
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return guard


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, and from there back to the page that the reader had before them: a fragment and a form that was
    sent are no pages, so their page's address is what the browser says it is, where that is one of ours."""
    is_part, back = "HX-Request" in request.headers, request.get_full_path()
    if is_part or request.method not in ("GET", "HEAD"):
        page = urlsplit(request.headers.get("HX-Current-URL" if is_part else "Referer", ""))
        back = page._replace(scheme="", netloc="").geturl() if page.netloc == request.get_host() else "/"
    answer = redirect_to_login(back)
    # A redirect would draw the sign-in page inside the page that asked.
    return HttpResponse(headers={"HX-Redirect": answer.url}) if is_part else answer


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that answers anyone. The list of these is tested, so that none joins it unseen."""
    view.right = ""  # type: ignore[attr-defined]
    return view
