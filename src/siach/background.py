"""Door 2: what happens on its own.

PIPELINE: the steps of every batch of posts, in order, one transaction each.
SCHEDULE: what runs by the clock, as (name, cron with seconds, queue, deed). JOBS: what is deferred by name.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from procrastinate.contrib.django import app as _app

from siach.care import actions as care
from siach.insight import morning
from siach.org import copying, holds, inviting, mail, ownership
from siach.org import restored as org_restored
from siach.org.notices import delivering, digesting, escalating, planning, telling
from siach.talk import partitions
from siach.talk.actions import (
    approving,
    capturing,
    carrying,
    counting,
    importing,
    listening,
    marking,
    muting,
    restored,
    sending,
    sources,
    understanding,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate import App

log = logging.getLogger(__name__)
app = _app

STALLED_AFTER = 20

PIPELINE: list[tuple[str, Callable[..., None]]] = [
    ("talk.understand", understanding.understand),
    ("care.triage", care.triage),
]

SCHEDULE: list[tuple[str, str, str, Callable[..., object]]] = [
    ("talk.listen_due", "* * * * * */2", "fetch", listening.listen_due),
    ("talk.fold", "* * * * * */2", "read", counting.fold),
    ("talk.recount_dirty", "* * * * * */5", "read", counting.recount_dirty),
    ("talk.carry_on", "* * * * * */30", "read", carrying.carry_on),
    ("talk.send_due", "* * * * * */15", "send", sending.send_due),
    ("org.send_mails", "* * * * * */30", "send", mail.send_due),
    ("org.drop_mails", "21 4 * * * 0", "slow", mail.drop_old),
    ("org.drop_invitations", "27 4 * * * 0", "slow", inviting.drop_old),
    ("talk.drop_mutes", "47 3 * * * 0", "slow", muting.drop_mutes),
    ("care.forget_drafts", "41 3 * * * 0", "slow", care.forget_drafts),
    ("talk.lapse_approvals", "* * * * * */20", "send", approving.lapse_due),
    ("org.review_holds", "* * * * * 0", "send", holds.review),
    ("org.plan_notices", "* * * * * */2", "send", planning.plan_new),
    ("org.deliver_notices", "* * * * * */3", "send", delivering.deliver_due),
    ("org.escalate_notices", "* * * * * */20", "send", escalating.escalate_due),
    ("org.send_digests", "* * * * * 7", "slow", digesting.send_digests),
    ("org.drop_notices", "29 4 * * * 0", "slow", telling.drop_old),
    ("insight.send_briefs", "* * * * * 11", "slow", morning.send_due),
    ("talk.expire_parts", "12 * * * * 0", "slow", marking.expire_parts),
    ("talk.resume_imports", "* * * * * */30", "slow", importing.resume_left),
    ("talk.keep_weeks", "17 * * * * 0", "slow", partitions.keep_weeks),
    ("talk.drop_old", "37 3 * * * 0", "slow", counting.drop_old),
    ("talk.drop_files", "43 3 * * * 0", "slow", importing.drop_files),
    ("org.copy_when_due", "29 * * * * 0", "slow", copying.copy_when_due),
    ("talk.drop_media", "51 3 * * * 0", "slow", capturing.drop_media),
]

JOBS: list[tuple[str, Callable[..., object]]] = [
    ("carry", lambda *, batch, at: carrying.carry(batch, PIPELINE, at=at)),
    ("listen", lambda *, source, at: listening.listen(source_id=source, at=at)),
    ("send", lambda *, outgoing, at: sending.send(outgoing_id=outgoing, at=at)),
    ("outgoing_sent", lambda *, outgoing, at: care.answered(outgoing_id=outgoing, at=at)),
    ("import_file", lambda *, job, at: importing.run(job_id=job, at=at)),
    ("mail", lambda *, mail_id, at: mail.deliver(mail_id=mail_id, at=at)),
    ("forgotten", lambda *, sealed, at: ownership.send_password_link(sealed=sealed, at=at)),
    ("try_again", lambda *, aside, at: sources.try_again(aside_id=aside, steps=PIPELINE, at=at)),
]

# What a restored Siach does before it starts, each called with since= (when the copy was made), erasures= (the whole
# list, siach.launch.erasures) and at=.
AFTER_RESTORE: list[Callable[..., object]] = [
    org_restored.close_what_was_open,
    restored.doubt_what_was_on_its_way,
]


def ready(app: App) -> None:
    """Give the job engine everything in this file; it calls this once Django stands."""
    for name, deed in JOBS:
        app.task(name=name, pass_context=False)(_timed(deed))
    for name, cron, queue, deed in SCHEDULE:
        task = app.task(name=name, queue=queue, queueing_lock=name)(_ticked(deed))
        app.periodic(cron=cron, periodic_id=name)(task)
    rescuer = app.task(name="rescue", queue="send", queueing_lock="rescue")(_rescue)
    app.periodic(cron="* * * * * */10", periodic_id="rescue")(rescuer)


def _timed(deed: Callable[..., object]) -> Callable[..., None]:
    """A job of ours: time is read here, at the edge, and handed down."""

    def job(**arguments: Any) -> None:
        deed(**arguments, at=timezone.now())

    return job


def _ticked(deed: Callable[..., object]) -> Callable[..., None]:
    def tick(timestamp: int) -> None:
        deed(at=timezone.now())

    return tick


async def _rescue(timestamp: int) -> None:
    """Put a dead worker's jobs back in the queue. Each of ours may run twice and does its work once."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        log.warning("job %s of a dead worker goes back in the queue", job.id)
        await manager.retry_job(job)
