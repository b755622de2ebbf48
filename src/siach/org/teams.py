"""Deeds on an organisation's own people: teams, roles, leaving a team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.actions import Refused
from siach.org.jobs import defer
from siach.org.ledger import record
from siach.org.live import RIGHTS_CHANGED, signal
from siach.org.models import Mandate, Membership, Org, Team

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User


@transaction.atomic
def add_team(*, org: Org, name: str, by: User, at: datetime) -> Team:
    """One more team. In an agency each may work for other clients."""
    name = name.strip()[:120]
    if not name:
        raise Refused(_("A team needs a name."))
    if Team.objects.filter(org=org, name=name).exists():
        raise Refused(_("A team with this name is already here."))
    kind = Team.Kind.AGENCY if org.kind == Org.Kind.AGENCY else Team.Kind.IN_HOUSE
    team = Team.objects.create(org=org, name=name, kind=kind)
    record("team.added", team, by=by, at=at, org=org)
    return team


@transaction.atomic
def change_role(*, member: Membership, role: str, by: User, at: datetime) -> Membership:
    """Another role in the same team, from this moment on."""
    member = _locked(member)
    if role not in Membership.Role.values:
        raise Refused(_("This role does not exist."))
    if role == member.role:
        return member
    _owner_stays(member)
    was, member.role = member.role, role
    member.save(update_fields=["role"])
    record("member.role_changed", member.user, by=by, at=at, org=member.team.org, was=was, now=role)
    _rights_changed(member)
    return member


@transaction.atomic
def remove(*, member: Membership, by: User, at: datetime) -> None:
    """A person leaves a team: what they reached through it is closed, their open cases go back to the queue."""
    member = _locked(member)
    _owner_stays(member)
    record("member.removed", member.user, by=by, at=at, org=member.team.org, role=member.role, team=member.team_id)
    member.delete()
    _rights_changed(member)
    defer("member_left", queue="slow", user=member.user_id)


def _locked(member: Membership) -> Membership:
    """The membership as it stands now; its organisation's row is locked, so that two owners never leave at once."""
    Org.objects.select_for_update().get(pk=member.team.org_id)
    found = Membership.objects.select_related("user", "team__org").filter(pk=member.pk).first()
    if found is None:
        raise Refused(_("This person has since left the team."))
    return found


def _owner_stays(member: Membership) -> None:
    owners = Membership.objects.filter(team__org=member.team.org_id, role=Membership.Role.OWNER, user__is_active=True)
    if member.role == Membership.Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise Refused(_("The last owner cannot be removed. Make somebody else an owner first."))


def _rights_changed(member: Membership) -> None:
    """Streams close, here and with the clients of an agency's team; the person's open cases are looked at anew."""
    clients = Mandate.objects.in_force().filter(team=member.team_id).values_list("org", flat=True)
    for org in {member.team.org_id, *clients}:
        signal(org, RIGHTS_CHANGED)
    defer("release_cases", queue="slow", user=member.user_id)
