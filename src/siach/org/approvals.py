"""Approvals: one question about one exact version, a chain of people who answer it, and clocks that move it on.

Whoever asks holds the words; here stand only their kind, id and version. Every move locks the approval's row, so
two who decide at once are told one after the other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.approval_rules import Facts, fitting
from siach.org.ledger import record
from siach.org.live import signal
from siach.org.models import Approval, ApprovalComment, ApprovalStep, Asked, Membership
from siach.org.notices import over, tell
from siach.org.rights import members

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import ApprovalRule, Brand, User

__all__ = ["CannotDecide", "Facts", "NobodyToAsk", "ask", "cleared", "comment", "decide", "due", "lapse", "void"]

State = Approval.State
RIGHT = "approval.decide"
NAMED, SUBSTITUTE, MANAGERS = 0, 1, 2
GRAVEST = 1
MANAGE = (Membership.Role.OWNER, Membership.Role.MANAGER)


class CannotDecide(Exception):
    """A decision that cannot be made; the message says why in the reader's language."""


class NobodyToAsk(Exception):
    """A rule asks for an approval and nobody here may give it."""


@transaction.atomic
def ask(
    *, subject: tuple[str, int], version: int, facts: Facts, brand: Brand, by: User, at: datetime
) -> Approval | None:
    """Ask for what the brand's rules demand of these words; None when they demand nothing. NobodyToAsk."""
    rule = fitting(brand=brand, facts=facts, by=by, subject=subject)
    if rule is None:
        return None
    kind, pk = subject
    approval = Approval.objects.create(
        org_id=brand.org_id,
        brand=brand,
        rule=rule,
        subject_kind=kind,
        subject_id=pk,
        version=version,
        by=by,
        own_forbidden=rule.own_forbidden,
        topics=_mutable(facts),
        asked_at=at,
    )
    _copy(rule, approval)
    record("approval.asked", approval, by=by, at=at, org=brand.org, brand=brand)
    _begin(approval, at)
    signal(brand.org_id, "approvals")
    return approval


def _mutable(facts: Facts) -> list[int]:
    """The topics by which a person may mute what is told of these words: none where danger is spoken of."""
    return [] if facts.is_safety or facts.priority == GRAVEST else sorted(facts.topics)


def _copy(rule: ApprovalRule, approval: Approval) -> None:
    """The chain as it stands now: a rule that changes later changes no question already asked."""
    for step in rule.steps.all():
        ApprovalStep.objects.create(
            approval=approval,
            place=step.place,
            roles=step.roles,
            named=[person.pk for person in step.people.all()],
            needs_all=step.needs_all,
            substitute=step.substitute,
            minutes=step.minutes,
        )


def _begin(approval: Approval, at: datetime) -> None:
    """Ask the people of the step at hand; where a stage has nobody, the next one. NobodyToAsk after the last."""
    step = approval.steps.get(place=approval.place)
    while not (people := _people(approval, step)):
        if step.stage == MANAGERS:
            raise NobodyToAsk
        step.stage += 1
    step.save(update_fields=["stage"])
    for user in people:
        Asked.objects.get_or_create(step=step, user=user, defaults={"stage": step.stage})
    approval.due_at = at + timedelta(minutes=step.minutes)
    approval.save(update_fields=["place", "due_at"])
    tell(
        "approval.asked",
        to=people,
        org=approval.brand.org,
        brand=approval.brand,
        level=3,
        subject=approval,
        url=("approval", {"pk": approval.pk}),
        at=at,
        once=f"{approval.pk}:{step.place}",
        stage=step.stage,
        topics=approval.topics,
    )


def _people(approval: Approval, step: ApprovalStep) -> list[User]:
    """Who is asked in the stage of this step: of the active people who may decide, never who wrote, where that
    is forbidden."""
    able = members(approval.brand.org, RIGHT)
    if approval.own_forbidden and approval.by_id:
        able = able.exclude(pk=approval.by_id)
    if step.stage == SUBSTITUTE:
        return list(able.filter(pk=step.substitute_id or 0))
    roles = MANAGE if step.stage == MANAGERS else step.roles
    of_role = Membership.objects.filter(team__org=approval.org_id, role__in=roles).values("user")
    found = set(able.filter(pk__in=of_role))
    if step.stage == NAMED:
        found |= set(able.filter(pk__in=step.named))
    return sorted(found, key=lambda user: user.pk)


@transaction.atomic
def decide(*, approval: Approval, place: int, grant: bool, reason: str = "", by: User, at: datetime) -> Approval:
    """Grant or refuse the step that was seen. CannotDecide when it was decided meanwhile, or is not theirs.

    Grant of the last step grants the whole; a refusal of any ends it, and needs a reason.
    """
    approval = locked(approval)
    step = open_step(approval, place)
    mine = Asked.objects.filter(step=step, user=by, granted=None).first()
    if mine is None or not members(approval.brand.org, RIGHT).filter(pk=by.pk).exists():
        raise CannotDecide(_("This approval is not yours to give."))
    if approval.own_forbidden and approval.by_id == by.pk:
        raise CannotDecide(_("Your own reply has to be approved by somebody else."))
    why = needed(grant, reason)
    mine.granted, mine.at = grant, at
    mine.save(update_fields=["granted", "at"])
    over("approval.asked", subject=approval, to=by, at=at)
    name = "approval.granted" if grant else "approval.refused"
    record(name, approval, by=by, at=at, org=approval.brand.org, brand=approval.brand, step=place)
    if not grant:
        return end(approval, State.REFUSED, at, why)
    return pass_step(approval, step, at) if _is_passed(step, mine) else approval


def needed(grant: bool, reason: str) -> str:
    """The reason as it is kept. A refusal without one is no help to who wrote."""
    if not grant and not reason.strip():
        raise CannotDecide(_("A reason is needed, so that the reply can be improved."))
    return reason.strip()[:1000]


def locked(approval: Approval) -> Approval:
    """The approval as it stands now, its row locked."""
    return Approval.objects.select_for_update(of=("self",)).select_related("brand__org", "by").get(pk=approval.pk)


def open_step(approval: Approval, place: int) -> ApprovalStep:
    """The step of a locked approval that is asked now. CannotDecide tells what became of it otherwise."""
    if approval.state == State.VOID:
        raise CannotDecide(_("The reply was changed or withdrawn in the meantime."))
    if approval.state != State.ASKED or approval.place != place:
        raise CannotDecide(_("This has been decided in the meantime: the outcome is shown below."))
    return approval.steps.get(place=place)


def _is_passed(step: ApprovalStep, mine: Asked) -> bool:
    """One grant is enough, of a substitute or a manager too; where all must, everyone still here has granted."""
    if not step.needs_all or mine.stage != NAMED:
        return True
    still = members(step.approval.brand.org, RIGHT)
    return not step.asked.filter(stage=NAMED, user__in=still).exclude(granted=True).exists()


def pass_step(approval: Approval, step: ApprovalStep, at: datetime) -> Approval:
    """The step is done: the next one is asked, or the whole is granted."""
    step.done_at = at
    step.save(update_fields=["done_at"])
    if not approval.steps.filter(place__gt=step.place).exists():
        return end(approval, State.GRANTED, at)
    approval.place += 1
    over("approval.asked", subject=approval, at=at)
    try:
        _begin(approval, at)
    except NobodyToAsk as error:
        raise CannotDecide(_("There is nobody to take the next step; change the rule in Settings.")) from error
    signal(approval.org_id, "approvals")
    return approval


def end(approval: Approval, state: str, at: datetime, reason: str = "") -> Approval:
    """The question is answered, once and for good."""
    approval.state, approval.ended_at, approval.due_at, approval.reason = state, at, None, reason
    approval.save(update_fields=["state", "ended_at", "due_at", "reason"])
    over("approval.asked", subject=approval, at=at)
    signal(approval.org_id, "approvals")
    return approval


@transaction.atomic
def void(*, subject: tuple[str, int], at: datetime) -> None:
    """These words were changed or taken back: what was asked or granted of them counts no more."""
    kind, pk = subject
    standing = (State.ASKED, State.GRANTED)
    found = Approval.objects.select_for_update().filter(subject_kind=kind, subject_id=pk, state__in=standing)
    for approval in found:
        end(approval, State.VOID, at)


def cleared(subject: tuple[str, int], version: int) -> bool:
    """Whether nothing that was asked about this very version still stands in its way."""
    kind, pk = subject
    asked = Approval.objects.filter(subject_kind=kind, subject_id=pk, version=version)
    return not asked.exclude(state=State.GRANTED).exists()


@transaction.atomic
def comment(*, approval: Approval, text: str, by: User, at: datetime) -> ApprovalComment:
    """Say something about words that wait, without deciding."""
    approval = locked(approval)
    words = text.replace("\x00", "\ufffd").strip()
    if not words:
        raise CannotDecide(_("The comment is empty."))
    said = ApprovalComment.objects.create(approval=approval, by=by, text=words[:1000], at=at)
    record("approval.commented", approval, by=by, at=at, org=approval.brand.org, brand=approval.brand, comment=said.pk)
    signal(approval.org_id, "approvals")
    return said


def due(at: datetime) -> QuerySet[Approval]:
    """The approvals whose step ran out of time."""
    return Approval.objects.filter(state=State.ASKED, due_at__lte=at).order_by("due_at", "pk")


@transaction.atomic
def lapse(*, approval: Approval, at: datetime) -> Approval:
    """Time ran out: the substitute is asked, then the brand's managers; after them it has lapsed.

    Nothing changes where somebody decided just before. Those asked earlier may still decide meanwhile.
    """
    approval = locked(approval)
    if approval.state != State.ASKED or approval.due_at is None or approval.due_at > at:
        return approval
    step = approval.steps.get(place=approval.place)
    if step.stage == MANAGERS:
        record("approval.lapsed", approval, by=None, at=at, org=approval.brand.org, brand=approval.brand)
        return end(approval, State.LAPSED, at)
    step.stage += 1
    step.save(update_fields=["stage"])
    try:
        _begin(approval, at)
    except NobodyToAsk:
        record("approval.lapsed", approval, by=None, at=at, org=approval.brand.org, brand=approval.brand)
        return end(approval, State.LAPSED, at)
    step.refresh_from_db()
    if step.asked.filter(granted=True, user__in=_people(approval, step)).exists():
        return pass_step(approval, step, at)
    record(
        "approval.escalated", approval, by=None, at=at, org=approval.brand.org, brand=approval.brand, stage=step.stage
    )
    signal(approval.org_id, "approvals")
    return approval
