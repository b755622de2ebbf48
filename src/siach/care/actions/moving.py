"""The life of a case, and what every deed on one shares: the lock, the clock, the thread's mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from siach.calc.priority import reply_target
from siach.care.models import OPEN_STATES, Case
from siach.org.ledger import record
from siach.org.live import signal
from siach.talk.actions.marking import mark_threads, serve_threads, unmark_threads
from siach.talk.models import ThreadMark

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from siach.org.models import User
    from siach.talk.models import Thread

State = Case.State

MOVES: dict[str, dict[str, str]] = {
    "assign": {State.NEW: State.OPEN, State.OPEN: State.OPEN, State.WAITING: State.WAITING},
    "answer": {State.OPEN: State.WAITING},
    "hear": {
        State.NEW: State.NEW,
        State.OPEN: State.OPEN,
        State.WAITING: State.OPEN,
        State.RESOLVED: State.OPEN,
    },
    "reopen": {State.RESOLVED: State.OPEN},
    "resolve": {State.OPEN: State.RESOLVED, State.WAITING: State.RESOLVED},
    "set_aside": {State.NEW: State.CLOSED},
    "end_drill": dict.fromkeys((State.NEW, State.OPEN, State.WAITING), State.CLOSED),
}
MARK = "case"


class CannotAnswer(Exception):
    """A deed on a case that cannot be done; the message says why in the reader's language."""


class NeedsConfirming(CannotAnswer):
    """A deed that is done only when the person says so again (`confirmed=True`)."""


class AlreadyOpen(CannotAnswer):
    """There is an open case of this person in this thread: `case`."""

    def __init__(self, case: Case) -> None:
        super().__init__(_("This person already has an open case in this thread."))
        self.case = case


def locked(case: Case) -> Case:
    """The case as it stands now, its row locked."""
    found = Case.objects.select_for_update(of=("self",)).select_related("brand", "org", "author", "thread")
    return found.get(pk=case.pk)


def move(case: Case, name: str) -> None:
    """Make one move of the life table on a locked case. CannotAnswer when it is not allowed from here."""
    try:
        case.state = MOVES[name][case.state]
    except KeyError as error:
        raise CannotAnswer(
            _("This cannot be done while the case is: %(state)s.") % {"state": Case.State(case.state).label}
        ) from error


def take(*, case: Case, by: User) -> None:
    """Whoever deals with a new case takes it."""
    if case.state == State.NEW:
        move(case, "assign")
        case.assignee = by


def wait_since(case: Case, since: datetime | None) -> None:
    """Start, set back or stop the clock of the person who waits."""
    case.waiting_since = since
    answered = case.answered_at is not None
    case.due_at = since + reply_target(case.priority, answered=answered) if since else None


def mark(thread: Thread, *, at: datetime) -> None:
    """The thread carries its gravest open case, or none."""
    mark_all({thread.pk}, at=at)


def mark_all(threads: Collection[int], *, at: datetime) -> None:
    """`mark` for many threads (primary keys) at once."""
    graver = Case.objects.filter(thread__in=threads, state__in=OPEN_STATES).order_by("thread", "priority", "id")
    marked = [
        ThreadMark(thread_id=thread, kind=MARK, level=level, url_name="case", object_id=case, at=at)
        for thread, level, case in graver.distinct("thread").values_list("thread", "priority", "id")
    ]
    if marked:
        mark_threads(marked)
    serve_threads(Case.objects.filter(thread__in=threads).order_by("pk").values_list("thread", "brand", "topics"))
    if free := set(threads) - {mark.thread_id for mark in marked}:
        unmark_threads(free, MARK)


def told(*, name: str, case: Case, by: User | None, at: datetime, **facts: int | str | bool | list[int] | None) -> None:
    """The ledger line of a deed on a case, and the signal to open pages."""
    record(name, case, by=by, at=at, org=case.org, brand=case.brand, **facts)
    signal(case.org_id, "inbox")
