"""The only door to the networks: a connector with its account's grant, and what it may raise."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from siach.networks.contract import (
    Consent,
    FetchedAuthor,
    FetchedMetrics,
    FetchedPost,
    Field,
    Finding,
    Found,
    Grant,
    NetworkError,
    Page,
    Price,
    Push,
    Rate,
    Sent,
    SignedIn,
    SourceSpec,
    Terms,
)
from siach.networks.guard import is_callable
from siach.networks.registry import Connector, load, names
from siach.org.seal import LostKey, seal, unseal
from siach.talk.captured import NETWORKS
from siach.talk.models import Account, Source
from siach.talk.network_words import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from siach.org.models import Org

__all__ = [
    "IS_DEMO",
    "Connector",
    "Consent",
    "FetchedAuthor",
    "FetchedMetrics",
    "FetchedPost",
    "Field",
    "Finding",
    "Found",
    "GoesOn",
    "NetworkError",
    "Page",
    "Price",
    "Push",
    "Rate",
    "Sent",
    "SignedIn",
    "SourceSpec",
    "check_text",
    "connected",
    "connector",
    "fetch",
    "is_callable",
    "is_metered",
    "keep_days",
    "label",
    "names",
    "price",
    "rate",
    "shown_handle",
    "sign_in",
    "speaks",
    "subscribe",
    "tells",
    "terms",
    "text_limit",
    "unsubscribe",
]


def connector(network: str) -> type[Connector]:
    """The connector class of a network; KeyError when nothing here speaks with it."""
    return load(network)


def label(network: str) -> str:
    """How people call this network, in the reader's language: the kind of a closed place, its connector's label, the
    name that everybody knows, else its own."""
    if network in NETWORKS:
        return str(NETWORKS[network])
    return gettext(load(network).LABEL) if network in names() else str(KNOWN.get(network.casefold(), network))


def speaks(network: str) -> bool:
    """Whether answers can be sent on this network; of others Siach only hears."""
    return network in names() and "send" in load(network).CAPABILITIES


def shown_handle(network: str, handle: str) -> str:
    """A handle as people write it there; where nothing is sent (mail, a feed) it is an address and stands as it is."""
    return handle if network in names() and not speaks(network) else f"@{handle}"


def keep_days(network: str) -> int | None:
    """Days that a network's own terms let us keep a post; None where they set no limit or are not known."""
    return load(network).TERMS.keep_days if network in names() else None


def terms(network: str) -> Terms:
    """What a network's rules ask of our copies; KeyError when nothing here speaks with it."""
    return load(network).TERMS


def is_metered(network: str) -> bool:
    """Whether this network can be asked how a post stands now."""
    return network in names() and "metrics" in load(network).CAPABILITIES


def tells(network: str) -> bool:
    """Whether places of this network may name somebody who tells of their news."""
    return network in names() and "push" in load(network).CAPABILITIES


def subscribe(network: str, push: Push, *, callback: str, secret: str, seconds: int) -> None:
    """Ask a hub to tell of a place's news, which holds only once it has called. NetworkError where it takes no wish."""
    _alone(network, lambda link: link.subscribe(push, callback, secret, seconds))


def unsubscribe(network: str, push: Push, *, callback: str) -> None:
    _alone(network, lambda link: link.unsubscribe(push, callback))


def _alone(network: str, ask: Callable[[Connector], None]) -> None:
    """What needs nobody's account, and may outlive it."""
    link = load(network)()
    try:
        ask(link)
    finally:
        link.close()


def rate(network: str) -> Rate | None:
    """How many calls the network takes, where its connector states it."""
    found: Rate | None = getattr(load(network), "RATE", None) if network in names() else None
    return found


def price(network: str) -> Price | None:
    """What listening there costs; None where it is free."""
    found: Price | None = getattr(load(network), "PRICE", None) if network in names() else None
    return found


IS_DEMO = "This is a demo: its people and posts are invented, and nothing of it reaches a network."


def _refuse_demo(org: Org) -> None:
    """Nothing of a demo leads out, whoever asks: no sign-in, no listening, no word sent."""
    if org.is_demo:
        raise NetworkError(IS_DEMO, "never")


class GoesOn(Exception):
    """The sign-in goes on at the network: a person agrees there and brings back what `consent` asks for."""

    def __init__(self, consent: Consent) -> None:
        super().__init__(consent.url)
        self.consent = consent


def sign_in(network: str, answers: Mapping[str, str], *, org: Org) -> tuple[SignedIn, bytes]:
    """Sign this organisation in with the form's answers. Returns who we are there, and the sealed grant to store; or
    raises GoesOn."""
    _refuse_demo(org)
    who = load(network)().sign_in(answers)
    if isinstance(who, Consent):
        raise GoesOn(who)
    return who, seal(who.grant.data)


def _grant(account: Account) -> Grant:
    try:
        return Grant(unseal(bytes(account.grant)))
    except LostKey as error:
        raise NetworkError("The key that sealed this sign-in is lost. Connect the account again.", "renew") from error


def check_text(account: Account, text: str, target: Mapping[str, object] | None) -> None:
    """Whether the account's network would take this text as an answer to `target`. NetworkError where it would not."""
    _refuse_demo(account.org)
    connector(account.network)(_grant(account)).check_text(text, target)


def text_limit(account: Account) -> int | None:
    """The longest text in letters that this account's own server takes; None where its sign-in is lost."""
    try:
        return connector(account.network)(_grant(account)).text_limit.length
    except NetworkError:
        return None


@contextmanager
def connected(account: Account) -> Iterator[Connector]:
    """The account's connector. A grant that the connector renewed on the way is stored again."""
    _refuse_demo(account.org)
    grant = _grant(account)
    link = load(account.network)(grant)
    try:
        yield link
    finally:
        link.close()
        if link.grant is not None and link.grant.data != grant.data:
            sealed = seal(link.grant.data)
            Account.objects.filter(pk=account.pk).update(grant=sealed)


def fetch(source: Source) -> Page:
    """The next page of a source."""
    _refuse_demo(source.org)
    if source.account is None:
        raise NetworkError("This source has no account.", "renew")
    spec = SourceSpec(
        kind=source.kind,  # type: ignore[arg-type]
        query=source.query,
        external_id=source.query if source.kind == Source.Kind.THREAD else "",
        place=source.place,
    )
    with connected(source.account) as link:
        return link.fetch(spec, source.cursor)
