"""Whom to tell: who leads a person, who manages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.org.models import Membership, User
from siach.org.rights import members

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from siach.org.models import Org


def leads_of(user: User, org: Org) -> QuerySet[User]:
    """The team leads of this person in the organisation, or its managers where their team has none."""
    teams = Membership.objects.filter(user=user, team__org=org).values("team")
    leads = User.objects.filter(
        memberships__team__in=teams, memberships__role=Membership.Role.LEAD, is_active=True
    ).distinct()
    return leads if leads.exists() else members(org, "brand.manage")
