"""What Settings show of teams and mandates: who is here, who works for whom, with what and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from siach.org.models import Mandate, MandateProof, Membership, Team, Topic
from siach.org.queries import RIGHT_WORDS
from siach.org.rights import orgs_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from siach.org.models import Org, User

_ORDER = ("in_force", "ahead", "offered", "ended")
#: What a proof calls purged, in words.
PURGED_WORDS: dict[str, str | Promise] = {
    "cases": _("open cases given back to the queue"),
    "drafts": _("drafts of the agency's people"),
    "notices": _("notices removed from the agency's people"),
    "wishes": _("saved views and mutes of the agency's people"),
    "visits": _("records of their last visits"),
}


@dataclass(frozen=True, slots=True)
class House:
    """An organisation with its teams (each with `people`), and the mandates in force by which agencies work for it."""

    org: Org
    teams: list[Team]
    agencies: list[Mandate]


def houses_of(user: User) -> list[House]:
    """Every organisation that this person manages, with who is in it."""
    people = Membership.objects.select_related("user").order_by("user__name", "pk")
    orgs = list(orgs_for(user, "org.manage").order_by("name", "pk"))
    teams = list(
        Team.objects.filter(org__in=orgs).prefetch_related(Prefetch("memberships", people, "people")).order_by("pk")
    )
    lent = Mandate.objects.in_force().filter(org__in=orgs).select_related("brand", "team__org").order_by("pk")
    found = list(lent.prefetch_related(Prefetch("team__memberships", people, "people")))
    return [
        House(
            org=org,
            teams=[team for team in teams if team.org_id == org.pk],
            agencies=[mandate for mandate in found if mandate.org_id == org.pk],
        )
        for org in orgs
    ]


@dataclass(frozen=True, slots=True)
class Lent:
    """A mandate as Settings show it: `state` is offered, ahead, in_force or ended; topics by their names."""

    mandate: Mandate
    state: str
    topics: tuple[str, ...]
    rights: tuple[str | Promise, ...]


def granted(user: User, *, at: datetime) -> list[Lent]:
    """The mandates that this person's organisations granted, those in force first, without offers that ran out."""
    mandates = Mandate.objects.filter(org__in=orgs_for(user, "org.manage"))
    mandates = mandates.exclude(accepted_at=None, code_until__lte=at).exclude(accepted_at=None, ended_at__isnull=False)
    return _lent(mandates, at)


def held(user: User, *, at: datetime) -> list[Lent]:
    """The mandates by which this person's teams work now. What has ended says nothing of its client any more."""
    return _lent(Mandate.objects.in_force().filter(team__memberships__user=user), at)


def held_by_orgs(user: User, *, at: datetime) -> list[Lent]:
    """The mandates by which the teams of the organisations that this person manages work now."""
    return _lent(Mandate.objects.in_force().filter(team__org__in=orgs_for(user, "org.manage")), at)


def _lent(mandates: QuerySet[Mandate], at: datetime) -> list[Lent]:
    rows = mandates.select_related("org", "brand", "team__org", "ended_by", "proof").order_by("-pk").distinct()
    return sorted(shown(list(rows), at=at), key=lambda one: _ORDER.index(one.state))


def shown(rows: Sequence[Mandate], *, at: datetime) -> list[Lent]:
    """These mandates as pages show them."""
    topics = Topic.objects.in_bulk({pk for row in rows for pk in row.topics})
    return [
        Lent(
            mandate=row,
            state=state_of(row, at=at),
            topics=tuple(topics[pk].name for pk in row.topics if pk in topics),
            rights=tuple(words for right, words in RIGHT_WORDS.items() if right in row.rights),
        )
        for row in rows
    ]


def state_of(mandate: Mandate, *, at: datetime) -> str:
    """offered, ahead (accepted, begins later), in_force or ended."""
    if mandate.ended_at or (mandate.until and mandate.until <= at):
        return "ended"
    if mandate.accepted_at is None:
        return "offered"
    return "ahead" if mandate.since > at else "in_force"


def proofs() -> QuerySet[MandateProof]:
    return MandateProof.objects.select_related("mandate")


def memberships_of(user: User) -> QuerySet[Membership]:
    """The teams that this person is in, with their organisations."""
    return Membership.objects.filter(user=user).select_related("team__org").order_by("team__org__name", "pk")
