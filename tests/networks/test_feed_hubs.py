"""The hub that a feed names: found wherever it may be told, asked as the standard has it, and never trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from siach.networks import guard
from siach.networks.contract import NetworkError, Page, Push, SourceSpec
from siach.networks.feed.connector import Connector
from siach.networks.guard import ALLOW_LOCAL
from tests.networks.feed_server import ATOM, JSON, RSS, FeedServer, feed_server, item, rss
from tests.networks.hub_server import Hub, hub_server

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HUB, SELF = "https://hub.example/", "https://news.example/feed"
CALLBACK, SECRET = "https://siach.example/in/feed/abc/", "s" * 43
LINKS = f'<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{SELF}"/>'


@pytest.fixture
def site(local: None) -> Iterator[FeedServer]:
    with feed_server() as served:
        yield served


@pytest.fixture
def hub(local: None) -> Iterator[Hub]:
    with hub_server(lambda *_call: (404, "")) as served:
        yield served


def read(site: FeedServer, body: str, kind: str = RSS, cursor: dict[str, object] | None = None, **more: object) -> Page:
    site.put("/feed", body, kind, **more)
    made = Connector(clock=lambda: NOW, seconds=2)
    who = made.sign_in({"address": f"{site.url}/feed"})
    return Connector(who.grant, clock=lambda: NOW, seconds=2).fetch(SourceSpec("all"), cursor or {})  # type: ignore[union-attr]


def atom(links: str) -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{links}'
        '<entry><id>a</id><title>A</title><link rel="hub" href="https://evil.example/"/></entry></feed>'
    )


def json_feed(**more: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [], **more})


HUBS = [{"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": HUB}, 7]


@pytest.mark.parametrize(
    ("body", "kind", "headers", "found"),
    [
        (rss(item("1", "א"), head=LINKS), RSS, {}, (HUB, SELF)),
        (atom(f'<link rel="hub" href="{HUB}"/><link rel="self" href="{SELF}"/>'), ATOM, {}, (HUB, SELF)),
        (json_feed(hubs=HUBS, feed_url=SELF), JSON, {}, (HUB, SELF)),
        (rss(item("1", "א")), RSS, {"link": f'<{HUB}>; rel="hub", <{SELF}>; rel=self'}, (HUB, SELF)),
        (
            rss(head=LINKS),
            RSS,
            {"link": '<https://a.example/>; title="x, y"; rel="alternate Hub"'},
            ("a.example", SELF),
        ),
        (
            rss(head=LINKS.replace(HUB, "https://b.example/")),
            RSS,
            {"link": "</feed>; rel=self"},
            ("b.example", "/feed"),
        ),
        (rss(head=f'<atom:link rel="hub" href="{HUB}"/>'), RSS, {}, (HUB, "/feed")),
        (rss(head='<atom:link rel="hub" href="javascript:x"/>' + LINKS), RSS, {}, (HUB, SELF)),
        (rss(head='<atom:link rel="hub" href="https://u:p@x.example/"/>'), RSS, {}, None),
        (rss(head='<atom:link rel="hub" href="https://[x/"/>'), RSS, {}, None),
        (rss(head=LINKS.replace(SELF, "https://x.example/" + "a" * 1000)), RSS, {}, None),
        (atom(""), ATOM, {}, None),
        (json_feed(hubs="x", feed_url=7), JSON, {}, None),
        (json_feed(hubs=HUBS, feed_url=SELF, expired=True), JSON, {}, None),
    ],
)
def test_a_feed_names_who_tells_of_its_news(
    site: FeedServer, body: str, kind: str, headers: dict[str, str], found: tuple[str, str] | None
) -> None:
    push = read(site, body, kind, headers=headers).push
    if found is None:
        assert push is None
    else:
        assert push is not None
        assert found[0] in push.hub and push.topic in (found[1], site.url + found[1])


def test_it_is_known_while_the_feed_does_not_change(site: FeedServer) -> None:
    page = read(site, rss(item("1", "א"), head=LINKS))
    quiet = read(site, rss(item("1", "א"), head=LINKS), cursor=dict(page.cursor))
    assert site.answers("/feed")[-1] == 304 and quiet.push == page.push == Push(HUB, SELF)
    assert read(site, rss(item("1", "א")), cursor=dict(page.cursor)).push is None


def test_a_hub_without_https_is_none_to_us(site: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from siach.networks.feed import hubs
    from siach.networks.feed.edition import Edition

    monkeypatch.delenv(ALLOW_LOCAL)
    plain = ("http://hub.example/", "https://localhost/", "https://hub/", HUB)
    named = hubs.named(Edition("", "", (), hubs=plain), {}, SELF)
    assert named == Push(HUB, SELF)
    assert hubs.named(Edition("", "", (), hubs=plain[:3]), {}, SELF) is None


def test_a_hub_is_asked_by_a_form(hub: Hub) -> None:
    made, push = Connector(seconds=2), Push(f"{hub.url}/push?a=b", SELF)
    made.subscribe(push, CALLBACK, SECRET, 604_800)
    made.unsubscribe(push, CALLBACK)
    same = {"hub.topic": SELF, "hub.callback": CALLBACK}
    wish = {"hub.mode": "subscribe", **same, "hub.secret": SECRET, "hub.lease_seconds": "604800"}
    assert hub.taken == [("/push?a=b", wish), ("/push?a=b", {"hub.mode": "unsubscribe", **same})]


@pytest.mark.parametrize("status", [307, 308])
def test_a_hub_that_moved_is_asked_there_by_the_same_form(hub: Hub, status: int) -> None:
    hub.moves = {"/": (status, "/a"), "/a": (307, f"{hub.url}/b")}
    Connector(seconds=2).subscribe(Push(f"{hub.url}/", SELF), CALLBACK, SECRET, 60)
    assert [path for path, _form in hub.taken] == ["/", "/a", "/b"] and len(hub.wishes) == 1
    assert hub.taken[0][1] == hub.taken[2][1]


@pytest.mark.parametrize(
    "moves",
    [
        {"/": (302, "/a")},  # would have us ask without the form
        {"/": (307, "/")},
        {"/": (308, "")},
        {"/": (307, "ftp://x.example/")},
        {"/": (307, "https://[")},
    ],
)
def test_a_hub_that_leads_astray_is_left(hub: Hub, moves: dict[str, tuple[int, str]]) -> None:
    hub.moves = moves
    with pytest.raises(NetworkError) as failure:
        Connector(seconds=2).subscribe(Push(f"{hub.url}/", SELF), CALLBACK, SECRET, 60)
    assert failure.value.then == "never" and not hub.wishes and len(hub.taken) < 6


def test_no_hub_leads_to_an_inner_address(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard decides at every step: here the first is let through by hand, the next is not."""
    hub.moves = {"/": (307, "https://10.0.0.1/")}
    monkeypatch.setattr("siach.networks.feed.hubs.local_allowed", lambda: True)
    asked: list[str] = []

    def addresses(host: str, port: int) -> list[str]:
        asked.append(host)
        if host != "127.0.0.1":
            guard.check_address(host)
        return [host]

    monkeypatch.setattr(guard, "addresses_of", addresses)
    with pytest.raises(NetworkError, match="private network") as failure:
        Connector(seconds=2).subscribe(Push(f"{hub.url}/", SELF), CALLBACK, SECRET, 60)
    assert failure.value.then == "never" and asked == ["127.0.0.1", "10.0.0.1"]
    monkeypatch.undo()
    monkeypatch.delenv(ALLOW_LOCAL, raising=False)
    for inner in (hub.url, "https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/"):
        with pytest.raises(NetworkError) as failure:
            Connector(seconds=1).subscribe(Push(inner, SELF), CALLBACK, SECRET, 60)
        assert failure.value.then == "never"
    assert len(hub.taken) == 1


@pytest.mark.parametrize(
    ("url", "callable_"),
    [
        ("https://siach.example.com", True),
        ("https://93.184.216.34:8443", True),
        ("http://siach.example.com", False),
        ("http://localhost:8000", False),
        ("https://localhost", False),
        ("https://siach", False),
        ("https://siach.local", False),
        ("https://192.168.1.4", False),
        ("https://[::1]", False),
        ("", False),
    ],
)
def test_an_address_that_nobody_outside_can_call_is_known(
    url: str, callable_: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ALLOW_LOCAL, raising=False)
    assert guard.is_callable(url) is callable_
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    assert guard.is_callable("http://localhost:8000")
