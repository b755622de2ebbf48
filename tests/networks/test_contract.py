"""One suite over all connectors: what each declares, and that no network's misbehaviour ever gets through."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from siach import networks
from siach.networks import contract
from siach.networks.contract import Grant, NetworkError, SourceSpec
from siach.networks.registry import Connector
from tests.networks.bad_server import FAULTS, BadServer
from tests.networks.test_http import READS, WRITES

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PROTOCOLS = {
    "mentions": contract.Listens,
    "search": contract.Listens,
    "thread": contract.Listens,
    "all": contract.Listens,
    "hooks": contract.Hooks,
    "send": contract.Speaks,
    "hide": contract.Speaks,
    "delete": contract.Speaks,
    "find": contract.Finds,
    "metrics": contract.Meters,
    "push": contract.Subscribes,
}
SPECS = {
    "mentions": SourceSpec("mentions"),
    "search": SourceSpec("search", query="acme"),
    "thread": SourceSpec("thread", external_id="at://did:plc:brand/app.bsky.feed.post/3kaaaaaaaaa2a"),
    "all": SourceSpec("all"),
}
KEY = "9f0d5c3c-5a55-4d0e-8d5c-9d2f1c5ab0a1"


def bluesky_grant(url: str) -> Grant:
    return Grant(
        {
            "service": url,
            "pds": url,
            "did": "did:plc:brand",
            "handle": "brand.test",
            "access": "access",
            "refresh": "refresh",
        }
    )


def mastodon_grant(url: str) -> Grant:
    return Grant(
        {
            "server": url,
            "domain": "brand.test",
            "id": "1",
            "token": "refresh",
            "handle": "brand@brand.test",
            "version": "4.5.2",
            "length": "500",
            "url_length": "23",
        }
    )


def feed_grant(url: str) -> Grant:
    return Grant({"url": f"{url}/feed", "place": "127.0.0.1", "about": ""})


def mail_grant(url: str) -> Grant:
    told = {"server": "localhost", "port": "1", "name": "refresh", "password": "refresh"}
    return Grant({**told, "folder": "INBOX", "place": "x"})


# A new connector adds the grant it would have after signing in to a server at this address.
GRANTS: dict[str, Callable[[str], Grant]] = {
    "bluesky": bluesky_grant,
    "feed": feed_grant,
    "mail": mail_grant,
    "mastodon": mastodon_grant,
}
# Whoever follows a redirect goes where it leads; its own tests tell how far.
FOLLOWS = frozenset({"feed"})
SPEAKING = [name for name in networks.names() if "send" in networks.load(name).CAPABILITIES]
# What speaks no HTTP is run through the faults of a server of its own (test_mail).
BY_HTTP = [name for name in networks.names() if name != "mail"]
by_http = pytest.mark.parametrize("name", BY_HTTP, indirect=True)
PUSHED = [name for name in networks.names() if "push" in networks.load(name).CAPABILITIES]
speaking = pytest.mark.parametrize("name", SPEAKING, indirect=True)


@pytest.fixture(params=networks.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(request: pytest.FixtureRequest, name: str, bad: BadServer):
    # Of a server that never comes to an end there is nothing to wait for.
    slow = getattr(request.node, "callspec", None) and request.node.callspec.params.get("fault") in ("hang", "drip")
    seconds = 0.3 if slow else 0.6
    made = networks.load(name)(GRANTS[name](bad.url), clock=lambda: NOW, sleep=lambda _: None, seconds=seconds)
    yield made
    made.close()


def heard_by(connector: Connector) -> dict[str, object]:
    """The target of a post that was heard by this very sign-in."""
    data = connector.grant.data if connector.grant else {}
    return {"id": "7", "server": data.get("server", ""), "visibility": "public", "account": "2", "acct": "fan@x.test"}


def reads(connector: Connector) -> list[Callable[[], object]]:
    specs = [spec for kind, spec in SPECS.items() if kind in connector.CAPABILITIES]
    asked = {
        "find": lambda: connector.find(KEY, "שלום", None),
        "metrics": lambda: connector.metrics({SPECS["thread"].external_id: heard_by(connector)}),
    }
    return [
        *[lambda spec=spec: connector.fetch(spec, {}) for spec in specs],
        *[ask for capability, ask in asked.items() if capability in connector.CAPABILITIES],
    ]


def test_there_is_a_connector() -> None:
    assert "bluesky" in networks.names()


def test_unknown_network_is_refused() -> None:
    for name in ("", "nowhere", "../bluesky", "contract"):
        with pytest.raises(KeyError):
            networks.load(name)


def test_declares_what_it_is(name: str) -> None:
    made = networks.load(name)
    assert name == made.NAME
    assert made.LABEL
    assert made.FIELDS
    assert len({field.name for field in made.FIELDS}) == len(made.FIELDS)
    assert ("send" in made.CAPABILITIES) == (made.TEXT_LIMIT.length > 0)
    assert made.INTRO or "send" in made.CAPABILITIES
    assert "metrics" not in made.CAPABILITIES or made.METERED > 0
    assert isinstance(made.TERMS, contract.Terms)
    assert set(PROTOCOLS) >= made.CAPABILITIES
    for capability in made.CAPABILITIES:
        assert isinstance(made(), PROTOCOLS[capability]), capability
    assert isinstance(made(), contract.Connects)


def test_tells_its_limits_rights_cost_and_keeping(name: str) -> None:
    folder = Path(inspect.getfile(networks.load(name))).parent
    readme = (folder / "README.md").read_text()
    for heading in ("## Limits", "## Rights", "## Cost", "## Keeping"):
        assert heading in readme


def test_without_a_grant_everything_asks_to_sign_in(name: str) -> None:
    made = networks.load(name)()
    writes = [lambda: made.send("שלום", None, "key")] if name in SPEAKING else []
    for call in (*reads(made), *writes):
        with pytest.raises(NetworkError) as failure:
            call()
        assert failure.value.then == "renew"


@speaking
def test_too_long_text_is_refused_in_words(name: str) -> None:
    made = networks.load(name)()
    made.check_text("ש" * made.TEXT_LIMIT.length)
    for text in ("", " \n", "ש" * (made.TEXT_LIMIT.length + 1)):
        with pytest.raises(NetworkError) as failure:
            made.check_text(text)
        assert failure.value.then == "never"


@speaking
def test_target_of_another_network_is_not_eligible(name: str) -> None:
    allowed = networks.load(name)().eligible({})
    assert not allowed.public
    assert allowed.reason


@by_http
@pytest.mark.parametrize("fault", FAULTS)
def test_reads_never_let_a_fault_through(connector: Connector, bad: BadServer, fault: str) -> None:
    if fault == "elsewhere" and connector.NAME in FOLLOWS:
        bad.answers["/feed"] = lambda query, body: (302, {}, {"location": "/feed"})
        with pytest.raises(NetworkError) as failure:
            connector.fetch(SPECS["all"], {})
        assert failure.value.then == "retry_at"
        return
    for call in reads(connector):
        bad.spoil(fault, times=2)
        with pytest.raises(NetworkError) as failure:
            call()
        assert failure.value.then == READS[fault]
        bad.forget()


@speaking
@pytest.mark.parametrize("fault", FAULTS)
def test_writes_never_let_a_fault_through(connector: Connector, bad: BadServer, fault: str) -> None:
    bad.spoil(fault, times=9)
    with pytest.raises(NetworkError) as failure:
        connector.send("שלום", None, "key")
    assert failure.value.then == WRITES[fault]


@pytest.mark.parametrize("name", PUSHED, indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_hubs_never_let_a_fault_through(connector: Connector, bad: BadServer, fault: str) -> None:
    """A hub's word is its status alone; a wish that may have been taken is told again, which does no harm."""
    push = contract.Push(f"{bad.url}/hub", "https://news.example/feed")
    wishes = [
        lambda: connector.subscribe(push, "https://siach.example/in/", "refresh", 60),
        lambda: connector.unsubscribe(push, "https://siach.example/in/"),
    ]
    for wish in wishes:
        bad.spoil(fault, times=2)
        if fault in ("garbage", "list", "page"):
            wish()
        else:
            with pytest.raises(NetworkError) as failure:
                wish()
            assert failure.value.then == {"unauthorised": "never", "elsewhere": "never"}.get(fault, READS[fault])
            assert "refresh" not in failure.value.message
        bad.forget()


@by_http
def test_answers_of_any_shape_are_survived(connector: Connector, bad: BadServer) -> None:
    odd: list[object] = [None, 7, "x", [], {}, [None], {"a": 1}, [{"uri": 5, "record": [], "author": "x"}]]
    for value in odd:
        bad.any = dict.fromkeys(
            ("notifications", "posts", "thread", "cursor", "profiles", "feed", "uri", "data", "statuses", "ancestors"),
            value,
        )
        for call in reads(connector):
            try:
                call()
            except NetworkError as failure:
                assert failure.then in ("retry_at", "never")


def test_secrets_do_not_show(name: str, connector: Connector) -> None:
    assert "refresh" not in repr(connector.grant)
