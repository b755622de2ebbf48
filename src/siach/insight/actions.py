"""The first run's one deed: an organisation, its owner, brands and goals, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from siach.org.actions import Refused, add_brand, found_org, set_goal
from siach.org.models import Brand, Membership, User

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_LOCK = 71002


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
    """Found the first organisation of this Siach; its owner comes back. Refused once anybody is here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if User.objects.exists():
        raise Refused(_("Siach is already set up. Sign in with your email and password."))
    org = found_org(name=told.org, owner=told.owner, language=told.language, zone=told.zone, at=at)
    owner = Membership.objects.select_related("user").get(team__org=org).user
    brand = add_brand(
        org=org,
        name=told.brand,
        names=told.names,
        exclusions=told.exclusions,
        languages=told.languages,
        by=owner,
        at=at,
    )
    for name in dict.fromkeys(told.rivals):
        if name != brand.name:
            add_brand(org=org, name=name, kind=Brand.Kind.RIVAL, by=owner, at=at)
    for layer, (target, aim) in told.goals.items():
        set_goal(brand=brand, layer=layer, target=target, aim=aim, by=owner, at=at)
    return owner
