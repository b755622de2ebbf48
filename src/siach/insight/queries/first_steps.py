"""The first steps of a brand: what its people have set up so far, as the database knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from siach.care.models import Case
from siach.insight.models import PutAway
from siach.org.models import ApprovalRule, Brand, Goal, Invitation, Membership, Shift, Topic
from siach.org.rights import brands_for
from siach.talk.models import Source

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from siach.org.models import User


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step. `url` leads to where it is done; "" where this reader may not do it."""

    icon: str
    label: str | Promise
    link: str | Promise
    is_done: bool
    url: str


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """The steps of one brand."""

    brand: int
    name: str
    steps: tuple[FirstStep, ...]
    is_put_away: bool

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_shown(self) -> bool:
        """Whether they stand on Today."""
        return not self.is_put_away and self.done < len(self.steps)


def set_up_by(user: User) -> QuerySet[Brand]:
    """The brands that have first steps for this person: their own, which they manage, and no demo's."""
    return brands_for(user, "brand.manage").filter(kind=Brand.Kind.OWN, org__is_demo=False)


def first_steps(user: User, rights: Collection[str], pk: int) -> FirstSteps | None:
    """How far a brand is, in one query; None where this person does not set it up."""
    facts = _facts(user)
    found = set_up_by(user).filter(pk=pk).annotate(**facts).values("name", "names", *facts).first()
    if found is None:
        return None
    done = {
        "names": len(found["names"]) > 1,
        "goals": found["has_goal"],
        "source": found["has_source"],
        "team": found["has_member"] or found["has_invited"],
        "call": found["has_shift"],
        "rule": found["has_topic"] or found["has_rule"],
        "answer": found["has_answer"],
    }
    steps = tuple(
        FirstStep(icon, label, link, done[name], _url(page, pk) if right in rights else "")
        for name, icon, label, link, right, page in _STEPS
    )
    return FirstSteps(pk, found["name"], steps, found["is_put_away"])


#: Name, icon, label, words of its link, the right that it takes, and the page on which it is done.
_STEPS: tuple[tuple[str, str, str | Promise, str | Promise, str, str], ...] = (
    ("names", "brand", _("Every spelling of the brand"), _("To the names"), "brand.manage", "brand_edit"),
    ("goals", "flag", _("A goal for each layer"), _("To the goals"), "brand.manage", "brand_edit#goals"),
    ("source", "sources", _("The first source"), _("Connect"), "source.manage", "first_source"),
    ("team", "team", _("Somebody else on the team"), _("Invite"), "org.manage", "invitations"),
    ("call", "later", _("Who is on call, and when"), _("To the shifts"), "shift.manage", "on_call"),
    ("rule", "shield", _("A first topic or approval rule"), _("To the rules"), "approval.manage", "approval_rules"),
    ("answer", "inbox", _("The first case answered"), _("To the Inbox"), "case.answer", "inbox"),
)


def _facts(user: User) -> dict[str, Exists]:
    of_brand = {"brand": OuterRef("pk")}
    others = Membership.objects.filter(team__org=OuterRef("org")).exclude(user=user)
    return {
        "has_goal": Exists(Goal.objects.filter(**of_brand)),
        "has_source": Exists(Source.objects.filter(**of_brand)),
        "has_member": Exists(others),
        "has_invited": Exists(Invitation.objects.filter(org=OuterRef("org"))),
        "has_shift": Exists(Shift.objects.filter(**of_brand)),
        "has_topic": Exists(Topic.objects.filter(**of_brand)),
        "has_rule": Exists(ApprovalRule.objects.filter(**of_brand)),
        "has_answer": Exists(Case.objects.filter(**of_brand, answered_at__isnull=False)),
        "is_put_away": Exists(PutAway.objects.filter(**of_brand, user=user, what=PutAway.What.STEPS)),
    }


def _url(page: str, brand: int) -> str:
    name, sign, place = page.partition("#")
    return reverse(name, args=[brand] if name == "brand_edit" else []) + sign + place
