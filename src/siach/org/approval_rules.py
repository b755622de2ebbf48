"""The rules that ask for approvals: whether one fits, the ones we offer, and how they are changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.models import ApprovalRule, Membership, RuleStep, Topic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from siach.org.models import Brand, User

MOST_STEPS = 4
SAMPLE = 5  # with the level "sample" one in so many is asked for
Role = Membership.Role


class BadRule(Exception):
    """A rule that cannot stand; the message says why in the reader's language."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of words when their approval is asked, as plain values.

    priority 1 (gravest) to 5; followers of the person answered; mandate_level: all, sample or none.
    """

    topics: tuple[int, ...] = ()
    priority: int | None = None
    followers: int = 0
    intent: str = ""
    is_safety: bool = False
    mandate_level: str = "none"


class Step(NamedTuple):
    """One link of a chain as a form or the offer describes it; `people` and `substitute` are ids of users."""

    roles: Sequence[str] = ()
    people: Sequence[int] = ()
    needs_all: bool = False
    substitute: int | None = None
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule to be: its name, its conditions by field name, and its chain."""

    name: str
    when: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Step] = ()
    own_forbidden: bool = True


def offered() -> tuple[Draft, ...]:
    """The rules with which a brand may begin."""
    speaks = (Role.SPOKESPERSON,)
    return (
        Draft(_("Safety and the most serious cases"), {"priority": 1}, (Step(roles=speaks, minutes=30),)),
        Draft(_("A large audience"), {"followers": 50_000}, (Step(roles=speaks, minutes=60),)),
        by_mandate(),
    )


def by_mandate() -> Draft:
    """The rule that asks what the mandate of whoever wrote asks for."""
    decides = Step(roles=(Role.MANAGER, Role.OWNER), minutes=60)
    return Draft(_("As the agency's mandate requires"), {"by_mandate": True}, (decides,))


def fitting(*, brand: Brand, facts: Facts, by: User, subject: tuple[str, int]) -> ApprovalRule | None:
    """The first rule of the brand that asks for these words."""
    rules = list(ApprovalRule.objects.filter(brand=brand).prefetch_related("steps__people"))
    roles = set(_roles(brand, by)) if any(rule.roles for rule in rules) else set()
    return next((rule for rule in rules if _fits(rule, facts, roles, subject)), None)


def _roles(brand: Brand, by: User) -> list[str]:
    """The roles of who wrote: those in the brand's organisation, else those they hold elsewhere."""
    held = list(Membership.objects.filter(user=by).values_list("role", "team__org"))
    here = [role for role, org in held if org == brand.org_id]
    return here or [role for role, _org in held]


def _fits(rule: ApprovalRule, facts: Facts, roles: set[str], subject: tuple[str, int]) -> bool:
    """Every condition that the rule gives is met."""
    asked = (
        not rule.topics or bool(set(rule.topics) & set(facts.topics)),
        rule.priority is None or (facts.priority is not None and facts.priority <= rule.priority),
        rule.followers is None or facts.followers >= rule.followers,
        not rule.intents or facts.intent in rule.intents,
        not rule.is_safety or facts.is_safety,
        not rule.roles or bool(set(rule.roles) & roles),
        not rule.by_mandate or _demanded(facts.mandate_level, subject),
    )
    return all(asked)


def _demanded(level: str, subject: tuple[str, int]) -> bool:
    """Whether a mandate of this level asks for these very words; of a sample, always the same answer."""
    if level != "sample":
        return level == "all"
    digest = hashlib.sha256(f"{subject[0]}:{subject[1]}".encode()).digest()
    return digest[0] % SAMPLE == 0


@transaction.atomic
def take_offer(*, brand: Brand, by: User, at: datetime) -> None:
    """Begin with the offered rules. BadRule where there are rules already."""
    if ApprovalRule.objects.filter(brand=brand).exists():
        raise BadRule(_("This brand has rules already."))
    for draft in offered():
        set_rule(brand=brand, draft=draft, by=by, at=at)


@transaction.atomic
def set_rule(*, brand: Brand, draft: Draft, rule: ApprovalRule | None = None, by: User, at: datetime) -> ApprovalRule:
    """A new rule behind the others, or another wording of one. What was asked before goes on as it was asked.

    BadRule; what `draft.when` does not name does not matter to the rule.
    """
    _check(draft)
    _check_topics(brand, draft.when.get("topics", ()))
    if rule is None:
        last = ApprovalRule.objects.filter(brand=brand).aggregate(last=Max("place"))["last"]
        rule = ApprovalRule(brand=brand, place=0 if last is None else last + 1)
    blank = ApprovalRule()
    for name in ("topics", "priority", "followers", "intents", "is_safety", "roles", "by_mandate"):
        setattr(rule, name, draft.when.get(name, getattr(blank, name)))
    rule.name, rule.own_forbidden = draft.name.strip()[:80], draft.own_forbidden
    rule.save()
    rule.steps.all().delete()
    for place, step in enumerate(draft.steps, 1):
        made = RuleStep.objects.create(
            rule=rule,
            place=place,
            roles=list(step.roles),
            needs_all=step.needs_all,
            substitute_id=step.substitute,
            minutes=step.minutes,
        )
        made.people.set(step.people)
    record("rule.set", brand, by=by, at=at, org=brand.org, brand=brand, rule=rule.pk)
    return rule


@transaction.atomic
def remove_rule(*, rule: ApprovalRule, by: User, at: datetime) -> None:
    """It asks for nothing any more; what it asked for goes on."""
    brand = rule.brand
    record("rule.removed", brand, by=by, at=at, org=brand.org, brand=brand, rule=rule.pk)
    rule.delete()


def _check(draft: Draft) -> None:
    if not draft.name.strip():
        raise BadRule(_("A rule needs a name."))
    if not 1 <= len(draft.steps) <= MOST_STEPS:
        raise BadRule(_("A chain has one to four steps."))
    for step in draft.steps:
        if not step.roles and not step.people:
            raise BadRule(_("Every step needs at least one approver."))
        if not 1 <= step.minutes <= 14 * 24 * 60:
            raise BadRule(_("A step may last from a minute to two weeks."))


def _check_topics(brand: Brand, topics: Sequence[int]) -> None:
    """Each is the brand's own, and stays so until the transaction ends."""
    kept = Topic.objects.select_for_update(no_key=True).filter(brand=brand, pk__in=topics).order_by("pk")
    if topics and len(kept) != len(set(topics)):
        raise BadRule(_("This topic does not belong to the brand."))
