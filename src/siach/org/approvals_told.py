"""Questions that were asked and decided before Siach stood between: written as they were, and nobody is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.org.ledger import line, record_all
from siach.org.models import Approval, ApprovalStep, Asked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.org.models import ApprovalRule, LedgerEntry, User


@dataclass(frozen=True, slots=True)
class Decided:
    """Whether one version of some words might go out: asked by who wrote them, decided by one person for the whole
    chain. `reason` is what a refusal said; `topics` as an Approval keeps them."""

    subject: tuple[str, int]
    version: int
    by: User
    asked_at: datetime
    decider: User
    at: datetime
    granted: bool
    reason: str = ""
    topics: tuple[int, ...] = ()


def tell_decided(*, rule: ApprovalRule, decided: Sequence[Decided]) -> None:
    """Write these with the chain of the rule that asked for them, and their lines of the ledger. Call it inside the
    transaction that writes the words."""
    approvals = Approval.objects.bulk_create([_approval(rule, one) for one in decided])
    chain = list(rule.steps.all())
    steps = [
        ApprovalStep(
            approval=approval,
            place=step.place,
            roles=step.roles,
            minutes=step.minutes,
            needs_all=step.needs_all,
            done_at=one.at if one.granted else None,
        )
        for approval, one in zip(approvals, decided, strict=True)
        for step in (chain if one.granted else chain[:1])
    ]
    deciders = {approval.pk: one for approval, one in zip(approvals, decided, strict=True)}
    Asked.objects.bulk_create(
        Asked(step=step, user=one.decider, granted=one.granted, at=one.at)
        for step in ApprovalStep.objects.bulk_create(steps)
        for one in (deciders[step.approval_id],)
    )
    lines = []
    for approval, one in zip(approvals, decided, strict=True):
        name = "approval.granted" if one.granted else "approval.refused"
        lines += [
            _line("approval.asked", approval, rule, one.by, one.asked_at),
            _line(name, approval, rule, one.decider, one.at, step=approval.place),
        ]
    record_all(lines)


def _approval(rule: ApprovalRule, one: Decided) -> Approval:
    kind, pk = one.subject
    return Approval(
        org_id=rule.brand.org_id,
        brand=rule.brand,
        rule=rule,
        subject_kind=kind,
        subject_id=pk,
        version=one.version,
        by=one.by,
        own_forbidden=rule.own_forbidden,
        topics=list(one.topics),
        state=Approval.State.GRANTED if one.granted else Approval.State.REFUSED,
        place=rule.steps.count() if one.granted else 1,
        asked_at=one.asked_at,
        ended_at=one.at,
        reason=one.reason[:1000],
    )


def _line(name: str, approval: Approval, rule: ApprovalRule, by: User, at: datetime, **facts: int) -> LedgerEntry:
    return line(name, approval, by=by, at=at, org=rule.brand.org, brand=rule.brand, **facts)
