"""What we listen with: accounts are connected, sources added, paused, resumed and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.live import signal
from siach.talk import connections
from siach.talk.actions import carrying, spells
from siach.talk.jobs import defer
from siach.talk.models import Account, SetAside, Source
from siach.talk.queries.sources import searches_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from siach.org.models import Brand, User
    from siach.talk.connections import SignedIn

Kind = Source.Kind
State = Source.State
SWITCHED = (Kind.MENTIONS, Kind.SEARCH, Kind.THREAD, Kind.ALL, Kind.WEBHOOK, Kind.DRILL)
LONGEST_QUERY = 300
SEARCHES_AT_FIRST = 5


class CannotListen(Exception):
    """The message says why, in the reader's language."""


def connect(*, brand: Brand, network: str, answers: Mapping[str, str], by: User, at: datetime) -> Account:
    """Sign in to a network; listen to what is said to the account and to whoever names its brand.

    The same account again gets the new sign-in, and what it could not hear goes on where it stood.
    Raises NetworkError when the network does not let us in.
    """
    who, grant = connections.sign_in(network, answers, org=brand.org)
    with transaction.atomic():
        known = Account.objects.select_for_update().filter(org=brand.org, network=network, external_id=who.external_id)
        account = known.first()
        if account is not None:
            return _reconnected(account, who, grant, by=by, at=at)
        account = Account.objects.create(
            org=brand.org,
            brand=brand,
            network=network,
            external_id=who.external_id,
            handle=who.handle[:200],
            name=who.name[:200],
            grant=grant,
            connected_at=at,
        )
        record("account.connected", account, by=by, at=at, org=brand.org, brand=brand, network=network)
        can = connections.connector(network).CAPABILITIES
        for kind in (Kind.MENTIONS, Kind.ALL):
            if kind in can:
                _listen_to(account, kind, place=account.name if kind == Kind.ALL else "", at=at)
        if "search" in can:
            for name in searches_for(brand.names)[:SEARCHES_AT_FIRST]:
                _listen_to(account, Kind.SEARCH, query=name, at=at)
        return account


def _reconnected(account: Account, who: SignedIn, grant: bytes, *, by: User, at: datetime) -> Account:
    account.grant, account.state, account.error = grant, Account.State.LIVE, ""
    account.handle, account.name = who.handle[:200], who.name[:200]
    account.save(update_fields=["grant", "state", "error", "handle", "name"])
    for source in account.sources.select_for_update().exclude(state=State.PAUSED):
        source.state, source.due_at, source.error, source.failures = State.LIVE, at, "", 0
        spells.resumed(source, at=at)
        source.save(update_fields=["state", "due_at", "error", "failures", *spells.FIELDS])
    record("account.reconnected", account, by=by, at=at, org=account.org, brand=account.brand, network=account.network)
    signal(account.org_id, "sources")
    return account


def _listen_to(account: Account, kind: str, *, query: str = "", place: str = "", at: datetime) -> Source:
    source = Source.objects.create(
        org_id=account.org_id,
        brand_id=account.brand_id,
        account=account,
        network=account.network,
        kind=kind,
        query=query,
        place=place,
        connected_at=at,
        due_at=at,
    )
    signal(account.org_id, "sources")
    return source


@transaction.atomic
def add_search(*, account: Account, query: str, by: User, at: datetime) -> Source:
    """Listen to everything on the account's network that says these words."""
    words = " ".join(query.replace("\0", " ").split())
    account = Account.objects.select_for_update(of=("self",)).select_related("org", "brand").get(pk=account.pk)
    if not words:
        raise CannotListen(_("A search needs words to search for."))
    if len(words) > LONGEST_QUERY:
        raise CannotListen(_("A search has %(most)s letters at most.") % {"most": LONGEST_QUERY})
    behind = connections.behind(account)
    if behind is None or "search" not in behind.CAPABILITIES:
        raise CannotListen(_("This network cannot be searched."))
    if account.sources.filter(kind=Kind.SEARCH, query__iexact=words).exists():
        raise CannotListen(_("This search is already here."))
    source = _listen_to(account, Kind.SEARCH, query=words, at=at)
    _recorded("source.added", source, by=by, at=at)
    return source


def _recorded(name: str, source: Source, *, by: User, at: datetime) -> None:
    record(name, source, by=by, at=at, org=source.org, brand=source.brand, kind=source.kind, network=source.network)
    signal(source.org_id, "sources")


def _locked(source: Source) -> Source:
    found = Source.objects.select_for_update(of=("self",)).select_related("org", "brand", "account")
    source = found.get(pk=source.pk)
    if source.kind not in SWITCHED:
        raise CannotListen(_("Posts are added here manually; there is nothing to pause or resume."))
    return source


@transaction.atomic
def pause(*, source: Source, by: User, at: datetime) -> Source:
    """Ask the network no more until somebody resumes. What is said meanwhile is heard then, late."""
    source = _locked(source)
    if source.state == State.PAUSED:
        raise CannotListen(_("This source is already paused."))
    source.state = State.PAUSED
    spells.paused(source, at=at)
    source.save(update_fields=["state", *spells.FIELDS])
    _recorded("source.paused", source, by=by, at=at)
    return source


@transaction.atomic
def resume(*, source: Source, by: User, at: datetime) -> Source:
    """Listen again, at once: a paused source, or one that gave up."""
    source = _locked(source)
    if source.state not in (State.PAUSED, State.BROKEN):
        raise CannotListen(_("This source is listening already."))
    if source.account is not None and source.account.state == Account.State.BROKEN:
        raise CannotListen(_("The account needs a new sign-in first."))
    source.state, source.failures, source.error = State.LIVE, 0, ""
    # A webhook is called, nobody asks it; nor is anybody asked by a demo's sources but the pretend network.
    is_deaf = source.org.is_demo and source.kind != Kind.DRILL
    source.due_at = None if source.kind == Kind.WEBHOOK or is_deaf else at
    spells.resumed(source, at=at)
    source.save(update_fields=["state", "due_at", "failures", "error", *spells.FIELDS])
    _recorded("source.resumed", source, by=by, at=at)
    return source


@transaction.atomic
def remove(*, source: Source, by: User, at: datetime) -> None:
    """Listen here no more. What was heard stays. Of a place that is heard as a whole nothing is left to sign in to."""
    source = _locked(source)
    _recorded("source.removed", source, by=by, at=at)
    source.delete()
    if source.kind == Kind.ALL and source.account is not None:
        source.account.delete()


@transaction.atomic
def ask_again(*, aside: SetAside, by: User, at: datetime) -> None:
    """Have a post that was set aside carried once more from the step that failed."""
    aside = SetAside.objects.select_for_update(of=("self",)).select_related("batch__org").get(pk=aside.pk)
    if aside.settled_at is not None:
        raise CannotListen(_("This post was settled meanwhile."))
    record("post.tried_again", aside, by=by, at=at, org=aside.batch.org, post=aside.post_id)
    defer("try_again", queue="read", once=f"try_again:{aside.pk}", aside=aside.pk)


def try_again(*, aside_id: int, steps: Sequence[tuple[str, Callable[..., None]]], at: datetime) -> bool:
    """Carry it. False when it failed again: it stays aside, with the newer error."""
    aside = SetAside.objects.select_related("batch").get(pk=aside_id)
    try:
        carrying.try_again(aside=aside, steps=steps, at=at)
    except Exception as error:
        carrying.log.exception("post %s failed again", aside.post_id)
        SetAside.objects.filter(pk=aside.pk).update(error=f"{type(error).__name__}: {error}", at=at)
        settled = False
    else:
        settled = True
    signal(aside.batch.org_id, "sources")
    return settled
