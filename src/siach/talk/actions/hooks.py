"""Sources that other systems post to: made, given a new secret, and what they post taken in."""

from __future__ import annotations

import copy
import hashlib
import hmac
import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.live import signal
from siach.org.seal import LostKey, seal, unseal
from siach.talk import connections, posted
from siach.talk.actions import spells
from siach.talk.actions.taking import Place, take_in
from siach.talk.captured import NETWORKS as CAPTURED
from siach.talk.models import Hook, HookCall, Source

if TYPE_CHECKING:
    from siach.org.models import Brand, User

TOLERANCE = timedelta(minutes=5)
REMEMBERED = 2 * TOLERANCE + timedelta(minutes=1)  # a timestamp may lie five minutes ahead of us, too
CALLS_A_MINUTE = 120
LARGEST_BODY = 5_000_000
LONGEST_NAME = 100
_SCHEME = "sha256="


class CannotHook(Exception):
    """The message says why, in the reader's language."""


class Refused(Exception):
    """A call whose signature is right is not taken. The message is English, for whoever posts."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call: how many posts are new, known and edited; number of row -> what is wrong with it."""

    taken: int = 0
    known: int = 0
    edited: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    is_repeat: bool = False


# --- deeds of people --------------------------------------------------------------------------------------


@transaction.atomic
def make_hook(*, brand: Brand, name: str, network: str, by: User, at: datetime) -> tuple[Source, str]:
    """A source that another system posts to, and its secret, which is shown once."""
    name, network = " ".join(name.replace("\0", " ").split()), network.strip().lower()
    if not name or len(name) > LONGEST_NAME:
        raise CannotHook(_("Name the system: 1 to 100 letters."))
    if not posted.NETWORK.fullmatch(network):
        raise CannotHook(_("Name the network the posts come from: letters and digits, 40 at most."))
    if network in closed():
        raise CannotHook(_("Siach already listens to this network itself. Choose another name."))
    source = Source.objects.create(
        org_id=brand.org_id, brand=brand, network=network, kind=Source.Kind.WEBHOOK, query=name, connected_at=at
    )
    secret = secrets.token_urlsafe(32)
    Hook.objects.create(
        source=source, address=secrets.token_urlsafe(24), secret=seal({"secret": secret}), renewed_at=at
    )
    _recorded("source.opened", source, by=by, at=at)
    return source, secret


@transaction.atomic
def renew_secret(*, source: Source, by: User, at: datetime) -> str:
    """A new secret, shown once. The old one ends with it."""
    hook = (
        Hook.objects.select_for_update(of=("self",)).select_related("source__org", "source__brand").get(source=source)
    )
    secret = secrets.token_urlsafe(32)
    hook.secret, hook.renewed_at = seal({"secret": secret}), at
    hook.save(update_fields=["secret", "renewed_at"])
    _recorded("source.secret_renewed", hook.source, by=by, at=at)
    return secret


def _recorded(name: str, source: Source, *, by: User, at: datetime) -> None:
    record(name, source, by=by, at=at, org=source.org, brand=source.brand, network=source.network)
    signal(source.org_id, "sources")


def closed() -> frozenset[str]:
    """Networks that nobody posts to: what Siach hears itself, or people bring, is changed by no other system."""
    return frozenset(connections.names()) | frozenset(CAPTURED)


# --- what comes in ----------------------------------------------------------------------------------------


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body: HMAC with SHA-256 over the timestamp, a dot and the bytes as they are sent."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def opened(*, address: str, timestamp: str, signature: str, body: bytes) -> Hook | None:
    """The hook of an address, where the signature fits; None costs and says the same, whatever did not fit."""
    hook = Hook.objects.filter(address=address).first()
    try:
        secret = unseal(bytes(hook.secret))["secret"] if hook else ""
    except LostKey:
        hook, secret = None, ""
    fits = hmac.compare_digest(_SCHEME + signature_of(secret, timestamp, body), signature)
    return hook if fits else None


@transaction.atomic
def take_call(*, hook: Hook, timestamp: str, signature: str, body: bytes, at: datetime) -> Answer:
    """Take in what was posted with a right signature: the good rows, and what is wrong with the others. The same call
    again takes nothing in. Raises Refused, and NotPosts for a body that holds no posts."""
    hook = Hook.objects.select_for_update(of=("self",)).select_related("source__brand").get(pk=hook.pk)
    source = hook.source
    if abs(datetime.fromtimestamp(int(timestamp), UTC) - at) > TOLERANCE:
        raise Refused(400, "X-Siach-Timestamp is more than five minutes from our clock.")
    if source.state == Source.State.PAUSED:
        raise Refused(409, "This source is paused. Send it again when it is resumed.")
    digest = signature.removeprefix(_SCHEME)
    if hook.calls.filter(signature=digest).exists():
        return Answer(is_repeat=True)
    if hook.calls.filter(at__gt=at - timedelta(minutes=1)).count() >= CALLS_A_MINUTE:
        raise Refused(429, f"More than {CALLS_A_MINUTE} calls in a minute. Send it again in a minute.")
    rows = posted.rows_of(body)
    hook.calls.filter(at__lte=at - REMEMBERED).delete()
    HookCall.objects.create(hook=hook, signature=digest, at=at)
    return _take(source, rows, at=at)


def _take(source: Source, rows: list[object], *, at: datetime) -> Answer:
    zone, never = ZoneInfo(source.brand.zone), closed()
    groups: dict[tuple[str, str], list[connections.FetchedPost]] = defaultdict(list)
    refused: list[tuple[int, str]] = []
    for number, row in enumerate(rows, 1):
        found = posted.read(row, network=source.network, closed=never, zone=zone, at=at)
        if isinstance(found, str):
            refused.append((number, found))
        else:
            groups[found.network, found.place].append(found.post)
    taken = known = edited = 0
    # A thread takes the place that it is first heard with, so those that name one go first.
    for (network, place), posts in sorted(groups.items(), reverse=True):
        of_network = copy.copy(source)
        of_network.network = network
        done = take_in(posts, source=of_network, at=at, place=Place(place))
        taken, known, edited = taken + done.new, known + done.known, edited + done.edited
    _heard(source, [post for posts in groups.values() for post in posts] if taken else [], at=at)
    return Answer(taken, known, edited, tuple(refused))


def _heard(source: Source, posts: list[connections.FetchedPost], *, at: datetime) -> None:
    """When it was last called, and last brought something new."""
    source.asked_at = at
    if posts:
        newest = max(post.said_at for post in posts)
        source.heard_at = at
        if newest >= source.connected_at:
            source.lag_seconds = max(0.0, (at - newest).total_seconds())
    spells.answered(source, heard=bool(posts), at=at)
    source.save(update_fields=["asked_at", "heard_at", "lag_seconds", *spells.FIELDS])
    signal(source.org_id, "sources")
