"""Door 2: what happens on its own.

PIPELINE: the steps of every batch of posts, in order, one transaction each.
RETAIN: what is deleted by time, in order. EXPORT, FORGET: what an access report and an erasure of a person reach.
REMOVE: how an organisation is removed. PARTED: what goes of a person who left a team.
SCHEDULE: what runs by the clock, as (name, cron with seconds, queue, deed). JOBS: what is deferred by name.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from procrastinate.contrib.django import app as _app

from siach.care import actions as care
from siach.care.queries import person as care_person
from siach.demo.actions import drilling
from siach.demo.actions import loading as demo_loading
from siach.demo.actions import removing as demo_removing
from siach.insight import actions as insight
from siach.insight import morning
from siach.org import archive as archives
from siach.org import (
    copying,
    ending,
    holds,
    inviting,
    keeping,
    mail,
    mandates,
    ownership,
    parting,
    reads,
    removing,
    requests,
)
from siach.org import restored as org_restored
from siach.org.notices import delivering, digesting, escalating, planning, telling
from siach.talk import partitions
from siach.talk.actions import (
    approving,
    calibrating,
    capturing,
    carrying,
    counting,
    evidence,
    forgetting,
    handing_in,
    importing,
    inheriting,
    leaving,
    listening,
    looking,
    marking,
    muting,
    pacing,
    pushing,
    rereading,
    restored,
    retaining,
    sampling,
    sending,
    sources,
    spells,
    tallying,
    understanding,
)
from siach.talk.queries import person

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate import App

log = logging.getLogger(__name__)
app = _app

STALLED_AFTER = 20

PIPELINE: list[tuple[str, Callable[..., None]]] = [
    ("talk.understand", understanding.understand),
    ("talk.join", inheriting.join),
    ("talk.inherit", inheriting.inherit),
    ("care.triage", care.triage),
]

#: What is deleted by time: kind of org.keeping.RULES -> one batch of it. Cases before the posts they spare.
RETAIN: list[tuple[str, keeping.Step]] = [
    ("cases", care.drop_cases),
    ("raw", retaining.drop_raw),
    ("media", retaining.drop_media),
    ("posts", partial(retaining.drop_posts, spare=care.spoken_for)),
    ("authors", partial(retaining.drop_names, spare=care.spoken_for)),
    ("refused", retaining.drop_refused),
    ("evidence", retaining.drop_released),
    ("reads", reads.drop_reads),
    ("reports", requests.drop_reports),
]

#: What an access report holds, in its order.
EXPORT: list[tuple[str, requests.Step]] = [
    ("talk.author", person.tell_author),
    ("talk.posts", person.tell_posts),
    ("care.cases", care_person.tell_cases),
    ("talk.kept", person.tell_kept),
]

#: What an erasure reaches: the author last, because the others find by it.
FORGET: list[tuple[str, requests.Step]] = [
    ("care.cases", care.forget_cases),
    ("talk.files", forgetting.forget_files),
    ("talk.words", forgetting.forget_words),
    ("talk.wishes", forgetting.forget_wishes),
    ("talk.posts", forgetting.forget_posts),
    ("talk.evidence", forgetting.forget_evidence),
    ("org.reports", requests.forget_reports),
    ("talk.authors", forgetting.forget_authors),
]

#: How an organisation is removed, in order; each does nothing when called again.
REMOVE: list[tuple[str, removing.Step]] = [
    ("talk.hush", leaving.hush),
    ("org.people", removing.drop_people),
    ("talk.files", leaving.drop_files_of),
    ("talk.raw", leaving.drop_raw_of),
    ("org.archives", removing.drop_archives_of),
    ("org.rows", removing.drop_rows),
]

#: What goes of a person who left a team, where they see no more.
PARTED: list[tuple[str, parting.Step]] = [
    ("care.drafts", care.drop_drafts_of),
    ("talk.wishes", leaving.drop_wishes_of),
    ("talk.handed_in", handing_in.drop_own_of),
    ("insight.visits", insight.drop_visits_of),
    ("insight.put_away", insight.drop_put_away_of),
    ("org.own", parting.drop_own),
]

#: What the end of a mandate takes from the agency's side, by the name that its proof gives it.
PURGES: list[tuple[str, Callable[..., int]]] = [
    ("cases", lambda *, mandate, at: care.release(brand=mandate.brand_id, at=at)),
    ("drafts", care.purge_drafts),
    ("notices", ending.purge_notices),
    ("wishes", ending.of_people(leaving.drop_wishes_of)),
    ("visits", ending.of_people(insight.drop_visits_of)),
]

SCHEDULE: list[tuple[str, str, str, Callable[..., object]]] = [
    ("talk.listen_due", "* * * * * *", "fetch", listening.listen_due),
    ("talk.ask_hubs", "* * * * * */30", "fetch", pushing.ask_due),
    ("talk.look_due", "* * * * * */30", "fetch", looking.look_due),
    ("talk.judge", "* * * * * 13", "read", spells.judge),
    ("talk.set_paces", "* * * * * 28", "read", pacing.set_paces),
    ("talk.learn_rhythms", "*/10 * * * * 43", "slow", tallying.learn_due),
    ("talk.drop_hours", "39 3 * * * 0", "slow", tallying.drop_hours),
    ("talk.draw_samples", "23 5 * * * 0", "slow", sampling.draw_due),
    ("talk.offer_rereading", "*/10 * * * * 21", "slow", rereading.offer),
    ("talk.resume_rereading", "* * * * * */30", "slow", rereading.resume_left),
    ("talk.calibrate", "31 * * * * 0", "slow", calibrating.calibrate_due),
    ("talk.fold", "* * * * * */2", "read", counting.fold),
    ("talk.recount_dirty", "* * * * * */5", "read", counting.recount_dirty),
    ("talk.carry_on", "* * * * * */30", "read", carrying.carry_on),
    ("talk.send_due", "* * * * * */15", "send", sending.send_due),
    ("demo.end_drills", "* * * * * */5", "read", drilling.end_due),
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
    ("org.carry_requests", "* * * * * */30", "slow", requests.carry_left),
    ("org.tell_due_requests", "7 6 * * * 0", "slow", requests.tell_due),
    ("talk.tell_reviews", "9 6 * * * 0", "slow", evidence.tell_reviews),
    ("org.drop_archives", "33 * * * * 0", "slow", archives.drop_archives),
    ("org.remove_due", "47 * * * * 0", "slow", partial(removing.remove_due, REMOVE)),
    ("org.retain", "23 2 * * * 0", "slow", partial(keeping.retain, RETAIN)),
    ("org.end_mandates", "* * * * * */30", "slow", mandates.end_lapsed),
    ("talk.drop_waiting", "49 3 * * * 0", "slow", handing_in.drop_waiting),
    ("talk.drop_media", "51 3 * * * 0", "slow", capturing.drop_media),
]

JOBS: list[tuple[str, Callable[..., object]]] = [
    ("carry", lambda *, batch, at: carrying.carry(batch, PIPELINE, at=at)),
    ("listen", lambda *, source, at: listening.listen(source_id=source, at=at)),
    ("ask_hub", lambda *, subscription, at: pushing.ask(subscription_id=subscription, at=at)),
    ("look", lambda *, account, at: looking.look(account_id=account, at=at)),
    ("send", lambda *, outgoing, at: sending.send(outgoing_id=outgoing, at=at)),
    ("outgoing_sent", lambda *, outgoing, at: care.answered(outgoing_id=outgoing, at=at)),
    ("import_file", lambda *, job, at: importing.run(job_id=job, at=at)),
    ("reread", lambda **which: rereading.run(rereading_id=which["rereading"], at=which["at"])),
    ("mail", lambda *, mail_id, at: mail.deliver(mail_id=mail_id, at=at)),
    ("forgotten", lambda *, sealed, at: ownership.send_password_link(sealed=sealed, at=at)),
    (
        "person_request",
        lambda *, request, at: requests.run(request_id=request, export=EXPORT, forget=FORGET, at=at),
    ),
    (
        "archive",
        lambda *, archive, at: archives.build(
            archive_id=archive, also=[("talk.rawpost", leaving.raw_of)], files=leaving.files_of, at=at
        ),
    ),
    ("mandate_ended", lambda *, mandate, at: ending.close(mandate_id=mandate, purges=PURGES, at=at)),
    ("release_cases", lambda *, at, brand=None, user=None: care.release(brand=brand, user=user, at=at)),
    ("member_left", lambda *, user, at: parting.part(user_id=user, steps=PARTED, at=at)),
    ("demo_load", lambda *, org, at: demo_loading.load(org_id=org, steps=PIPELINE, at=at)),
    ("demo_remove", lambda *, at: demo_removing.remove(steps=REMOVE, at=at)),
    ("try_again", lambda *, aside, at: sources.try_again(aside_id=aside, steps=PIPELINE, at=at)),
]

# What a restored Siach does before it starts, each called with since= (when the copy was made), erasures= (the whole
# list, siach.launch.erasures) and at=.
AFTER_RESTORE: list[Callable[..., object]] = [
    org_restored.close_what_was_open,
    restored.doubt_what_was_on_its_way,
    partial(forgetting.erase_again, FORGET),
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
