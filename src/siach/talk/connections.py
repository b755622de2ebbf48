"""The only door to the networks: a connector with its account's grant, and what it may raise."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from siach.networks.contract import (
    Consent,
    Eligibility,
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
from siach.networks.pretend.connection import LIMITS as PRETENDED
from siach.networks.pretend.connection import REFUSED as IS_DEMO
from siach.networks.pretend.connection import Pretend
from siach.networks.pretend.stage import Planned, Stage
from siach.networks.registry import Connector, load, names
from siach.org.seal import LostKey, seal, unseal
from siach.talk.captured import NETWORKS
from siach.talk.models import Account, Source
from siach.talk.network_words import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from siach.org.models import Org

#: What serves an account: a network's connector, or the pretend network of a demo.
Behind = Connector | Pretend

__all__ = [
    "IS_DEMO",
    "Behind",
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
    "Planned",
    "Price",
    "Push",
    "Rate",
    "Sent",
    "SignedIn",
    "SourceSpec",
    "Stage",
    "Terms",
    "behind",
    "check_text",
    "connected",
    "connector",
    "drop_stage",
    "eligible",
    "fetch",
    "is_callable",
    "keep_days",
    "label",
    "names",
    "price",
    "rate",
    "shown_handle",
    "sign_in",
    "speaks",
    "stage_of",
    "subscribe",
    "tells",
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


def speaks(network: str, *, demo: bool = False) -> bool:
    """Whether answers can be sent on this network; of others Siach only hears. In a demo the pretend network takes
    them wherever people answer each other in public."""
    if demo:
        return network in PRETENDED
    return network in names() and "send" in load(network).CAPABILITIES


def shown_handle(network: str, handle: str) -> str:
    """A handle as people write it there; where nothing is sent (mail, a feed) it is an address and stands as it is."""
    return handle if network in names() and not speaks(network) else f"@{handle}"


def keep_days(network: str) -> int | None:
    """Days that a network's own terms let us keep a post; None where they set no limit or are not known."""
    return load(network).TERMS.keep_days if network in names() else None


def may_train(network: str) -> bool:
    """Whether a network's own terms let models be trained on its posts; no where they are not known."""
    return network in names() and load(network).TERMS.may_train


def behind(account: Account) -> type[Behind] | None:
    """What serves this account: a demo's the pretend network; None where nothing here speaks with its network."""
    if account.org.is_demo:
        return Pretend
    return load(account.network) if account.network in names() else None


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


def stage_of(org: Org) -> Stage:
    """The pretend network of a demo. ValueError for any other organisation: it never sees one."""
    if not org.is_demo:
        raise ValueError(f"organisation {org.pk} is no demo")
    return Stage(_stages() / f"{org.pk}.sqlite")


def drop_stage(org: Org) -> None:
    """Nothing is left of the pretend network of this organisation; nothing happens where it never had one."""
    for ending in ("", "-wal", "-shm"):
        (_stages() / f"{org.pk}.sqlite{ending}").unlink(missing_ok=True)


def _stages() -> Path:
    folder: Path = settings.SIACH_HOME / "demo"
    return folder


class GoesOn(Exception):
    """The sign-in goes on at the network: a person agrees there and brings back what `consent` asks for."""

    def __init__(self, consent: Consent) -> None:
        super().__init__(consent.url)
        self.consent = consent


def sign_in(network: str, answers: Mapping[str, str], *, org: Org) -> tuple[SignedIn, bytes]:
    """Sign this organisation in with the form's answers. Returns who we are there, and the sealed grant to store; or
    raises GoesOn."""
    if org.is_demo:
        raise NetworkError(IS_DEMO, "never")
    who = load(network)().sign_in(answers)
    if isinstance(who, Consent):
        raise GoesOn(who)
    return who, seal(who.grant.data)


def _grant(account: Account) -> Grant:
    try:
        return Grant(unseal(bytes(account.grant)))
    except LostKey as error:
        raise NetworkError("The key that sealed this sign-in is lost. Connect the account again.", "renew") from error


def _link(account: Account) -> Behind:
    """What speaks for this account. Nothing of a demo leads out: its accounts speak on the pretend network alone."""
    if account.org.is_demo:
        speaker = FetchedAuthor(account.external_id, account.handle, account.name)
        return Pretend(stage_of(account.org), account.network, speaker, clock=timezone.now)
    return connector(account.network)(_grant(account))


def check_text(account: Account, text: str, target: Mapping[str, object] | None) -> None:
    """Whether the account's network would take this text as an answer to `target`. NetworkError where it would not."""
    _link(account).check_text(text, target)


def eligible(account: Account, target: Mapping[str, object]) -> Eligibility:
    """Whether the post with this `FetchedPost.target` may be answered through the account, by what is known of it."""
    return _link(account).eligible(target)


def text_limit(account: Account) -> int | None:
    """The longest text in letters that this account's own server takes; None where its sign-in is lost."""
    try:
        return _link(account).text_limit.length
    except NetworkError:
        return None


@contextmanager
def connected(account: Account) -> Iterator[Behind]:
    """The account's connector. A grant that the connector renewed on the way is stored again."""
    link = _link(account)
    before = None if link.grant is None else link.grant.data
    try:
        yield link
    finally:
        link.close()
        if link.grant is not None and link.grant.data != before:
            sealed = seal(link.grant.data)
            Account.objects.filter(pk=account.pk).update(grant=sealed)


def fetch(source: Source) -> Page:
    """The next page of a source."""
    if source.account is None and source.kind != Source.Kind.DRILL:
        raise NetworkError("This source has no account.", "renew")
    spec = SourceSpec(
        kind=source.kind,  # type: ignore[arg-type]
        query=source.query,
        external_id=source.query if source.kind == Source.Kind.THREAD else "",
        place=source.place,
    )
    if source.account is None:
        nobody = FetchedAuthor("", "")
        stage = Pretend(stage_of(source.org), source.network, nobody, clock=timezone.now)
        return stage.fetch(spec, source.cursor)
    with connected(source.account) as link:
        return link.fetch(spec, source.cursor)
