"""Reading a Bluesky that misbehaves: pages twice and out of order, strange entries, a fall between two pages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siach.networks.bluesky.connector import Connector
from siach.networks.contract import NetworkError, Page, SourceSpec
from tests.networks.bad_server import BadServer
from tests.networks.test_contract import bluesky_grant

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MENTIONS = SourceSpec("mentions")
NOTIFICATIONS = "/xrpc/app.bsky.notification.listNotifications"
POSTS = "/xrpc/app.bsky.feed.getPosts"
PROFILES = "/xrpc/app.bsky.actor.getProfiles"


class FakeBluesky:
    """What an index answers about `said` posts, newest first, `size` on a page; `disorder` spoils the order."""

    def __init__(self, bad: BadServer, size: int = 50) -> None:
        self.said: list[str] = []
        self.parents: dict[str, str] = {}
        self.size = size
        self.disorder = False
        bad.answers = {NOTIFICATIONS: self.notifications, POSTS: self.posts, PROFILES: self.profiles}

    def say(self, count: int) -> None:
        for _ in range(count):
            self.said.insert(0, f"at://did:plc:fan/app.bsky.feed.post/{len(self.said):05d}")

    def time(self, uri: str) -> str:
        return (NOW + timedelta(seconds=int(uri[-5:]))).isoformat()

    def notifications(self, query: Mapping[str, list[str]], body: Any) -> object:
        assert query["priority"] == ["false"]
        assert query["reasons"] == ["mention", "reply", "quote"]
        start = int(query.get("cursor", ["0"])[0])
        page: list[object] = [
            {"uri": uri, "cid": "c", "reason": "mention", "indexedAt": self.time(uri)}
            for uri in self.said[start : start + self.size]
        ]
        if self.disorder:
            page = [*page[::-1], *page, {"uri": None}, {"reason": "like", "uri": "x"}, "?", None]
        end = start + self.size
        return {"notifications": page} | ({"cursor": str(end)} if end < len(self.said) else {})

    def posts(self, query: Mapping[str, list[str]], body: Any) -> object:
        assert len(query["uris"]) <= 25
        assert len(set(query["uris"])) == len(query["uris"])
        return {"posts": [self.view(uri) for uri in reversed(query["uris"])]}

    def view(self, uri: str) -> dict[str, object]:
        record: dict[str, object] = {"text": f"post {uri[-5:]}", "createdAt": self.time(uri)}
        if uri in self.parents:
            ref = {"uri": self.parents[uri], "cid": "c"}
            record["reply"] = {"root": ref, "parent": ref}
        author = {"did": "did:plc:fan", "handle": "fan.test"}
        return {"uri": uri, "cid": "c", "author": author, "record": record, "indexedAt": self.time(uri)}

    def profiles(self, query: Mapping[str, list[str]], body: Any) -> object:
        assert query["actors"] == ["did:plc:fan"]
        return {"profiles": [{"did": "did:plc:fan", "handle": "fan.test", "followersCount": 1200}]}


@pytest.fixture
def fake(bad: BadServer) -> FakeBluesky:
    return FakeBluesky(bad)


@pytest.fixture
def connector(bad: BadServer):
    made = Connector(bluesky_grant(bad.url), clock=lambda: NOW, sleep=lambda _: None, seconds=2.0)
    yield made
    made.close()


def ask(connector: Connector, cursor: Mapping[str, object]) -> Page:
    """The next page; a failed one is asked again from the cursor before it."""
    for _ in range(20):
        try:
            return connector.fetch(MENTIONS, cursor)
        except NetworkError as error:
            assert error.then == "retry_at"
    raise AssertionError("failed 20 times")


def listen(connector: Connector, cursor: Mapping[str, object]) -> tuple[list[str], Mapping[str, object]]:
    """All that a source has to say now."""
    heard: list[str] = []
    while True:
        page = ask(connector, cursor)
        heard += [post.external_id for post in page.posts]
        cursor = page.cursor
        if not page.more:
            return heard, cursor


@pytest.mark.parametrize("disorder", [False, True])
def test_all_is_heard_once_though_pages_repeat_and_shuffle(
    connector: Connector, fake: FakeBluesky, disorder: bool
) -> None:
    fake.disorder = disorder
    fake.say(30)
    first, cursor = listen(connector, {})
    assert sorted(first) == sorted(fake.said)
    fake.say(400)
    second, cursor = listen(connector, cursor)
    assert sorted(second) == sorted(fake.said[:400])
    assert listen(connector, cursor) == ([], cursor)


def test_fall_between_two_pages_loses_nothing(connector: Connector, fake: FakeBluesky, bad: BadServer) -> None:
    fake.say(10)
    _, cursor = listen(connector, {})
    fake.say(230)
    heard: set[str] = set()
    for fault, path in (("half", NOTIFICATIONS), ("reset", POSTS), ("broken", PROFILES), ("garbage", POSTS)):
        page = ask(connector, cursor)
        heard.update(post.external_id for post in page.posts)
        cursor = page.cursor
        bad.spoil(fault, path, times=2)
        fake.say(3)
    rest, cursor = listen(connector, cursor)
    more, _ = listen(connector, cursor)
    assert heard | set(rest) | set(more) == set(fake.said[:-10])


def test_throttled_source_names_the_time_and_keeps_its_place(
    connector: Connector, fake: FakeBluesky, bad: BadServer
) -> None:
    fake.say(80)
    page = connector.fetch(MENTIONS, {})
    bad.spoil("throttled", NOTIFICATIONS)
    with pytest.raises(NetworkError) as failure:
        connector.fetch(MENTIONS, page.cursor)
    assert (failure.value.then, failure.value.at) == ("retry_at", NOW + timedelta(seconds=120))
    rest = connector.fetch(MENTIONS, page.cursor)
    assert len(page.posts) + len(rest.posts) == 80


def test_first_reading_is_bounded(connector: Connector, fake: FakeBluesky) -> None:
    fake.say(900)
    heard, _ = listen(connector, {})
    assert heard and set(heard) == set(fake.said[:250])


def test_quiet_poll_costs_one_request(connector: Connector, fake: FakeBluesky, bad: BadServer) -> None:
    fake.say(120)
    _, cursor = listen(connector, {})
    bad.taken.clear()
    page = connector.fetch(MENTIONS, cursor)
    assert (page.posts, page.more, page.cursor) == ((), False, cursor)
    assert len(bad.taken) == 1


def test_parents_come_before_replies_and_circles_end(connector: Connector, fake: FakeBluesky) -> None:
    fake.say(2)
    newer, older = fake.said
    above = ["at://did:plc:fan/app.bsky.feed.post/-0002", "at://did:plc:fan/app.bsky.feed.post/-0001"]
    fake.parents = {newer: older, older: above[1], above[1]: above[0], above[0]: above[1]}
    page = connector.fetch(MENTIONS, {})
    assert [post.external_id for post in page.posts] == [*above, older, newer]
    assert [post.reason for post in page.posts] == ["thread", "thread", "mention", "mention"]
    assert page.posts[-1].author.followers == 1200


def test_post_gone_since_its_notification_is_passed_over(
    connector: Connector, fake: FakeBluesky, bad: BadServer
) -> None:
    fake.say(3)
    bad.answers[POSTS] = lambda query, body: {"posts": [fake.view(uri) for uri in query["uris"] if uri != fake.said[1]]}
    heard, _ = listen(connector, {})
    assert set(heard) == {fake.said[0], fake.said[2]}


def test_search_without_words_is_refused(connector: Connector) -> None:
    with pytest.raises(NetworkError) as failure:
        connector.fetch(SourceSpec("search", query="  "), {})
    assert failure.value.then == "never"
