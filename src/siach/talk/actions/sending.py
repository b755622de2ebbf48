"""Words go out: once. What the network cannot tell us becomes *unclear* and waits for a person.

The row says what may have happened. *sending* is committed before the network is called; a fall between
the two is settled by asking the network for the key, never by sending again on a guess.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone

from siach.org import approvals
from siach.org.approvals import Facts
from siach.org.holds import is_held
from siach.org.live import signal
from siach.talk import connections
from siach.talk.actions.alerting import outgoing_ended, outgoing_settled
from siach.talk.connections import Finding, Found, NetworkError, Sent
from siach.talk.jobs import defer
from siach.talk.models import Account, Outgoing

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Brand, User
    from siach.talk.models import Post

log = logging.getLogger(__name__)
State = Outgoing.State

UNDO = timedelta(seconds=10)
PATIENCE = timedelta(seconds=60)
RETRIES = 5

MOVES: dict[str, dict[str, str]] = {
    "submit": {State.DRAFT: State.WAITING},
    "queue": {State.DRAFT: State.QUEUED},
    "recall": {State.DRAFT: State.DRAFT, State.WAITING: State.DRAFT, State.HELD: State.DRAFT},
    "grant": {State.WAITING: State.QUEUED},
    "refuse": {State.WAITING: State.DRAFT},
    "hold": {State.QUEUED: State.HELD},
    "release": {State.HELD: State.DRAFT},
    "send": {State.QUEUED: State.SENDING},
    "sent": {State.SENDING: State.SENT, State.UNCLEAR: State.SENT},
    "fail": {State.SENDING: State.FAILED, State.UNCLEAR: State.FAILED},
    "again": {State.SENDING: State.QUEUED},
    "doubt": {State.SENDING: State.UNCLEAR},
    "retry": {State.FAILED: State.QUEUED},
    "withdraw": {
        State.DRAFT: State.WITHDRAWN,
        State.WAITING: State.WITHDRAWN,
        State.QUEUED: State.WITHDRAWN,
        State.HELD: State.WITHDRAWN,
        State.FAILED: State.WITHDRAWN,
    },
}


HELD = "All publishing for this brand is paused."
NOBODY = "A rule asks for an approval, and nobody here may give it."


class CannotSend(Exception):
    """These words cannot go out; the message is for a person."""


class Illegal(Exception):
    """A move that the life of an Outgoing does not allow from where it stands."""


class Subject(NamedTuple):
    """Whose words these are, as (kind, id): a reply of a case, later a statement or a publication."""

    kind: str
    id: int


def move(outgoing: Outgoing, name: str) -> None:
    """Make one move of the life table on a locked row. Illegal when it is not allowed from here."""
    try:
        outgoing.state = MOVES[name][outgoing.state]
    except KeyError as error:
        raise Illegal(f"{name} from {outgoing.state}") from error


@transaction.atomic
def speak(
    *,
    brand: Brand,
    account: Account,
    subject: Subject,
    target: Post | None,
    body: str,
    by: User,
    at: datetime,
    facts: Facts | None = None,
    undo: timedelta = UNDO,
) -> Outgoing:
    """Put words on their way: they wait for the approval that the brand's rules ask for, else leave after the undo
    time, or are *held* while the brand is held.

    `facts` is what those rules look at. CannotSend when the network would refuse the words, or nobody may approve.
    """
    words = _sayable(account, body, target)
    held = is_held(brand.pk)
    outgoing = Outgoing(
        org_id=brand.org_id,
        brand=brand,
        account=account,
        subject_kind=subject.kind,
        subject_id=subject.id,
        target=target,
        body=words,
        by=by,
        made_at=at,
    )
    _go(outgoing, facts or Facts(), by=by, at=at, leaves=None if held else at + undo)
    return outgoing


@transaction.atomic
def resend(
    *,
    outgoing: Outgoing,
    body: str,
    by: User,
    at: datetime,
    facts: Facts | None = None,
    undo: timedelta = UNDO,
) -> Outgoing:
    """Put a draft, or words that wait or are held, on their way anew as their next version: what was asked or granted
    of the one before counts no more.

    Illegal from any other state, CannotSend when the network would refuse them.
    """
    words = _sayable(outgoing.account, body, outgoing.target)
    held = is_held(outgoing.brand_id)
    outgoing = Outgoing.objects.select_for_update(of=("self",)).select_related("account", "brand").get(pk=outgoing.pk)
    move(outgoing, "recall")
    approvals.void(subject=about(outgoing), at=at)
    outgoing.body, outgoing.by, outgoing.made_at = words, by, at
    outgoing.version, outgoing.attempts, outgoing.error = outgoing.version + 1, 0, ""
    _go(outgoing, facts or Facts(), by=by, at=at, leaves=None if held else at + undo)
    return outgoing


def about(outgoing: Outgoing) -> tuple[str, int]:
    """How approvals name these words."""
    return Outgoing.SUBJECT, outgoing.pk


def _sayable(account: Account, body: str, target: Post | None) -> str:
    """The words as they would go out. CannotSend when there are none or the network would refuse them."""
    words = body.strip()
    if not words:
        raise CannotSend("empty")
    try:
        connections.check_text(account, words, target.target if target else None)
    except NetworkError as error:
        raise CannotSend(error.message) from error
    return words


def _go(outgoing: Outgoing, facts: Facts, *, by: User, at: datetime, leaves: datetime | None) -> None:
    """A draft waits for its approval where the rules ask for one, else it leaves; None: it is held instead."""
    outgoing.save()
    try:
        asked = approvals.ask(
            subject=about(outgoing), version=outgoing.version, facts=facts, brand=outgoing.brand, by=by, at=at
        )
    except approvals.NobodyToAsk as error:
        raise CannotSend(NOBODY) from error
    if asked is None:
        leave(outgoing, "queue", leaves=leaves)
        return
    move(outgoing, "submit")
    outgoing.not_before = None
    outgoing.save(update_fields=["state", "not_before"])
    signal(outgoing.org_id, "inbox")


def leave(outgoing: Outgoing, name: str, *, leaves: datetime | None) -> None:
    """Words on a locked row go out at this time by this move; None: the brand is held, and so are they."""
    move(outgoing, name)
    outgoing.not_before = leaves
    if leaves is None:
        move(outgoing, "hold")
    else:
        defer("send", queue="send", not_before=leaves, outgoing=outgoing.pk)
    outgoing.save(update_fields=["state", "not_before"])
    signal(outgoing.org_id, "inbox")


@transaction.atomic
def withdraw(*, outgoing: Outgoing, at: datetime) -> Outgoing:
    """Take words back before they leave. Illegal once they may have left."""
    outgoing = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
    move(outgoing, "withdraw")
    approvals.void(subject=about(outgoing), at=at)
    outgoing.save(update_fields=["state"])
    signal(outgoing.org_id, "inbox")
    return outgoing


@transaction.atomic
def retry(*, outgoing: Outgoing, at: datetime) -> Outgoing:
    """Send again what surely was not sent. CannotSend while the brand is held."""
    if is_held(outgoing.brand_id):
        raise CannotSend(HELD)
    outgoing = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
    move(outgoing, "retry")
    outgoing.not_before, outgoing.attempts, outgoing.error = at, 0, ""
    outgoing.save(update_fields=["state", "not_before", "attempts", "error"])
    defer("send", queue="send", outgoing=outgoing.pk)
    signal(outgoing.org_id, "inbox")
    return outgoing


@transaction.atomic
def settle(*, outgoing: Outgoing, was_sent: bool, url: str = "", at: datetime) -> Outgoing:
    """A person looked at the network and says what became of unclear words."""
    outgoing = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
    if outgoing.state != State.UNCLEAR:
        raise Illegal(f"settle from {outgoing.state}")
    move(outgoing, "sent" if was_sent else "fail")
    if was_sent:
        outgoing.sent_at, outgoing.url = outgoing.sending_at, url[:1000]
    outgoing.save(update_fields=["state", "sent_at", "url"])
    outgoing_settled(outgoing, at=at)
    signal(outgoing.org_id, "inbox")
    return outgoing


def send_due(*, at: datetime) -> int:
    """Defer what is due and has no job left: after a fall, or when a retry time came."""
    ready = Outgoing.objects.filter(state=State.QUEUED, not_before__lte=at - timedelta(seconds=5))
    lost = Outgoing.objects.filter(state=State.SENDING, sending_at__lte=at - PATIENCE)
    ids = [*ready.values_list("pk", flat=True), *lost.values_list("pk", flat=True)]
    return sum(defer("send", queue="send", once=f"send:{pk}", outgoing=pk) for pk in ids)


def send(*, outgoing_id: int, at: datetime) -> None:
    """Take queued words to the network, or find out what became of words that were on their way."""
    outgoing = _claim(outgoing_id, at)
    if outgoing is None:
        return
    if outgoing.attempts and outgoing.sending_at != at:
        _ask(outgoing)
        return
    try:
        with connections.connected(outgoing.account) as link:
            target = outgoing.target.target if outgoing.target else None
            sent = link.send(outgoing.body, target, str(outgoing.key))
    except NetworkError as error:
        if error.then == "unknown":
            _ask(outgoing)
        else:
            _refused(outgoing, error, at=timezone.now())
    else:
        _sent(outgoing, sent)


@transaction.atomic
def _claim(outgoing_id: int, at: datetime) -> Outgoing | None:
    """Lock the row and turn it *sending*; or hand over one whose sender fell silent, as it stands.

    The hold is locked first, here as in every deed, so that none turns *sending* once a hold is committed.
    """
    brand = Outgoing.objects.filter(pk=outgoing_id).values_list("brand", flat=True).first()
    if brand is None:
        return None
    held = is_held(brand)
    found = Outgoing.objects.select_for_update(of=("self",)).select_related("account__org", "target", "brand")
    outgoing = found.filter(pk=outgoing_id).first()
    if outgoing is None:
        return None
    if outgoing.state == State.SENDING and _fell_silent(outgoing, at):
        return outgoing
    if held or outgoing.state != State.QUEUED or (outgoing.not_before is not None and outgoing.not_before > at):
        return None
    if not approvals.cleared(about(outgoing), outgoing.version):
        log.error("outgoing %s: version %s was never approved", outgoing.pk, outgoing.version)
        return None
    move(outgoing, "send")
    outgoing.sending_at = at
    outgoing.attempts += 1
    outgoing.save(update_fields=["state", "sending_at", "attempts"])
    signal(outgoing.org_id, "inbox")
    return outgoing


def _fell_silent(outgoing: Outgoing, at: datetime) -> bool:
    """Longer in *sending* than any request can last: whoever sent it is gone."""
    return outgoing.sending_at is not None and outgoing.sending_at <= at - PATIENCE


def _ask(outgoing: Outgoing) -> None:
    """What became of this key? Sent, surely absent (then it may go again), or nobody can say."""
    try:
        with connections.connected(outgoing.account) as link:
            target = outgoing.target.target if outgoing.target else None
            can_tell = "find" in link.CAPABILITIES
            found = link.find(str(outgoing.key), outgoing.body, target) if can_tell else Found(Finding.UNSURE)
    except NetworkError as error:
        log.info("outgoing %s: cannot ask: %s", outgoing.pk, error.message)
        found = Found(Finding.UNSURE)
    if found.finding is Finding.SENT and found.sent is not None:
        _sent(outgoing, found.sent)
    elif found.finding is Finding.ABSENT:
        _again(outgoing, "The network did not take it; it is sent again.", timezone.now())
    else:
        _finish(outgoing, "doubt", error="The network did not answer whether it was sent.")


def _sent(outgoing: Outgoing, sent: Sent) -> None:
    _finish(outgoing, "sent", external_id=sent.external_id, url=sent.url[:1000], sent_at=timezone.now(), error="")


def _refused(outgoing: Outgoing, error: NetworkError, *, at: datetime) -> None:
    if error.then == "retry_at" and outgoing.attempts < RETRIES:
        _again(outgoing, error.message, max(error.at or at, at + timedelta(seconds=2**outgoing.attempts)))
        return
    if error.then == "renew":
        Account.objects.filter(pk=outgoing.account_id).update(state=Account.State.BROKEN, error=error.message)
    _finish(outgoing, "fail", error=error.message)


@transaction.atomic
def _again(outgoing: Outgoing, why: str, not_before: datetime) -> None:
    if outgoing.attempts >= RETRIES:
        _finish(outgoing, "fail", error=why)
        return
    held = is_held(outgoing.brand_id)
    _finish(outgoing, "again", error=why, not_before=not_before)
    if held:
        Outgoing.objects.filter(pk=outgoing.pk, state=State.QUEUED).update(state=State.HELD, not_before=None, error="")
        return
    defer("send", queue="send", not_before=not_before, outgoing=outgoing.pk)


@transaction.atomic
def _finish(outgoing: Outgoing, name: str, **fields: object) -> None:
    """Write the outcome unless somebody else did since this sender claimed it."""
    row = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
    if row.state != State.SENDING or row.sending_at != outgoing.sending_at:
        return
    move(row, name)
    for field, value in fields.items():
        setattr(row, field, value)
    row.save(update_fields=["state", *fields])
    signal(row.org_id, "inbox")
    outgoing_ended(row, at=timezone.now())
    if row.state == State.SENT:
        defer("outgoing_sent", queue="send", outgoing=row.pk)
