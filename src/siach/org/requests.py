"""What a person asked about themselves: taken up, carried out step by step, or refused with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.jobs import defer
from siach.org.ledger import record
from siach.org.models import Org, PersonRequest
from siach.org.notices import tell
from siach.org.rights import members

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from siach.org.models import User

    #: (organisation, ids of authors, at=) -> what it found, or how much it erased.
    Step = Callable[..., Mapping[str, object]]

#: The law gives thirty days from the day of the request.
ANSWER_WITHIN = timedelta(days=30)
KEEP_REPORT = timedelta(days=30)
TELL_BEFORE = timedelta(days=7)
_LONGEST = 2000
Kind, State = PersonRequest.Kind, PersonRequest.State


class CannotAsk(Exception):
    """The message says why, in the reader's language."""


@transaction.atomic
def take_up(*, org: Org, kind: str, people: Collection[int], asked: str, by: User, at: datetime) -> PersonRequest:
    """Write down a person's request about the authors that are them. Carried out by `carry_out`."""
    if kind not in Kind.values:
        raise CannotAsk(_("Choose what was asked for."))
    if not asked.strip():
        raise CannotAsk(_("State who asked, and how their identity was verified."))
    day = at.astimezone(ZoneInfo(org.zone)).date()
    request = PersonRequest.objects.create(
        org=org,
        kind=kind,
        people=sorted(people),
        asked=asked.strip().replace("\0", "")[:_LONGEST],
        due_on=day + ANSWER_WITHIN,
        by=by,
        at=at,
    )
    record("request.taken_up", request, by=by, at=at, org=org, kind=kind, people=sorted(people))
    return request


@transaction.atomic
def carry_out(*, request: PersonRequest, by: User, at: datetime) -> PersonRequest:
    """Start an access report or an erasure; a job does it, a step per transaction."""
    request = _open(request)
    if request.kind == Kind.CORRECTION:
        raise CannotAsk(_("A correction is made by hand; close the request by stating what was corrected."))
    request.state, request.step, request.outcome = State.RUNNING, 0, {}
    request.save(update_fields=["state", "step", "outcome"])
    record("request.carried_out", request, by=by, at=at, org=request.org, kind=request.kind)
    defer("person_request", queue="slow", once=f"request:{request.pk}", request=request.pk)
    return request


@transaction.atomic
def close(*, request: PersonRequest, outcome: str, refused: bool, by: User, at: datetime) -> PersonRequest:
    """Answer a request in words: what was corrected, or why it is refused."""
    request = _open(request)
    if not outcome.strip():
        raise CannotAsk(_("State what was done, or why the request is refused."))
    if not refused and request.kind != Kind.CORRECTION:
        raise CannotAsk(_("This request has to be carried out, not only answered."))
    request.state = State.REFUSED if refused else State.DONE
    request.outcome, request.done_at = {"words": outcome.strip()[:_LONGEST]}, at
    request.save(update_fields=["state", "outcome", "done_at"])
    name = "request.refused" if refused else "request.answered"
    record(name, request, by=by, at=at, org=request.org, kind=request.kind)
    return request


def _open(request: PersonRequest) -> PersonRequest:
    request = PersonRequest.objects.select_for_update(of=("self",)).select_related("org").get(pk=request.pk)
    if request.state != State.OPEN:
        raise CannotAsk(_("This request has already been answered."))
    return request


def run(
    *,
    request_id: int,
    export: Sequence[tuple[str, Step]],
    forget: Sequence[tuple[str, Step]],
    at: datetime,
) -> None:
    """The job: each step in a transaction of its own. Killed anywhere, the next call goes on from there."""
    while _one_step(request_id, export, forget, at=at):
        pass


@transaction.atomic
def _one_step(
    request_id: int, export: Sequence[tuple[str, Step]], forget: Sequence[tuple[str, Step]], *, at: datetime
) -> bool:
    locked = PersonRequest.objects.select_for_update(of=("self",), skip_locked=True).select_related("org")
    request = locked.filter(pk=request_id, state=State.RUNNING).first()
    if request is None:
        return False
    steps = export if request.kind == Kind.ACCESS else forget
    if request.step >= len(steps):
        _finish(request, at=at)
        return False
    _name, step = steps[request.step]
    found = step(request.org, request.people, at=at)
    if request.kind == Kind.ACCESS:
        request.report = {**(request.report or {}), **found}
    else:
        request.outcome = {**request.outcome, **found}
    request.step += 1
    request.save(update_fields=["step", "report", "outcome"])
    return True


def _finish(request: PersonRequest, *, at: datetime) -> None:
    request.state, request.done_at = State.DONE, at
    if request.kind == Kind.ACCESS:
        request.keep_until = at + KEEP_REPORT
        report = request.report or {}
        request.outcome = {name: len(rows) for name, rows in report.items() if isinstance(rows, list)}
    request.save(update_fields=["state", "done_at", "outcome", "keep_until"])


def forget_reports(org: Org, people: Collection[int], *, at: datetime) -> dict[str, object]:
    """FORGET: what earlier access reports on these people say. How they asked stays: it shows why they were erased."""
    earlier = PersonRequest.objects.filter(org=org, people__overlap=list(people)).exclude(state=State.RUNNING)
    return {"reports": earlier.filter(report__isnull=False).update(report=None, keep_until=None)}


def drop_reports(org: Org, *, before: datetime, at: datetime) -> int:
    """RETAIN: access reports whose month is over; that they were made stays."""
    return PersonRequest.objects.filter(org=org, keep_until__lte=at).update(report=None, keep_until=None)


def tell_due(*, at: datetime) -> int:
    """Tell those who handle privacy of requests that are due within a week; once for each."""
    soon = (at + TELL_BEFORE).date()
    due = PersonRequest.objects.filter(state=State.OPEN, due_on__lte=soon).select_related("org")
    return sum(
        len(
            tell(
                "request.due",
                to=members(request.org, "privacy.manage"),
                org=request.org,
                brand=None,
                level=2,
                subject=request,
                url=("person_request", {"pk": request.pk}),
                at=at,
            )
        )
        for request in due
    )


def carry_left(*, at: datetime) -> int:
    """Defer the requests that stand still: a fall between two steps, or an answer that was being sent."""
    left = PersonRequest.objects.filter(state=State.RUNNING).order_by("pk").values_list("pk", flat=True)
    return sum(defer("person_request", queue="slow", once=f"request:{pk}", request=pk) for pk in left)
