"""The Mastodon connector against real snac servers on this machine; the others speak for themselves over the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from siach.networks.contract import Consent, FetchedPost, Finding, NetworkError, SignedIn, SourceSpec
from siach.networks.mastodon.connector import Connector
from tests.networks.bad_server import bad_server
from tests.networks.bluesky_server.server import wait_for
from tests.networks.snac_server.server import Person, Snac
from tests.snac import Scene

MENTIONS = SourceSpec("mentions")
Servers = list[Snac]


class Ear:
    """Listens to one source as Siach does: page after page, keeping the cursor and every post by its id."""

    def __init__(self, connector: Connector, spec: SourceSpec) -> None:
        self.connector = connector
        self.spec = spec
        self.cursor: dict[str, object] = {}
        self.posts: dict[str, FetchedPost] = {}

    def listen(self) -> list[FetchedPost]:
        new: list[FetchedPost] = []
        more = True
        while more:
            page = self.connector.fetch(self.spec, self.cursor)
            self.cursor, more = dict(page.cursor), page.more
            new += page.posts
        self.posts |= {post.external_id: post for post in new}
        return new

    def hear(self, uri: object) -> FetchedPost:
        return wait_for(lambda: (self.listen() and None) or self.posts.get(str(uri)), f"{uri} is heard")


def signed_in(server: Snac, name: str) -> tuple[Connector, SignedIn]:
    """As a person does it: the server's name, its page, and the code that it shows, with what stands round it."""
    connector = Connector(sleep=lambda _: None)
    consent = connector.sign_in({"server": server.url, "token": ""})
    assert isinstance(consent, Consent) and consent.url.startswith(f"{server.url}/oauth/authorize?")
    code = server.code(consent.url, name)
    who = connector.sign_in({**consent.kept, consent.asked.name: f" {code}\n"})
    assert isinstance(who, SignedIn)
    return connector, who


@pytest.fixture(scope="module")
def connector(snac: Servers) -> Iterator[Connector]:
    made, _who = signed_in(snac[0], "brand")
    yield made
    made.close()


@pytest.fixture(scope="module")
def ear(scene: Scene, connector: Connector) -> Ear:
    ear = Ear(connector, MENTIONS)
    for name in ("late", "order", "answer", "regret"):
        ear.hear(scene.uri(name))
    return ear


def test_sign_in_by_the_code_page_and_by_a_token(snac: Servers, scene: Scene) -> None:
    connector, who = signed_in(snac[0], "brand")
    host = snac[0].url.removeprefix("http://")
    assert (who.external_id, who.handle) == (scene.brand.uri, f"brand@{host}")
    assert who.grant is connector.grant and who.grant.data["token"] not in repr(who)
    typed = Connector().sign_in({"server": f"{snac[0].url}/brand", "token": f" {scene.brand.token} "})
    assert isinstance(typed, SignedIn) and typed.external_id == who.external_id


@pytest.mark.parametrize("answers", [{"token": "wrong"}, {"client_id": "x", "client_secret": "y", "code": "nonsense"}])
def test_a_wrong_sign_in_is_told_in_words(snac: Servers, answers: dict[str, str]) -> None:
    with pytest.raises(NetworkError, match="does not accept the sign-in") as failure:
        Connector().sign_in({"server": snac[0].url, **answers})
    assert failure.value.then == "never"


def test_a_mention_is_heard_once_as_plain_text(scene: Scene, ear: Ear) -> None:
    post, near = ear.posts[scene.uri("late")], scene.near
    assert re.sub(r"@brand@localhost:\d+", "@brand", post.text) == (
        "@brand ההזמנה שלי באיחור & איש לא עונה\n\nראו https://example.com/a?b=1&c=2 #acme"
    )
    assert (post.reason, post.author.external_id, post.author.name) == ("mention", near.uri, "fan")
    assert post.author.handle == f"fan@{near.server.url.removeprefix('http://')}"
    assert abs(datetime.now(UTC) - post.said_at) < timedelta(minutes=30), "in UTC, however slow the machine"
    assert (post.parent_external_id, post.root_external_id) == (None, None)
    before = ear.cursor
    assert ear.listen() == [] and ear.cursor == before


def test_an_answer_from_another_server_comes_with_what_it_answers(scene: Scene, ear: Ear) -> None:
    own, post = scene.uri("own"), ear.posts[scene.uri("answer")]
    assert (post.reason, post.parent_external_id, post.root_external_id) == ("reply", own, own)
    assert post.author.external_id == scene.far.uri and ear.posts[own].reason == "thread"
    whole = ear.connector.fetch(SourceSpec("thread", external_id=own), {})
    assert {one.external_id for one in whole.posts} >= {own, scene.uri("answer"), scene.uri("regret")}
    again = ear.connector.fetch(SourceSpec("thread", external_id=scene.uri("answer")), whole.cursor)
    assert again.posts == () and again.cursor == whole.cursor


def test_a_tag_and_the_search_are_heard(scene: Scene, ear: Ear) -> None:
    search = Ear(ear.connector, SourceSpec("search", query='"Lumika Lamp"'))
    assert {post.external_id: post.reason for post in search.listen()} == {
        scene.uri("tagged"): "search",
        scene.uri("loose"): "search",
    }
    assert search.listen() == []


def test_an_answer_is_public_where_the_post_is_and_names_its_author(
    scene: Scene, connector: Connector, ear: Ear
) -> None:
    post = ear.posts[scene.uri("late")]
    assert connector.eligible(post.target).public
    sent = connector.send("בודקים עכשיו", post.target, "key-1")
    status = seen_by(scene.near, sent.external_id, connector)
    assert (status["visibility"], status["in_reply_to_id"]) == ("public", post.target["id"])
    assert "@fan" in str(status["content"]) and "בודקים עכשיו" in str(status["content"])
    assert connector.find("key-1", "בודקים עכשיו", post.target).sent == sent
    assert connector.find("key-2", "בודקים מחר", post.target).finding is Finding.UNSURE, "snac keeps no keys"
    assert connector.find("key-3", "בודקים עכשיו", None).finding is Finding.UNSURE


def seen_by(person: Person, uri: str, connector: Connector) -> dict[str, object]:
    """A post of the brand as somebody else sees it on the same server."""
    found = connector.fetch(SourceSpec("thread", external_id=uri), {})
    (status_id,) = [post.target["id"] for post in found.posts if post.external_id == uri]
    answer = person.ask("GET", f"/api/v1/statuses/{status_id}")
    answer.raise_for_status()
    return dict(answer.json())


def test_an_answer_to_a_private_post_stays_private_and_among_those_who_take_part(
    scene: Scene, connector: Connector, ear: Ear
) -> None:
    post = ear.posts[scene.uri("order")]
    allowed = connector.eligible(post.target)
    assert (allowed.public, allowed.private, post.target["visibility"]) == (False, True, "direct")
    assert post.is_private and not ear.posts[scene.uri("answer")].is_private
    with pytest.raises(NetworkError, match="private conversation") as failure:
        connector.send("נעביר אל @stranger@elsewhere.example", post.target, "key-4")
    assert failure.value.then == "never"
    sent = connector.send("תודה, מטפלים", post.target, "key-5")
    assert seen_by(scene.near, sent.external_id, connector)["visibility"] == "direct"
    assert sent.external_id not in {one["uri"] for one in scene.near.ask("GET", "/api/v1/timelines/public").json()}


def test_what_is_gone_is_answered_no_more_and_what_stands_is_counted(
    scene: Scene, connector: Connector, ear: Ear
) -> None:
    post, other = ear.posts[scene.uri("regret")], ear.posts[scene.uri("answer")]
    targets = {one.external_id: one.target for one in (post, other)}
    told = connector.metrics({**targets, "https://elsewhere": {"id": "1", "server": "https://elsewhere"}})
    assert {uri: now is not None for uri, now in told.items()} == {post.external_id: True, other.external_id: True}
    scene.far.ask("DELETE", f"/api/v1/statuses/{scene.said['regret']['id']}").raise_for_status()
    wait_for(lambda: connector.metrics(targets)[post.external_id] is None, "the post is gone")
    assert connector.metrics(targets)[other.external_id] is not None
    with pytest.raises(NetworkError, match="is gone") as failure:
        connector.send("שלום", post.target, "key-6")
    assert failure.value.then == "never"
    with pytest.raises(NetworkError, match="is gone"):
        connector.send("שלום", {}, "key-7")


def test_own_post_is_removed_and_nobody_elses(scene: Scene, connector: Connector, ear: Ear) -> None:
    sent = connector.send("פוסט של המותג", None, "key-8")
    connector.delete(sent.external_id)
    connector.delete(sent.external_id)
    assert connector.find("key-8", "פוסט של המותג", None).finding is not Finding.SENT
    with pytest.raises(NetworkError, match="own posts"):
        connector.delete(scene.uri("late"))


@pytest.mark.parametrize("fault", ["reset", "broken", "half"])
def test_a_lost_answer_is_found_again(snac: Servers, connector: Connector, fault: str) -> None:
    assert connector.grant is not None
    with bad_server(upstream=snac[0].url) as bad:
        cut = Connector(type(connector.grant)({**connector.grant.data, "server": bad.url}), sleep=lambda _: None)
        bad.spoil(fault, "/statuses")
        with pytest.raises(NetworkError) as failure:
            cut.send(f"אבד בדרך {fault}", None, f"lost-{fault}")
        assert failure.value.then == "unknown"
        assert cut.find(f"lost-{fault}", f"אבד בדרך {fault}", None).finding is Finding.SENT
        cut.close()


def test_a_revoked_token_asks_to_sign_in_again(snac: Servers, connector: Connector) -> None:
    assert connector.grant is not None
    void = Connector(type(connector.grant)({**connector.grant.data, "token": "void"}))
    with pytest.raises(NetworkError, match="Sign in again") as failure:
        void.fetch(MENTIONS, {})
    assert failure.value.then == "renew"
