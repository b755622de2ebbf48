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
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.http import Http404, HttpResponse

from siach.org.models import Brand, Mandate, Membership, Org, User
from siach.org.prepared import PreparedQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponseBase

_IS_HERE = frozenset({"self.manage"})
_READS = _IS_HERE | {"today.read", "stream.read", "source.read", "report.read"}
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
    | {"capture.add", "author.mark", "source.manage", "report.read"}
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


@dataclass(frozen=True, slots=True)
class _Held:
    """A membership. `runs`: whether its organisation hears brands of its own, or is no agency. `asks_factor`: whether
    a second factor is asked of it."""

    role: str
    team: int
    org: int
    runs: bool
    asks_factor: bool


@dataclass(frozen=True, slots=True)
class _Lent:
    """A mandate in force of a team of this person's; `org` is the client."""

    pk: int
    team: int
    brand: int
    org: int
    rights: frozenset[str]
    reach: Reach


@dataclass(frozen=True, slots=True)
class _Standing:
    """All that says what a person may, as one look at the database found it."""

    held: tuple[_Held, ...]
    lent: tuple[_Lent, ...]

    def orgs(self, right: str) -> set[int]:
        return {one.org for one in self.held if right in ROLES[one.role]}

    def lent_by(self, right: str) -> list[_Lent]:
        """What a role may do, as far as a mandate lends it to the role's team; a narrow one lends less."""
        teams = {one.team for one in self.held if right in ROLES[one.role]}
        found = [one for one in self.lent if one.team in teams and right in one.rights]
        if right in NARROWED:
            return found
        return [one for one in found if one.reach.is_whole] if right in MANDATED else []


def remember(user: User) -> None:
    """Look once for as long as a request changes nothing: its pages ask dozens of times."""
    user._standing = _look(user)  # type: ignore[attr-defined]


def forget(user: User) -> None:
    """From now on every question looks anew."""
    user._standing = None  # type: ignore[attr-defined]


def _standing(user: User) -> _Standing:
    return getattr(user, "_standing", None) or _look(user)


def _look(user: User) -> _Standing:
    held = tuple(_Held(*row) for row in _HELD.rows(user.pk))
    rows = _LENT.rows(user.pk) if held else ()
    lent = (
        _Lent(pk, team, brand, org, frozenset(rights), _reach(*reach)) for pk, team, brand, org, rights, *reach in rows
    )
    return _Standing(held, tuple(lent))


def _held(pk: int) -> QuerySet[Membership, tuple[Any, ...]]:
    found = Membership.objects.filter(user=pk).annotate(runs=_runs_brands(), asked=_asks_factor())
    return found.order_by("pk").values_list("role", "team", "team__org", "runs", "asked")


def _lent(pk: int) -> QuerySet[Mandate, tuple[Any, ...]]:
    found = Mandate.objects.in_force().filter(team__in=Membership.objects.filter(user=pk).values("team"))
    return found.order_by("pk").values_list("pk", "team", "brand", "org", "rights", "data_scope", "topics")


_HELD, _LENT = PreparedQuery(_held), PreparedQuery(_lent)


def _runs_brands() -> ExpressionWrapper:
    """Whether the organisation of a membership hears brands of its own, or is no agency."""
    own_brands = Exists(Brand.objects.filter(org=OuterRef("team__org")))
    return ExpressionWrapper(~Q(team__org__kind=Org.Kind.AGENCY) | own_brands, output_field=BooleanField())


def _asks_factor() -> ExpressionWrapper:
    """Whether the organisation of a membership, or a client whose mandate its team holds, asks a second factor of its
    role."""
    clients = Mandate.objects.in_force().filter(team=OuterRef("team"), org__factor_roles__contains=[OuterRef("role")])
    asked = Q(team__org__factor_roles__contains=[F("role")]) | Exists(clients)
    return ExpressionWrapper(asked, output_field=BooleanField())


def _reach(scope: str, topics: list[int]) -> Reach:
    return Reach(scope == Mandate.Scope.CASES, tuple(topics))


def _roles_with(right: str) -> list[str]:
    return [role for role, rights in ROLES.items() if right in rights]


def orgs_for(user: User, right: str) -> QuerySet[Org]:
    """The organisations of their own in which this person holds the right."""
    return Org.objects.filter(pk__in=_standing(user).orgs(right))


def mandates_for(user: User, right: str) -> QuerySet[Mandate]:
    """The mandates in force by which this person holds the right: lent to their team, and held by their role."""
    return _of(_standing(user).lent_by(right))


def _of(lent: Sequence[_Lent]) -> QuerySet[Mandate]:
    """An empty answer is no question: where nothing is lent, nobody asks the database about mandates."""
    return Mandate.objects.filter(pk__in=[one.pk for one in lent]) if lent else Mandate.objects.none()


def brands_for(user: User, right: str) -> QuerySet[Brand]:
    """The brands on which this person holds the right. Finding is permission: start every page's query here.

    A mandate may open only a part of a brand: `reaches` says how much.
    """
    standing = _standing(user)
    ours, lent = Q(org__in=standing.orgs(right)), standing.lent_by(right)
    return Brand.objects.filter(ours | Q(pk__in=[one.brand for one in lent]) if lent else ours)


def reaches(user: User, right: str) -> dict[int, tuple[Reach, ...]]:
    """How much of each brand (primary key) this person reaches by mandates; what any of them opens is open.

    Brands of their own organisations are not in it: those are whole.
    """
    standing = _standing(user)
    ours = standing.orgs(right)
    found: dict[int, tuple[Reach, ...]] = {}
    for one in standing.lent_by(right):
        if one.org not in ours:
            found[one.brand] = (*found.get(one.brand, ()), one.reach)
    return found


def narrow(found: dict[int, tuple[Reach, ...]]) -> dict[int, tuple[Reach, ...]]:
    """Of `reaches`, the brands of which only a part is open."""
    return {brand: parts for brand, parts in found.items() if not any(reach.is_whole for reach in parts)}


def covers(user: User, right: str, other: str) -> bool:
    """Whether this person holds `right` wherever they hold `other`, and as far as they do."""
    standing = _standing(user)
    return standing.orgs(other) <= standing.orgs(right) and set(standing.lent_by(other)) <= set(standing.lent_by(right))


def asks_factor(user: User) -> bool:
    """Whether one of their organisations, or a client whose mandate their team holds, asks a second factor of their
    role."""
    return any(one.asks_factor for one in _standing(user).held)


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
    standing = _standing(user)
    found: set[str] = set()
    for one in standing.held:
        rights = ROLES[one.role]
        lent = frozenset[str]().union(*(mandate.rights for mandate in standing.lent if mandate.team == one.team))
        found |= rights if one.runs else (rights - MANDATED) | (rights & lent)
    return frozenset(found)


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
