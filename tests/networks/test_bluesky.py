"""The Bluesky connector against a real network on this machine; the others speak by the public client."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from atproto import Client, client_utils, models

from siach.networks.bluesky.connector import Connector
from siach.networks.bluesky.record_key import record_key
from siach.networks.contract import FetchedPost, Finding, Grant, NetworkError, Page, SourceSpec
from tests.networks.bad_server import bad_server
from tests.networks.bluesky_server.server import PASSWORD, BlueskyNetwork, expired, published, wait_for

MENTIONS = SourceSpec("mentions")


class Ear:
    """Listens to one source as Siach does: page after page, keeping the cursor and every post by its id."""

    def __init__(self, connector: Connector, spec: SourceSpec) -> None:
        self.connector = connector
        self.spec = spec
        self.cursor: dict[str, object] = {}
        self.posts: dict[str, FetchedPost] = {}
        self.pages: list[Page] = []

    def listen(self) -> list[FetchedPost]:
        new: list[FetchedPost] = []
        while True:
            page = self.connector.fetch(self.spec, self.cursor)
            self.cursor = dict(page.cursor)
            self.pages.append(page)
            new += page.posts
            if not page.more:
                break
        self.posts |= {post.external_id: post for post in new}
        return new

    def hear(self, uri: str) -> FetchedPost:
        return wait_for(lambda: (self.listen() and None) or self.posts.get(uri), f"{uri} is heard")


@pytest.fixture
def brand(bluesky: BlueskyNetwork) -> Client:
    return bluesky.person("brand")


@pytest.fixture(scope="module")
def fan(bluesky: BlueskyNetwork) -> Client:
    return bluesky.person("fan")


@pytest.fixture
def connector(bluesky: BlueskyNetwork, brand: Client):
    made = Connector()
    made.sign_in({"service": bluesky.pds_url, "handle": brand.me.handle, "password": PASSWORD})
    yield made
    made.close()


def mention(fan: Client, brand: Client, words: str) -> str:
    text = client_utils.TextBuilder().mention(f"@{brand.me.handle}", brand.me.did).text(f" {words}")
    return str(fan.send_post(text).uri)


def answer_to(client: Client, post: FetchedPost, words: str) -> str:
    ref = {name: str(post.target[name]) for name in ("uri", "cid", "root_uri", "root_cid")}
    reply = models.AppBskyFeedPost.ReplyRef(
        parent={"uri": ref["uri"], "cid": ref["cid"]}, root={"uri": ref["root_uri"], "cid": ref["root_cid"]}
    )
    return str(client.send_post(words, reply_to=reply).uri)


def replies_under(client: Client, uri: str) -> list[str]:
    thread = client.get_post_thread(uri).thread
    return [reply.post.record.text for reply in thread.replies or []]


def records_of(client: Client) -> list[models.AppBskyFeedPost.Record]:
    listed = client.com.atproto.repo.list_records({"repo": client.me.did, "collection": "app.bsky.feed.post"})
    return [record.value for record in listed.records]


def test_sign_in_tells_who_it_is(bluesky: BlueskyNetwork, brand: Client) -> None:
    connector = Connector()
    pasted = f" \u202a@{brand.me.handle.upper()}\u202c"
    signed = connector.sign_in({"service": bluesky.pds_url, "handle": pasted, "password": PASSWORD})
    assert (signed.external_id, signed.handle) == (brand.me.did, brand.me.handle)
    assert signed.grant is connector.grant
    assert signed.grant.data["pds"] == bluesky.pds_url


@pytest.mark.parametrize("password", ["wrong", ""])
def test_wrong_password_is_told_in_words(bluesky: BlueskyNetwork, brand: Client, password: str) -> None:
    with pytest.raises(NetworkError, match="app password") as failure:
        Connector().sign_in({"service": bluesky.pds_url, "handle": brand.me.handle, "password": password})
    assert failure.value.then == "never"


def test_mention_reply_and_quote_are_heard_once_with_their_threads(
    connector: Connector, brand: Client, fan: Client
) -> None:
    ear = Ear(connector, MENTIONS)
    assert ear.listen() == []
    own = published(brand, "היום יוצא המוצר החדש")
    said = mention(fan, brand, "ההזמנה שלי באיחור של שבוע 😡")
    heard = ear.hear(said)
    assert heard.reason == "mention"
    assert heard.text == f"@{brand.me.handle} ההזמנה שלי באיחור של שבוע 😡"
    assert heard.author.external_id == fan.me.did
    assert heard.author.followers == 0
    assert abs((datetime.now(UTC) - heard.said_at).total_seconds()) < 120

    ref = models.create_strong_ref(own)
    replied = str(fan.send_post("נורא", reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref)).uri)
    post = ear.hear(replied)
    assert (post.reason, post.parent_external_id, post.root_external_id) == ("reply", own.uri, own.uri)
    assert ear.posts[own.uri].reason == "thread"

    quoted = str(fan.send_post("תראו", embed=models.AppBskyEmbedRecord.Main(record=ref)).uri)
    assert ear.hear(quoted).reason == "quote"
    assert ear.listen() == []
    heard_ids = [post.external_id for page in ear.pages for post in page.posts]
    assert len(heard_ids) == len(set(heard_ids)) == 4


def test_thread_above_a_mention_comes_whole(connector: Connector, brand: Client, fan: Client) -> None:
    ear = Ear(connector, MENTIONS)
    ear.listen()
    first = published(fan, "מישהו קנה אצלם?")
    ref = models.create_strong_ref(first)
    chain, parent = [first.uri], ref
    for words in ("אני", "גם אני", "לא כדאי"):
        made = fan.send_post(words, reply_to=models.AppBskyFeedPost.ReplyRef(parent=parent, root=ref))
        parent = models.create_strong_ref(made)
        chain.append(made.uri)
    text = client_utils.TextBuilder().mention(f"@{brand.me.handle}", brand.me.did).text(" מה קורה?")
    said = fan.send_post(text, reply_to=models.AppBskyFeedPost.ReplyRef(parent=parent, root=ref))
    ear.hear(said.uri)
    assert set(chain) <= set(ear.posts)
    assert [ear.posts[uri].parent_external_id for uri in chain] == [None, *chain[:-1]]


def test_more_than_a_page_is_not_passed_over(connector: Connector, brand: Client, fan: Client) -> None:
    ear = Ear(connector, MENTIONS)
    ear.listen()
    said = {mention(fan, brand, f"תלונה {number}") for number in range(120)}
    wait_for(lambda: (ear.listen() and None) or said <= set(ear.posts), "all 120 mentions are heard")
    assert any(page.more for page in ear.pages)


def test_search_hears_what_names_the_brand(connector: Connector, fan: Client) -> None:
    word = f"Acme{fan.me.did[-6:]}"
    ear = Ear(connector, SourceSpec("search", query=word))
    ear.listen()
    said = fan.send_post(f"המשלוח של {word} לא הגיע").uri
    fan.send_post(f"של{word}ים")
    fan.send_post("שום דבר")
    post = ear.hear(said)
    assert post.reason == "search"
    wait_for(lambda: (ear.listen() and None) or len(ear.posts) == 2, "both are heard")
    assert ear.listen() == []


def test_whole_thread_is_read_and_only_told_when_it_changed(connector: Connector, fan: Client) -> None:
    first = published(fan, "שורש")
    ref = models.create_strong_ref(first)
    reply = fan.send_post("ענף", reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref))
    parent = models.create_strong_ref(reply)
    leaf = fan.send_post("עלה", reply_to=models.AppBskyFeedPost.ReplyRef(parent=parent, root=ref))
    wait_for(lambda: connector.metrics({leaf.uri: {}}), "the thread is known")
    ear = Ear(connector, SourceSpec("thread", external_id=reply.uri))
    wait_for(lambda: _heard(ear) == {first.uri, reply.uri, leaf.uri}, "the whole thread is heard")
    wait_for(lambda: ear.listen() == [], "the thread is quiet")
    fan.send_post("עוד עלה", reply_to=models.AppBskyFeedPost.ReplyRef(parent=parent, root=ref))
    wait_for(lambda: len(_heard(ear)) == 4, "the new reply is heard")
    fan.like(first.uri, first.cid)
    wait_for(lambda: (ear.listen() and None) or ear.posts[first.uri].metrics.likes == 1, "the like is counted")


def test_thread_that_never_was(connector: Connector, fan: Client) -> None:
    with pytest.raises(NetworkError, match="gone") as failure:
        connector.fetch(SourceSpec("thread", external_id=f"at://{fan.me.did}/app.bsky.feed.post/{record_key('x')}"), {})
    assert failure.value.then == "never"


def test_answer_lands_under_the_exact_post_once(
    connector: Connector, brand: Client, fan: Client, bluesky: BlueskyNetwork
) -> None:
    ear = Ear(connector, MENTIONS)
    said = ear.hear(mention(fan, brand, "איפה ההזמנה?"))
    assert connector.eligible(said.target).public
    assert connector.find("answer-1").finding is Finding.ABSENT
    text = f"שלום @{fan.me.handle}, בודקים 🙏 https://example.com/החזרות #שירות"
    sent = connector.send(text, said.target, "answer-1")
    again = connector.send(text, said.target, "answer-1")
    assert sent == again
    assert connector.find("answer-1").sent == sent
    wait_for(lambda: replies_under(fan, said.external_id) == [text], "the answer stands under the post")
    [record] = [record for record in records_of(brand) if record.text == text]
    assert (record.reply.parent.uri, record.reply.parent.cid) == (said.external_id, said.target["cid"])
    cut = [text.encode()[facet.index.byte_start : facet.index.byte_end].decode() for facet in record.facets]
    assert cut == [f"@{fan.me.handle}", "https://example.com/החזרות", "#שירות"]
    assert record.facets[0].features[0].did == fan.me.did
    notified = wait_for(
        lambda: [n for n in fan.app.bsky.notification.list_notifications().notifications if n.uri == sent.external_id],
        "the customer is told",
    )
    assert notified[0].reason in ("reply", "mention")

    back = answer_to(fan, ear_post(ear, sent.external_id, connector), "ומתי זה מגיע?")
    follow_up = ear.hear(back)
    assert (follow_up.reason, follow_up.parent_external_id) == ("reply", sent.external_id)
    assert follow_up.root_external_id == said.external_id


def test_key_of_another_post_is_refused(connector: Connector) -> None:
    connector.send("ראשון", None, "one-key")
    with pytest.raises(NetworkError, match="this key") as failure:
        connector.send("שני", None, "one-key")
    assert failure.value.then == "never"


@pytest.mark.parametrize("fault", ["hang", "reset", "half", "broken", "garbage", "page"])
def test_lost_answer_of_a_send_is_found_and_never_doubled(
    bluesky: BlueskyNetwork, connector: Connector, brand: Client, fault: str
) -> None:
    assert connector.grant is not None
    with bad_server(upstream=bluesky.pds_url) as between:
        cut = Connector(Grant({**connector.grant.data, "pds": between.url}), seconds=2.0)
        between.spoil(fault, "createRecord")
        between.spoil("busy", "getRecord")  # nor can it be asked at once
        with pytest.raises(NetworkError) as failure:
            cut.send("בדיקה", None, f"lost-{fault}")
        assert failure.value.then == "unknown"
        assert cut.find(f"lost-{fault}").finding is Finding.SENT
        sent = cut.send("בדיקה", None, f"lost-{fault}")
        assert cut.find(f"lost-{fault}").sent == sent
        cut.close()
    assert [record.text for record in records_of(brand)] == ["בדיקה"]


def test_send_that_never_arrived_is_absent(bluesky: BlueskyNetwork, connector: Connector, brand: Client) -> None:
    assert connector.grant is not None
    cut = Connector(Grant({**connector.grant.data, "pds": "http://127.0.0.1:9"}), seconds=2.0)
    with pytest.raises(NetworkError) as failure:
        cut.send("בדיקה", None, "nowhere")
    assert failure.value.then == "retry_at"
    assert connector.find("nowhere").finding is Finding.ABSENT
    assert records_of(brand) == []


def test_find_that_cannot_be_asked_says_so(connector: Connector) -> None:
    assert connector.grant is not None
    cut = Connector(Grant({**connector.grant.data, "pds": "http://127.0.0.1:9"}), seconds=2.0)
    with pytest.raises(NetworkError) as failure:
        cut.find("any")
    assert failure.value.then == "retry_at"


def test_post_that_is_gone_is_not_answered(connector: Connector, brand: Client, fan: Client) -> None:
    ear = Ear(connector, MENTIONS)
    said = ear.hear(mention(fan, brand, "אמחק את זה"))
    fan.delete_post(said.external_id)
    wait_for(lambda: connector.metrics({said.external_id: {}}) == {said.external_id: None}, "the post is gone")
    with pytest.raises(NetworkError, match="gone") as failure:
        connector.send("שלום", said.target, "too-late")
    assert failure.value.then == "never"
    assert connector.find("too-late").finding is Finding.ABSENT


def test_closed_thread_is_not_answered(connector: Connector, brand: Client, fan: Client) -> None:
    ear = Ear(connector, SourceSpec("search", query=f"closed{fan.me.did[-6:]}"))
    made = fan.send_post(f"closed{fan.me.did[-6:]}")
    fan.app.bsky.feed.threadgate.create(
        fan.me.did,
        models.AppBskyFeedThreadgate.Record(post=made.uri, created_at=fan.get_current_time_iso(), allow=[]),
        made.uri.rsplit("/", 1)[1],
    )
    post = wait_for(lambda: (ear.listen() and None) or _closed(ear.connector, ear.spec), "the thread is closed")
    allowed = connector.eligible(post.target)
    assert not allowed.public
    assert "closed" in allowed.reason
    with pytest.raises(NetworkError, match="closed"):
        connector.send("שלום", {**post.target, "closed": False}, "closed-thread")


def test_reply_is_hidden_and_shown_no_more(connector: Connector, brand: Client, fan: Client) -> None:
    ear = Ear(connector, MENTIONS)
    own = published(brand, "פוסט שלנו")
    ref = models.create_strong_ref(own)
    for words in ("גס", "גס מאוד"):
        uri = fan.send_post(words, reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref)).uri
        connector.hide(ear.hear(uri).target)
        connector.hide(ear.posts[uri].target)
    gate = brand.app.bsky.feed.threadgate.get(brand.me.did, own.uri.rsplit("/", 1)[1]).value
    assert gate.post == own.uri
    assert len(gate.hidden_replies) == 2
    models.get_or_create(gate.model_dump(by_alias=True), models.AppBskyFeedThreadgate.Record, strict=True)
    theirs = ear.hear(mention(fan, brand, "שרשור של אחרים"))
    with pytest.raises(NetworkError, match="own threads"):
        connector.hide(theirs.target)


def test_own_post_is_removed_and_counts_are_told(connector: Connector, brand: Client, fan: Client) -> None:
    sent = connector.send("פוסט", None, "to-remove")
    wait_for(lambda: connector.metrics({sent.external_id: {}}).get(sent.external_id), "the post is known")
    cid = fan.get_posts([sent.external_id]).posts[0].cid
    fan.like(sent.external_id, cid)
    fan.repost(sent.external_id, cid)
    wait_for(
        lambda: (told := connector.metrics({sent.external_id: {}})[sent.external_id]).likes == 1 and told.shares == 1,
        "the like and the share are counted",
    )
    connector.delete(sent.external_id)
    connector.delete(sent.external_id)
    assert connector.find("to-remove").finding is Finding.ABSENT
    with pytest.raises(NetworkError, match="own posts"):
        connector.delete(f"at://{fan.me.did}/app.bsky.feed.post/{record_key('x')}")


def test_what_is_only_hidden_is_not_gone_but_a_removed_account_is(
    bluesky: BlueskyNetwork, connector: Connector, brand: Client
) -> None:
    rival = bluesky.person("rival")
    said = published(rival, "אני חוסם אתכם").uri
    record = models.AppBskyGraphBlock.Record(subject=brand.me.did, created_at=rival.get_current_time_iso())
    block = rival.app.bsky.graph.block.create(rival.me.did, record)
    wait_for(lambda: connector.metrics({said: {}}) == {}, "the block hides the post")
    rival.app.bsky.graph.block.delete(rival.me.did, block.uri.rsplit("/", 1)[1])
    wait_for(lambda: connector.metrics({said: {}}).get(said), "the post is shown again")
    rival.com.atproto.server.deactivate_account({})
    wait_for(lambda: connector.metrics({said: {}}) == {}, "the account is away")
    bluesky.remove(rival)
    wait_for(lambda: connector.metrics({said: {}, "https://elsewhere": {}}) == {said: None}, "the account is gone")


def calls(connector: Connector) -> list[Callable[[], object]]:
    return [
        lambda: connector.fetch(MENTIONS, {}),
        lambda: connector.send("אחרי חידוש", None, "renewed"),
        lambda: connector.fetch(SourceSpec("search", query="acme"), {}),
    ]


@pytest.mark.parametrize("number", range(3))
def test_expired_session_renews_itself(connector: Connector, number: int) -> None:
    assert connector.grant is not None
    old = Grant({**connector.grant.data, "access": expired(connector.grant.data["access"])})
    renewed = Connector(old)
    calls(renewed)[number]()
    assert renewed.grant is not None
    assert renewed.grant.data["access"] != old.data["access"]
    assert renewed.grant.data["refresh"] != old.data["refresh"]
    again = renewed.renew(renewed.grant)
    assert again.data["did"] == old.data["did"]


@pytest.mark.parametrize("number", range(3))
def test_session_that_is_over_asks_to_sign_in_again(connector: Connector, number: int) -> None:
    assert connector.grant is not None
    data = connector.grant.data
    ended = Connector(Grant({**data, "access": expired(data["access"]), "refresh": expired(data["refresh"])}))
    with pytest.raises(NetworkError, match="Sign in again") as failure:
        calls(ended)[number]()
    assert failure.value.then == "renew"
    broken = Connector(Grant({**data, "access": "nonsense"}))
    with pytest.raises(NetworkError) as failure:
        broken.fetch(MENTIONS, {})
    assert failure.value.then == "renew"


def test_broken_off_sweep_with_a_forgotten_cursor_begins_again(
    connector: Connector, brand: Client, fan: Client
) -> None:
    ear = Ear(connector, MENTIONS)
    said = mention(fan, brand, "שלום")
    ear.cursor = {"next": "no-such-cursor::", "pages": 1}
    ear.hear(said)


def _heard(ear: Ear) -> set[str]:
    ear.listen()
    return set(ear.posts)


def _closed(connector: Connector, spec: SourceSpec) -> FetchedPost | None:
    posts = connector.fetch(spec, {}).posts
    return next((post for post in posts if post.target["closed"]), None)


def ear_post(ear: Ear, uri: str, connector: Connector) -> FetchedPost:
    """A post of the account itself, by reading its thread."""
    posts = wait_for(
        lambda: {post.external_id: post for post in connector.fetch(SourceSpec("thread", external_id=uri), {}).posts},
        f"{uri} can be read",
    )
    return posts[uri]
