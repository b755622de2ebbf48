"""Listening: a due source is claimed, asked, and its page stored together with its cursor."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from siach.org.live import signal
from siach.talk import connections
from siach.talk.actions import pushing, spells, spending
from siach.talk.actions.taking import Place, take_in
from siach.talk.captured import NETWORKS as CLOSED
from siach.talk.connections import NetworkError, Page
from siach.talk.jobs import defer
from siach.talk.models import Account, Source

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)

WARM = timedelta(seconds=2)
COOL = timedelta(seconds=4)
#: `listen_due` comes every second. What is due half a second before is asked on time, not a whole second late.
HALF_A_TICK = timedelta(seconds=0.5)
WARM_FOR = timedelta(minutes=10)
LEASE = timedelta(seconds=90)
LONGEST_WAIT = timedelta(minutes=10)


def listen_due(*, at: datetime) -> int:
    """Give every due source a job of its own, so that a network that hangs holds up only itself."""
    due = Source.objects.filter(state=Source.State.LIVE, due_at__lte=at).order_by("due_at")
    return sum(
        defer("listen", queue="fetch", once=f"listen:{pk}", source=pk) for pk in due.values_list("pk", flat=True)
    )


def listen(*, source_id: int, at: datetime) -> int:
    """Ask one source for its next page. Returns how many new posts came."""
    source = _claim(source_id, at)
    if source is None:
        return 0
    try:
        page = connections.fetch(source)
    except NetworkError as error:
        _failed(source, error, at=at)
        return 0
    return _store(source, page, asked=at, at=timezone.now())


@transaction.atomic
def _claim(source_id: int, at: datetime) -> Source | None:
    """Take the source for one request: its due time becomes a lease that ends if this worker dies."""
    found = Source.objects.select_for_update(of=("self",), skip_locked=True)
    found = found.select_related("account__org", "org", "brand")
    source = found.filter(pk=source_id, state=Source.State.LIVE, due_at__lte=at).first()
    if source is not None:
        source.due_at = at + LEASE
        source.save(update_fields=["due_at"])
    return source


@transaction.atomic
def _store(source: Source, page: Page, *, asked: datetime, at: datetime) -> int:
    """The page and the cursor behind it, together or not at all. The next call is due by when this one was `asked`."""
    standing = _standing(source)
    if standing is None:
        return 0
    source = standing
    place = Place(source.place, is_closed=source.network in CLOSED)
    taken = take_in(page.posts, source=source, at=at, place=place, edits=not page.final)
    live = [post.said_at for post in page.posts if post.said_at >= source.connected_at]
    if taken.new:
        source.heard_at = at
    if taken.new and live:
        source.lag_seconds = (at - max(live)).total_seconds()
    was_well = not source.failures
    source.cursor, source.asked_at, source.error, source.failures = dict(page.cursor), asked, "", 0
    spending.count(source, cost=page.cost, at=at)
    beat = at if page.more else asked + _beat(source, at)
    source.due_at = max(beat, page.not_before or at, spending.not_before(source, at=at))
    pushing.found(source, page.push, since=asked, at=at)
    spells.answered(source, heard=bool(taken.new), at=at)
    source.save()
    if taken.new or not was_well:
        signal(source.org_id, "sources")
    return taken.new


def _standing(source: Source) -> Source | None:
    """The row as it stands now: while its network was asked, a person may have paused it, or removed it."""
    found = Source.objects.select_for_update(of=("self",)).select_related("account__org", "org", "brand")
    return found.filter(pk=source.pk).first()


def _beat(source: Source, at: datetime) -> timedelta:
    """Warm while something was heard lately, else as `pacing` has it, and never faster than limit and cap allow."""
    warm = source.heard_at is not None and at - source.heard_at < WARM_FOR
    paced = COOL if source.pace is None else timedelta(seconds=source.pace)
    least = timedelta(seconds=source.floor)
    return max((WARM if warm else paced) - HALF_A_TICK, least)


@transaction.atomic
def _failed(source: Source, error: NetworkError, *, at: datetime) -> None:
    """Say what is wrong where a person sees it, and do what the error says comes next."""
    log.info("source %s: %s (%s)", source.pk, error.message, error.then)
    standing = _standing(source)
    if standing is None:
        return
    source = standing
    source.failures += 1
    source.error = error.message
    if error.then in ("renew", "never") and source.state == Source.State.LIVE:
        source.state = Source.State.BROKEN
    if error.then == "renew" and source.account_id:
        Account.objects.filter(pk=source.account_id).update(state=Account.State.BROKEN, error=error.message)
    pause = min(COOL * 2 ** min(source.failures, 10), LONGEST_WAIT)
    source.due_at = max(error.at or at, at + pause)
    spells.failed(source, at=at)
    spending.count(source, cost=0, at=at)
    source.save(update_fields=["failures", "error", "state", "due_at", *spells.FIELDS, *spending.FIELDS])
    signal(source.org_id, "sources")
