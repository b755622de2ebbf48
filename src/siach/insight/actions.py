"""The first run's one deed, all or nothing: an organisation, its owner, brands and goals. And what a person does with
Today: visits it, puts something away from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from siach.insight.models import PutAway, Visit
from siach.org.actions import Refused, add_brand, extend_brand, found_org, set_goal
from siach.org.models import Brand, Membership, Org, User
from siach.org.queries import has_people
from siach.org.rights import brands_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_LOCK = 71002
#: Whoever comes back after this long begins a new visit.
QUIET = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first run was told. `owner` has email, name and password; `goals` maps a layer to (target, aim)."""

    owner: Mapping[str, str]
    org: str
    zone: str
    language: str
    brand: str
    names: list[str]
    exclusions: list[str]
    languages: list[str]
    rivals: list[str]
    goals: Mapping[str, tuple[int, str]]


@transaction.atomic
def begin(told: Beginning, *, at: datetime) -> User:
    """Found the first organisation of this Siach; its owner comes back. Refused once anybody is here whom no demo
    invented."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if has_people():
        raise Refused(_("Siach is already set up. Sign in with your email and password."))
    org = found_org(name=told.org, owner=told.owner, language=told.language, zone=told.zone, at=at)
    owner = Membership.objects.select_related("user").get(team__org=org).user
    brand = _brand(
        org,
        told.brand,
        names=told.names,
        exclusions=told.exclusions,
        languages=told.languages,
        by=owner,
        at=at,
    )
    for name in dict.fromkeys(told.rivals):
        if name.casefold() != brand.name.casefold():
            _brand(org, name, kind=Brand.Kind.RIVAL, by=owner, at=at)
    for layer, (target, aim) in told.goals.items():
        set_goal(brand=brand, layer=layer, target=target, aim=aim, by=owner, at=at)
    return owner


def _brand(org: Org, name: str, *, kind: str = Brand.Kind.OWN, by: User, at: datetime, **more: list[str]) -> Brand:
    """The brand of this name: the one that an import made before anybody was here, or a new one."""
    found = Brand.objects.filter(org=org, name__iexact=name.strip()).order_by("pk").first()
    if found is None:
        return add_brand(org=org, name=name, kind=kind, by=by, at=at, **more)
    return extend_brand(brand=found, kind=kind, by=by, at=at, **more)


@transaction.atomic
def visit(*, user: User, brands: Sequence[Brand], at: datetime) -> None:
    """This person looks at Today of these brands. Their own note of it, so the ledger keeps none."""
    new = [Visit(user=user, brand=brand, seen_at=at) for brand in brands]
    Visit.objects.bulk_create(new, ignore_conflicts=True)
    known = list(Visit.objects.select_for_update().filter(user=user, brand__in=brands).order_by("pk"))
    for one in known:
        if at - one.seen_at >= QUIET:
            one.since = one.seen_at
        one.seen_at = max(at, one.seen_at)
    Visit.objects.bulk_update(known, ["since", "seen_at"])


def put_away(*, user: User, brand: Brand, what: str, is_done: bool = False, at: datetime) -> None:
    """Show this no more on this person's Today of the brand. Their own choice, so the ledger keeps none."""
    PutAway.objects.update_or_create(user=user, brand=brand, what=what, defaults={"is_done": is_done, "at": at})


def bring_back(*, user: User, brand: Brand, what: str) -> None:
    """Show it again."""
    PutAway.objects.filter(user=user, brand=brand, what=what).delete()


def drop_visits_of(*, user: User, at: datetime) -> int:
    """PARTED: when they looked at Today of brands that they no longer see."""
    return Visit.objects.filter(user=user).exclude(brand__in=brands_for(user, "today.read")).delete()[0]


def drop_put_away_of(*, user: User, at: datetime) -> int:
    """PARTED: what they put away from Today of brands that they no longer see."""
    return PutAway.objects.filter(user=user).exclude(brand__in=brands_for(user, "today.read")).delete()[0]
