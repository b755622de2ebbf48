"""Stored mentions read anew once the reader is a newer one: offered, begun by a person, in batches, to be stopped.

Each batch is one transaction with the place it ended at, so a killed one goes on from there. What people corrected
stays.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.org.jobs import defer
from siach.org.ledger import record
from siach.org.live import signal
from siach.org.models import Org
from siach.talk import bulk
from siach.talk.actions.reading import current_run, read_own
from siach.talk.actions.sampling import read_anew
from siach.talk.actions.understanding import reread
from siach.talk.models import ReaderRun, Rereading

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from siach.org.models import User

AT_ONCE = 500
SILENT = timedelta(seconds=60)
State = Rereading.State

_OLD = """
SELECT m.org_id, count(*) FROM talk_mention m WHERE m.org_id = ANY(%s) AND m.run_id <> ALL(%s)
AND m.corrected_by_id IS NULL GROUP BY 1
"""
_NEXT = """
SELECT m.id FROM talk_mention m JOIN talk_post p ON p.id = m.post_id
WHERE m.org_id = %s AND m.id > %s AND m.run_id <> ALL(%s) AND m.corrected_by_id IS NULL AND p.state <> 'erased'
ORDER BY m.id LIMIT %s
"""


class CannotReread(Exception):
    """The message says why, in the reader's language."""


def offer(*, at: datetime) -> int:
    """Count once, for each organisation and reader, what older readers read; nothing old is done at once. Returns how
    many are offered anew."""
    run = current_run()
    known = Rereading.objects.filter(run=run).values("org")
    orgs = list(Org.objects.exclude(pk__in=known).values_list("pk", flat=True))
    old = dict(bulk.rows(_OLD, [orgs, _runs_of(run)])) if orgs else {}
    Rereading.objects.bulk_create(
        [
            Rereading(
                org_id=org, run=run, total=old.get(org, 0), state=State.OFFERED if org in old else State.DONE, at=at
            )
            for org in orgs
        ],
        ignore_conflicts=True,
    )
    return len(old)


def _runs_of(run: ReaderRun) -> list[int]:
    """The reader in force at its version, as it is and as calibrated."""
    return list(ReaderRun.objects.filter(name=run.name, version=run.version).values_list("pk", flat=True))


@transaction.atomic
def begin(*, rereading: Rereading, by: User | None, at: datetime, here: bool = False) -> None:
    """Read on, from the start or from where it was stopped: by the worker, or by whoever calls (`here`)."""
    found = _locked(rereading)
    if found.state not in (State.OFFERED, State.STOPPED):
        raise CannotReread(_("This is already running, or done."))
    found.state, found.by, found.at = State.GOING, by, at
    found.save(update_fields=["state", "by", "at"])
    record("reading.begun_anew", found, by=by, at=at, org=found.org, posts=found.total - found.done)
    if not here:
        defer("reread", queue="slow", rereading=found.pk)


@transaction.atomic
def stop(*, rereading: Rereading, by: User, at: datetime) -> None:
    """Stop after the batch in hand; what was read stays read."""
    found = _locked(rereading)
    if found.state != State.GOING:
        raise CannotReread(_("Nothing is being read again now."))
    found.state, found.at = State.STOPPED, at
    found.save(update_fields=["state", "at"])
    record("reading.stopped_anew", found, by=by, at=at, org=found.org, posts=found.done)


def _locked(rereading: Rereading) -> Rereading:
    return Rereading.objects.select_for_update(of=("self",)).select_related("org").get(pk=rereading.pk)


def run(*, rereading_id: int, at: datetime, tell: Callable[[int, int], None] | None = None) -> bool:
    """Batch after batch until it is done or stopped. Whether it is done."""
    while True:
        found = _batch(rereading_id, at=at)
        if found is None:
            return False
        if tell:
            tell(found.done, found.total)
        if found.state == State.DONE:
            return True


@transaction.atomic
def _batch(pk: int, *, at: datetime) -> Rereading | None:
    """One batch; None where another worker is at it, or it does not go on."""
    row = Rereading.objects.select_for_update(of=("self",), skip_locked=True).select_related("org", "run")
    found = row.filter(pk=pk, state=State.GOING).first()
    if found is None or found.run != current_run():
        return None
    ids = [pk for (pk,) in bulk.rows(_NEXT, [found.org_id, found.after, _runs_of(found.run), AT_ONCE])]
    reread(read_own(ids))
    found.done, found.after, found.at = found.done + len(ids), max(ids, default=found.after), at
    if len(ids) < AT_ONCE:
        read_anew(found.org)
        found.state, found.total = State.DONE, found.done
    found.save(update_fields=["done", "after", "at", "state", "total"])
    signal(found.org_id, "sources")
    return found


def resume_left(*, at: datetime) -> int:
    """Give what goes on, and lost its job, a job again."""
    at_work = ProcrastinateJob.objects.filter(task_name="reread", status__in=("todo", "doing"))
    busy = {int(arguments.get("rereading", 0)) for arguments in at_work.values_list("args", flat=True)}
    left = Rereading.objects.filter(state=State.GOING, at__lte=at - SILENT, run=current_run()).exclude(pk__in=busy)
    for found in left:
        defer("reread", queue="slow", rereading=found.pk)
    return len(left)
