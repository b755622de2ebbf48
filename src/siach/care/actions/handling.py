"""What an agent does with a case besides answering: assign, note, resolve, reopen, set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from siach.care.actions.alarming import calm
from siach.care.actions.drafting import forget_draft
from siach.care.actions.moving import CannotAnswer, locked, mark, mark_all, move, take, told, wait_since
from siach.care.models import OPEN_STATES, Case, Draft, Note
from siach.care.queries import may_take
from siach.org.ledger import line, record_all
from siach.org.live import signal
from siach.org.notices import tell

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Org, User

NOTE_LIMIT = 10_000
REASONS = {
    "not_about_us": pgettext_lazy("set aside", "Not about us"),
    "no_answer": pgettext_lazy("set aside", "No reply needed"),
    "spam": pgettext_lazy("set aside", "Spam"),
    "answered_elsewhere": pgettext_lazy("set aside", "Answered elsewhere"),
}


@transaction.atomic
def assign(*, case: Case, to: User | None, by: User, at: datetime) -> Case:
    """Give a case to a member who may answer, or to nobody (None). A new case opens with its first owner."""
    case = locked(case)
    if case.assignee_id == (to.pk if to else None):
        raise CannotAnswer(_("The case is already assigned that way."))
    if to is not None and not may_take(case).filter(pk=to.pk).exists():
        raise CannotAnswer(_("This person may not answer cases here."))
    move(case, "assign")
    case.assignee = to
    case.save(update_fields=["state", "assignee"])
    told(name="case.assigned", case=case, by=by, at=at, to=to.pk if to else None)
    if to is not None and to.pk != by.pk:
        _tell_assignee(case, to, by=by, at=at)
    return case


def _tell_assignee(case: Case, to: User, *, by: User, at: datetime) -> None:
    url = ("case", {"pk": case.pk})
    once = f"{case.pk}:{at.isoformat()}"
    tell(
        "case.assigned",
        to=[to],
        org=case.org,
        brand=case.brand,
        level=2,
        subject=case,
        url=url,
        at=at,
        once=once,
        by=by.pk,
        topics=list(case.topics),
        drill=case.thread.drill,
    )


@transaction.atomic
def note(*, case: Case, text: str, by: User, at: datetime) -> Note:
    """A note for the team, in any state of the case. Nobody outside ever sees it."""
    case = locked(case)
    words = text.replace("\x00", "\ufffd").strip()
    if not words:
        raise CannotAnswer(_("The note is empty."))
    if len(words) > NOTE_LIMIT:
        raise CannotAnswer(_("The note is too long: %(limit)s characters at most.") % {"limit": NOTE_LIMIT})
    written = Note.objects.create(case=case, by=by, text=words, at=at)
    forget_draft(case=case, kind=Draft.Kind.NOTE, by=by)
    told(name="case.noted", case=case, by=by, at=at, note=written.pk)
    return written


@transaction.atomic
def resolve(*, case: Case, by: User, at: datetime) -> Case:
    """The matter is settled. The customer's next words within two weeks open it again."""
    case = locked(case)
    take(case=case, by=by)
    move(case, "resolve")
    _end(case, at)
    told(name="case.resolved", case=case, by=by, at=at)
    return case


@transaction.atomic
def set_aside(*, case: Case, reason: str, by: User, at: datetime) -> Case:
    """A new case that needs no work of ours is closed with the reason's code."""
    case = locked(case)
    if reason not in REASONS:
        raise CannotAnswer(_("A reason is needed to set a case aside."))
    move(case, "set_aside")
    _end(case, at)
    told(name="case.set_aside", case=case, by=by, at=at, reason=reason)
    return case


def _end(case: Case, at: datetime) -> None:
    case.resolved_at = at
    wait_since(case, None)
    case.save(update_fields=["state", "assignee", "resolved_at", "waiting_since", "due_at"])
    calm(case, at=at)
    mark(case.thread, at=at)


@transaction.atomic
def close_played(*, org: Org, drill: int, at: datetime) -> int:
    """What a drill opened and nobody ended is closed with it, so that no clock of it runs on; how many."""
    cases = Case.objects.select_for_update(of=("self",)).select_related("org")
    found = list(cases.filter(org=org, thread__drill=drill, state__in=OPEN_STATES).order_by("pk"))
    for case in found:
        move(case, "end_drill")
        case.resolved_at = at
        wait_since(case, None)
        calm(case, at=at)
    Case.objects.bulk_update(found, ["state", "resolved_at", "waiting_since", "due_at"])
    mark_all({case.thread_id for case in found}, at=at)
    signal(org.pk, "inbox")
    return len(found)


@transaction.atomic
def reopen(*, case: Case, by: User, at: datetime) -> Case:
    """A resolved case is worked on again; its clock starts now."""
    case = locked(case)
    move(case, "reopen")
    case.resolved_at = None
    wait_since(case, at)
    try:
        with transaction.atomic():
            case.save(update_fields=["state", "resolved_at", "waiting_since", "due_at"])
    except IntegrityError as error:
        raise CannotAnswer(_("This person already has an open case in this thread.")) from error
    told(name="case.reopened", case=case, by=by, at=at, how="hand")
    mark(case.thread, at=at)
    return case


@transaction.atomic
def release(*, at: datetime, brand: int | None = None, user: int | None = None) -> int:
    """Open cases whose assignee may no longer answer them go back to the queue; how many.

    `brand` and `user` (primary keys) say where to look: what a mandate's end or a role's change may have closed.
    """
    cases = Case.objects.filter(state__in=OPEN_STATES, assignee__isnull=False)
    if brand is not None:
        cases = cases.filter(brand=brand)
    if user is not None:
        cases = cases.filter(assignee=user)
    held = cases.select_for_update(of=("self",)).select_related("brand", "org").order_by("pk")
    lost = [case for case in held if case.assignee_id not in set(may_take(case).values_list("pk", flat=True))]
    record_all(
        [
            line("case.released", case, by=None, at=at, org=case.org, brand=case.brand, was=case.assignee_id)
            for case in lost
        ]
    )
    Case.objects.filter(pk__in=[case.pk for case in lost]).update(assignee=None)
    for org in sorted({case.org_id for case in lost}):
        signal(org, "inbox")
    return len(lost)
