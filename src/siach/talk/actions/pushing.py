"""Places that tell of their news (WebSub): their hubs are asked to, and a hub's call makes its source due.

What a hub brings is not read. The call is a knock: the place is asked by the one way there is, so that a call that is
forged, replayed or wrong can bring nothing in, only have somebody look early.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from siach.org.live import signal
from siach.org.seal import LostKey, seal, unseal
from siach.talk import connections
from siach.talk.connections import NetworkError, Push
from siach.talk.jobs import defer
from siach.talk.models import Source, Subscription

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

log = logging.getLogger(__name__)
State = Subscription.State

#: What a hub is asked for, and the longest that is believed.
LEASE, LONGEST_LEASE = timedelta(days=7), timedelta(days=30)
#: A place whose word changes at every look would have us write to hubs of its choice as often.
SETTLED = timedelta(hours=1)
#: A hub's calls have its place looked at no more often than this.
CALM = timedelta(seconds=5)
#: Between two tries: this, then four times as long each time.
PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(days=1)
FAREWELLS = 3
LARGEST_CALL = 10_000_000
NO_CALL = "The hub never called back. Perhaps it cannot reach this Siach."
DENIED = "The hub refuses to tell of news."
_METHODS = frozenset(("sha1", "sha256", "sha384", "sha512"))
_AT_ONCE = 500


# --- what a look at the place finds ------------------------------------------------------------------------


def found(source: Source, push: Push | None, *, since: datetime, at: datetime) -> None:
    """What a source's place says of who tells of its news, as looked at from `since` on. Within the transaction that
    stores the look."""
    if not connections.tells(source.network):
        return
    row = Subscription.objects.select_for_update().filter(source=source).first()
    if row and row.look_at and row.look_at > since and source.due_at:
        source.due_at = min(source.due_at, at + CALM)  # what it told of may be newer than what was seen
    if row and (push == Push(row.hub, row.topic) or at - row.made_at < SETTLED):
        return
    if row:
        _let_go(row, at=at)
    if push and connections.is_callable(settings.SIACH_ADDRESS):
        Subscription.objects.create(
            org_id=source.org_id,
            source=source,
            network=source.network,
            hub=push.hub,
            topic=push.topic,
            address=secrets.token_urlsafe(24),
            secret=_fresh(),
            made_at=at,
            due_at=at,
        )


def _fresh() -> bytes:
    return seal({"secret": secrets.token_urlsafe(32)})


def _secret(row: Subscription) -> str:
    """What its calls are signed with; "" where the ring that sealed it is lost."""
    try:
        return unseal(bytes(row.secret))["secret"]
    except LostKey:
        return ""


def _is_over(row: Subscription, at: datetime) -> bool:
    """Whether no hub's word stands."""
    return row.until is None or row.until <= at


def _let_go(row: Subscription, *, at: datetime) -> None:
    """We want no more of its calls. A hub that has not agreed, or whose word has run out, need not be told."""
    if _is_over(row, at):
        row.delete()
        return
    row.source, row.state, row.tries, row.due_at = None, State.ENDED, 0, at
    row.save(update_fields=["source", "state", "tries", "due_at"])


# --- asking -----------------------------------------------------------------------------------------------


def ask_due(*, at: datetime) -> int:
    """Give each hub that is to be asked, or told that we want no more, a job of its own. Returns how many."""
    if not connections.is_callable(settings.SIACH_ADDRESS):
        return 0
    for pk in _unwanted().values_list("pk", flat=True)[:_AT_ONCE]:
        _end(pk, at=at)
    due = Subscription.objects.filter(due_at__lte=at).order_by("due_at").values_list("pk", flat=True)
    return sum(defer("ask_hub", queue="fetch", once=f"ask_hub:{pk}", subscription=pk) for pk in due[:_AT_ONCE])


def _unwanted() -> QuerySet[Subscription]:
    """Of sources that were paused, broke or were removed."""
    return Subscription.objects.exclude(state=State.ENDED).exclude(source__state=Source.State.LIVE).order_by("pk")


@transaction.atomic
def _end(pk: int, *, at: datetime) -> None:
    row = _unwanted().select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
    if row is not None:
        _let_go(row, at=at)


def ask(*, subscription_id: int, at: datetime) -> None:
    """Ask one hub, or tell it that we want no more. Its answer is only that it heard us: it calls to make sure."""
    row = _claim(subscription_id, at)
    if row is None:
        return
    push = Push(row.hub, row.topic)
    callback = settings.SIACH_ADDRESS.rstrip("/") + reverse("push_in", args=[row.address])
    try:
        if row.state == State.ENDED:
            connections.unsubscribe(row.network, push, callback=callback)
        else:
            seconds = int(LEASE.total_seconds())
            connections.subscribe(row.network, push, callback=callback, secret=_secret(row), seconds=seconds)
    except NetworkError as error:
        _failed(row, error, at=at)


@transaction.atomic
def _claim(pk: int, at: datetime) -> Subscription | None:
    """Take it for one call. All that its outcome needs is written before: the hub may call us before it answers."""
    row = Subscription.objects.select_for_update(skip_locked=True).filter(pk=pk, due_at__lte=at).first()
    if row is None or _unwanted().filter(pk=pk).exists():
        return None
    if row.state == State.ENDED and (_is_over(row, at) or row.tries >= FAREWELLS):
        row.delete()
        return None
    if row.asked_at is not None and (row.state == State.ASKED or _is_over(row, at)):
        _refused(row, row.error or NO_CALL)
    row.tries, row.asked_at = row.tries + 1, at
    row.due_at = at + min(PAUSE * 4 ** min(row.tries - 1, 9), LONGEST_PAUSE)
    row.secret = row.secret if _secret(row) else _fresh()
    row.save()
    return row


def _refused(row: Subscription, why: str) -> None:
    row.state, row.held_at, row.until, row.error = State.REFUSED, None, None, why
    signal(row.org_id, "sources")


@transaction.atomic
def _failed(row: Subscription, error: NetworkError, *, at: datetime) -> None:
    """It did not take what we asked. What it agreed to before still stands; else the place is looked at as ever."""
    log.info("subscription %s: %s (%s)", row.pk, error.message, error.then)
    found = Subscription.objects.select_for_update().filter(pk=row.pk, asked_at=row.asked_at, tries=row.tries)
    standing = found.first()
    if standing is None:  # it called meanwhile
        return
    standing.error = error.message
    if standing.state in (State.ASKED, State.REFUSED):
        _refused(standing, error.message)
    if error.then == "never":
        standing.due_at = at + LONGEST_PAUSE
    standing.due_at = max(standing.due_at, error.at or at)
    standing.save()


# --- being called -----------------------------------------------------------------------------------------


@transaction.atomic
def confirm(*, address: str, mode: str, topic: str, seconds: int | None, at: datetime) -> bool:
    """Whether we want what a hub asks us to confirm. `seconds`: how long it will call; None where it does not say."""
    row = _asked(address, topic)
    if row is None or (mode == "unsubscribe") != (row.state == State.ENDED):
        return False
    if mode == "unsubscribe":
        row.delete()
        return True
    lease = min(timedelta(seconds=seconds), LONGEST_LEASE) if seconds else LEASE
    if row.held_at is None or _is_over(row, at):
        row.held_at = at
        signal(row.org_id, "sources")
    row.state, row.until, row.tries, row.error = State.HELD, at + lease, 0, ""
    row.due_at = at + max(lease * 3 / 4, PAUSE)
    row.save()
    return True


@transaction.atomic
def deny(*, address: str, topic: str, at: datetime) -> bool:
    """A hub will not call us, or no more. False where we asked it nothing."""
    row = _asked(address, topic)
    if row is None:
        return False
    if row.state == State.ENDED:
        row.delete()
        return True
    _refused(row, DENIED)
    row.due_at = at + LONGEST_PAUSE
    row.save()
    return True


def _asked(address: str, topic: str) -> Subscription | None:
    asked = Subscription.objects.select_for_update().filter(address=address, topic=topic, asked_at__isnull=False)
    return asked.first()


def opened(*, address: str, signature: str, body: bytes) -> Subscription | None:
    """Whose call this is, by its signature; None costs and says the same, whatever did not fit."""
    row = Subscription.objects.filter(address=address).first()
    secret = _secret(row) if row else ""
    method, _sep, given = signature.partition("=")
    known = method.lower() if method.lower() in _METHODS else "sha256"
    fits = hmac.compare_digest(signature_of(secret, body, known), given.strip().lower().encode())
    return row if secret and fits and method.lower() == known else None


def signature_of(secret: str, body: bytes, method: str = "sha256") -> bytes:
    """The hexadecimal HMAC of a call's body."""
    return hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest().encode()


@transaction.atomic
def knock(*, row: Subscription, at: datetime) -> bool:
    """Something new stands at its place: the source is due, at once or when it has rested since the last call. One that
    fails keeps its own pause. False where we want no more calls."""
    hears = Source.objects.select_for_update(of=("self",)).filter(state=Source.State.LIVE, failures=0)
    source = hears.filter(subscription=row).first()
    standing = Subscription.objects.select_for_update().filter(pk=row.pk).exclude(state=State.ENDED).first()
    if standing is None:
        return False
    last = standing.look_at
    due = at if last is None else last if last > at else max(at, last + CALM)
    if source is not None and (source.due_at is None or source.due_at > due):
        source.due_at = due
        source.save(update_fields=["due_at"])
    if due != last:
        standing.look_at = due
        standing.save(update_fields=["look_at"])
    return True
