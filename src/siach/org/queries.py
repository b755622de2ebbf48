"""Who is here at all, and what the settings show: brands with their goals, people, what each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from siach.org.models import Brand, Goal, Invitation, Mail, Membership, User
from siach.org.rights import ROLES, brands_for, orgs_for

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from siach.org.models import Org

RIGHT_WORDS: dict[str, str | Promise] = {
    "self.manage": _("Change their own password"),
    "today.read": _("View Today"),
    "stream.read": _("View the Stream"),
    "source.read": _("View the sources and their state"),
    "report.read": _("View reports"),
    "capture.add": _("Add a captured post"),
    "inbox.read": _("View the Inbox"),
    "case.open": _("Open a case"),
    "case.answer": _("Answer, assign and resolve cases"),
    "reading.correct": _("Correct a reading"),
    "author.mark": _("Mark an author's role in the conversation"),
    "activity.read": _("View the activity log"),
    "evidence.keep": _("Keep posts as evidence, under a legal hold"),
    "evidence.release": _("Release a legal hold"),
    "hold.set": _("Pause all publishing of a brand, and resume it"),
    "approval.decide": _("Approve or reject what is sent to them"),
    "approval.manage": _("Set approval rules, and send links to external approvers"),
    "shift.manage": _("Set who is on call"),
    "privacy.manage": _("Handle data requests and set retention periods"),
    "source.manage": _("Connect and pause sources"),
    "import.run": _("Import files"),
    "brand.manage": _("Change brands, names and goals"),
    "org.manage": _("Manage the organisation"),
}


@dataclass(frozen=True, slots=True)
class RightRow:
    """One right and, role by role in the table's order, whether the role holds it."""

    words: str | Promise
    held: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class OrgSettings:
    org: Org
    own: list[Brand]
    rivals: list[Brand]
    people: list[Membership]


def has_people() -> bool:
    """Whether anybody is here whom no demo invented."""
    return User.objects.filter(Q(memberships=None) | Q(memberships__team__org__is_demo=False)).exists()


def first_owner() -> User | None:
    """Whoever set this Siach up, as far as they are still here: its earliest owner, a demo's only where there is no
    other."""
    owners = User.objects.filter(memberships__role=Membership.Role.OWNER, is_active=True)
    return owners.order_by("memberships__team__org__is_demo", "pk").first()


def settings_of(user: User) -> list[OrgSettings]:
    """Every organisation whose brands this person manages, whole, in four queries."""
    goals = Prefetch("goals", Goal.objects.order_by("pk"))
    brands = list(brands_for(user, "brand.manage").prefetch_related(goals, "topics").order_by("name"))
    orgs = list(orgs_for(user, "brand.manage").order_by("name"))
    people = Membership.objects.filter(team__org__in=orgs).select_related("user", "team")
    members = list(people.order_by("user__name", "pk"))
    return [
        OrgSettings(
            org=org,
            own=[b for b in brands if b.org_id == org.pk and b.kind == Brand.Kind.OWN],
            rivals=[b for b in brands if b.org_id == org.pk and b.kind == Brand.Kind.RIVAL],
            people=[m for m in members if m.team.org_id == org.pk],
        )
        for org in orgs
    ]


def rights_table() -> tuple[list[str | Promise], list[RightRow]]:
    """The roles' labels and a row for each right."""
    labels: list[str | Promise] = [Membership.Role(role).label for role in ROLES]
    rows = [
        RightRow(words, tuple(right in rights for rights in ROLES.values())) for right, words in RIGHT_WORDS.items()
    ]
    return labels, rows


def rights_by_role() -> list[tuple[str | Promise, list[str | Promise]]]:
    """The same by role, as a phone shows it: a role's label and the words for each of its rights."""
    return [
        (Membership.Role(role).label, [words for right, words in RIGHT_WORDS.items() if right in rights])
        for role, rights in ROLES.items()
    ]


def goals_of(brand: Brand) -> QuerySet[Goal]:
    return Goal.objects.filter(brand=brand).order_by("pk")


def invitations_of(user: User, *, at: datetime) -> list[Invitation]:
    """The invitations into the organisations this person manages, newest first; `open`: does it still open?"""
    found = Invitation.objects.filter(org__in=orgs_for(user, "org.manage")).select_related("team", "by", "mail")
    rows = list(found.order_by("-made_at", "-pk")[:200])
    for row in rows:
        row.open = row.is_open(at=at)  # type: ignore[attr-defined]
    return rows


def unsent_mails(user: User) -> list[Mail]:
    """The mails of the organisations this person manages that failed, or failed so far; newest first."""
    mails = Mail.objects.filter(org__in=orgs_for(user, "org.manage")).exclude(error="")
    return list(mails.order_by("-made_at", "-pk")[:50])
