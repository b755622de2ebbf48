"""Reading and writing a Mastodon that pages, limits, hides and forgets as the real one does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from mastodon import Mastodon

from siach.networks.contract import Finding, Grant, NetworkError, Page, SourceSpec
from siach.networks.mastodon import listen, read, session
from siach.networks.mastodon.connector import Connector
from tests.networks.bad_server import BadServer
from tests.networks.fake_mastodon import NOW, FakeMastodon, stamp
from tests.networks.test_contract import mastodon_grant

MENTIONS = SourceSpec("mentions")
NOTIFICATIONS = "/api/v1/notifications"


@pytest.fixture
def fake(bad: BadServer) -> FakeMastodon:
    return FakeMastodon(bad)


@pytest.fixture
def connector(bad: BadServer, fake: FakeMastodon) -> Iterator[Connector]:
    made = Connector(mastodon_grant(bad.url), clock=lambda: NOW, sleep=lambda _: None, seconds=2.0)
    yield made
    made.close()


def hear(connector: Connector, spec: SourceSpec = MENTIONS, cursor: dict[str, object] | None = None) -> list[Page]:
    pages = [connector.fetch(spec, cursor or {})]
    while pages[-1].more:
        pages.append(connector.fetch(spec, pages[-1].cursor))
    return pages


def heard(pages: list[Page]) -> list[str]:
    return [post.text for page in pages for post in page.posts if post.reason != "thread"]


# --- the fake is as its real one: the client that everybody uses reads it, and asks as we do -------------------------


def asked(bad: BadServer) -> set[tuple[str, str, frozenset[str]]]:
    """What was asked since, and by which parameters."""
    made = {
        (one.method, one.path, frozenset([*one.params, *(one.body or {})]) - {"sensitive", "min_id"})
        for one in bad.taken
    }
    bad.taken.clear()
    return made


@pytest.fixture
def client(bad: BadServer, fake: FakeMastodon) -> Mastodon:
    """The client that everybody uses; it has looked at the server already."""
    made = Mastodon(access_token="refresh", api_base_url=bad.url, version_check_mode="none")
    assert made.instance_v2().configuration.statuses.max_characters == 1000
    bad.taken.clear()
    return made


def test_the_client_that_everybody_uses_hears_from_the_fake_and_asks_as_we_do(
    bad: BadServer, fake: FakeMastodon, connector: Connector, client: Mastodon
) -> None:
    fake.size = 2
    root = fake.say("שורש")
    ids = [fake.mention(f"אזכור {number}", under=root) for number in range(5)]
    every = client.fetch_remaining(client.notifications(types=["mention", "quote"], limit=listen.PAGE))
    assert [one.status.content for one in every] == [f"<p>אזכור {number}</p>" for number in reversed(range(5))]
    assert (every[0].type, every[0].account.acct) == ("mention", "fan@far.test")
    for id in ids:
        assert [one.id for one in client.status_context(id).ancestors] == [root]
    theirs = asked(bad)
    hear(connector)
    assert asked(bad) == theirs and len(theirs) == 7


def test_the_client_that_everybody_uses_speaks_to_the_fake_and_asks_as_we_do(
    bad: BadServer, fake: FakeMastodon, connector: Connector, client: Mastodon
) -> None:
    ids = [fake.mention(f"אזכור {number}", visibility="unlisted") for number in range(2)]
    assert [one.uri for one in client.statuses(ids)] == [fake.uri(id) for id in ids]
    assert client.status(ids[0]).visibility == "unlisted"
    words = {"in_reply_to_id": ids[0], "visibility": "unlisted", "language": "he"}
    posted = client.status_post("@fan@far.test שלום", idempotency_key="k", **words)
    assert (posted.in_reply_to_id, posted.visibility, posted.language) == (ids[0], "unlisted", "he")
    theirs = asked(bad)
    targets = {fake.uri(id): target_of(fake, connector, id) for id in ids}
    connector.metrics(targets)
    connector.send("שלום", targets[fake.uri(ids[0])], "k2")
    assert asked(bad) == theirs and len(theirs) == 3
    assert client.search_v2("אזכור", result_type="statuses").statuses[0].account.acct == "fan@far.test"
    assert client.timeline_hashtag("x") == [] and client.account_relationships(["2"])[0].blocked_by is False


# --- hearing -----------------------------------------------------------------------------------------------------


def test_all_is_heard_once_over_many_pages_and_a_quiet_poll_costs_one_request(
    bad: BadServer, fake: FakeMastodon, connector: Connector
) -> None:
    fake.size = 7
    for number in range(30):
        fake.mention(f"ראשון {number}")
    first = hear(connector)
    assert sorted(heard(first)) == sorted(f"ראשון {number}" for number in range(30))
    for number in range(20):
        fake.mention(f"שני {number}")
    broken_off = connector.fetch(MENTIONS, first[-1].cursor)
    assert broken_off.more
    fake.mention("בינתיים")
    rest = [broken_off, *hear(connector, cursor=dict(broken_off.cursor))]
    later = hear(connector, cursor=dict(rest[-1].cursor))
    assert sorted(heard([*rest, *later])) == sorted(["בינתיים", *(f"שני {number}" for number in range(20))])
    bad.taken.clear()
    quiet = connector.fetch(MENTIONS, later[-1].cursor)
    assert (quiet.posts, quiet.cursor, quiet.more, len(bad.taken)) == ((), later[-1].cursor, False, 1)


def test_what_arrives_days_after_it_was_written_is_heard(fake: FakeMastodon, connector: Connector) -> None:
    fake.size = 5
    fake.mention("ראשון")
    pages = hear(connector)
    for number in range(12):
        fake.mention(f"מאחר {number}", created_at=stamp(NOW - timedelta(days=3)))
    later = Connector(connector.grant, clock=lambda: NOW + timedelta(minutes=11), sleep=lambda _: None)
    assert len(heard(hear(later, cursor=dict(pages[-1].cursor)))) == 12
    later.close()


def test_a_thread_is_tied_together_and_says_why_each_came(fake: FakeMastodon, connector: Connector) -> None:
    root = fake.say("היום יוצא", by="1")
    middle = fake.say("מישהו קנה?", under=root)
    fake.mention("אני", under=middle)
    fake.mention("אליכם", under=root)
    fake.mention("תראו", kind="quote", quotes_count=2, favourites_count=3, reblogs_count=1)
    (page,) = hear(connector)
    posts = {post.text: post for post in page.posts}
    assert {text: post.reason for text, post in posts.items()} == {
        "היום יוצא": "thread",
        "מישהו קנה?": "thread",
        "אני": "mention",
        "אליכם": "reply",
        "תראו": "quote",
    }
    assert posts["אני"].parent_external_id == posts["מישהו קנה?"].external_id
    assert {posts[text].root_external_id for text in ("אני", "מישהו קנה?", "אליכם")} == {fake.uri(root)}
    assert posts["היום יוצא"].root_external_id is None
    assert (posts["תראו"].metrics.shares, posts["תראו"].metrics.likes) == (3, 3)
    assert posts["אני"].author.handle == "fan@far.test" and posts["היום יוצא"].author.handle == "brand@brand.test"


def test_what_becomes_scarce_is_left_for_answers(fake: FakeMastodon, connector: Connector) -> None:
    def rests(left: int) -> timedelta | None:
        fake.left = left
        at = connector.fetch(MENTIONS, {}).not_before
        return at - NOW if at else None

    assert (rests(301), rests(152)) == (None, None)
    assert rests(140) == timedelta(seconds=15)
    assert rests(20) == timedelta(minutes=5)


def test_a_server_without_search_is_heard_by_its_tags_alone(
    bad: BadServer, fake: FakeMastodon, connector: Connector
) -> None:
    fake.say("קניתי #לומיקה")
    bad.answers["/api/v2/search"] = lambda *_: (404, {"error": "Record not found"})
    assert heard(hear(connector, SourceSpec("search", query="לומיקה"))) == ["קניתי #לומיקה"]
    assert heard(hear(connector, SourceSpec("search", query="#לומיקה"))) == ["קניתי #לומיקה"]
    with pytest.raises(NetworkError):
        connector.fetch(SourceSpec("search", query=" "), {})


@pytest.mark.parametrize(
    ("query", "tag"), [("לומיקה", "לומיקה"), ('"Lumika Lamp"', "lumikalamp"), ("#X", "x"), ("from:me", ""), ("24", "")]
)
def test_a_query_as_a_tag(query: str, tag: str) -> None:
    assert listen.tag_of(query) == tag


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>שלום<br>לכם</p><p>פסקה &lt;b&gt; &amp; עוד</p>", "שלום\nלכם\n\nפסקה <b> & עוד"),
        (
            '<p><a href="https://example.com/ab"><span class="invisible">https://</span><span class="ellipsis">'
            'example.com/a</span><span class="invisible">b</span></a></p>',
            "https://example.com/ab",
        ),
        (
            '<p><span class="h-card"><a href="https://x/@brand">@<span>brand</span></a></span> הי</p>',
            "@brand הי",
        ),
        ("<script>alert(1)</script><p onclick=x>a</p><ul><li>b</li><li>c</li></ul>", "a\n\nb\nc"),
        ("", ""),
        ("<p>" * 5000, ""),
    ],
)
def test_markup_becomes_plain_text(html: str, text: str) -> None:
    assert read.plain(html) == text


# --- speaking ----------------------------------------------------------------------------------------------------


def target_of(fake: FakeMastodon, connector: Connector, id: str) -> dict[str, object]:
    return read.target(fake.statuses[id], fake.bad.url, "brand.test")


def test_one_key_makes_one_post_and_what_never_arrived_may_go_again(
    bad: BadServer, fake: FakeMastodon, connector: Connector
) -> None:
    target = target_of(fake, connector, fake.mention("איפה?"))
    first = connector.send("בודקים", target, "key")
    assert connector.send("בודקים", target, "key") == first
    own = [one for one in fake.statuses.values() if one["account"]["id"] == "1"]
    assert [(one["content"], one["language"]) for one in own] == [("<p>@fan@far.test בודקים</p>", "he")]
    assert {one.headers.get("idempotency-key") for one in bad.taken if one.method == "POST"} == {"key"}
    assert connector.find("key", "בודקים", target).sent == first
    assert connector.find("other", "משהו אחר", target).finding is Finding.ABSENT
    for number in range(40):
        fake.say(f"עוד {number}", by="1")
    assert connector.find("other", "משהו אחר", target).finding is Finding.UNSURE, "too many since to be sure"
    fake.version = "2.7.2 (compatible; Pleroma 2.9)"
    assert connector.grant is not None
    other = Connector(Grant({**connector.grant.data, "version": fake.version}), sleep=lambda _: None)
    assert other.find("other", "משהו אחר", target).finding is Finding.UNSURE


@pytest.mark.parametrize(("visibility", "shown"), [("unlisted", True), ("private", False), ("direct", False)])
def test_an_answer_is_as_private_as_its_post_and_names_only_who_takes_part(
    fake: FakeMastodon, connector: Connector, visibility: str, shown: bool
) -> None:
    friend = {"id": "3", "username": "dana", "acct": "dana", "url": "https://brand.test/@dana"}
    target = target_of(fake, connector, fake.mention("בסוד", visibility=visibility, mentions=[friend]))
    assert connector.eligible(target).public == shown and connector.eligible(target).private != shown
    connector.send("@Dana@brand.test רואים גם", target, "1")
    assert [*fake.statuses.values()][-1]["visibility"] == visibility
    if shown:
        connector.send("@other@far.test הוזכר", target, "2")
        return
    with pytest.raises(NetworkError, match="private conversation"):
        connector.send("@other@far.test הוזכר", target, "2")


def test_a_post_that_became_private_since_is_answered_in_private(fake: FakeMastodon, connector: Connector) -> None:
    id = fake.mention("גלוי")
    target = target_of(fake, connector, id)
    fake.statuses[id]["visibility"] = "direct"
    connector.send("כאן", target, "1")
    assert [*fake.statuses.values()][-1]["visibility"] == "direct"


def test_the_length_is_the_servers_own_as_it_counts(bad: BadServer, fake: FakeMastodon) -> None:
    connector = Connector(clock=lambda: NOW)
    connector.sign_in({"server": bad.url, "token": "refresh"})
    assert connector.text_limit.length == 1000
    target = target_of(fake, connector, fake.mention("x"))
    words = f"{'א' * (1000 - 5 - 24)} https://example.com/{'x' * 90}"
    connector.check_text(words, target)
    for text in (f"א{words}", "א" * 1001):
        with pytest.raises(NetworkError, match="takes 1000"):
            connector.check_text(text, target)


@pytest.mark.parametrize(
    ("typed", "server"),
    [
        ("mastodon.social", "https://mastodon.social"),
        (" @name@mastodon.social\u200f ", "https://mastodon.social"),
        ("https://mastodon.social/@name", "https://mastodon.social"),
    ],
)
def test_a_server_is_understood_as_people_write_it(typed: str, server: str) -> None:
    assert session.server_of(typed) == server


@pytest.mark.parametrize("typed", ["", "http://mastodon.social", "https://user:pass@x.example", "not a server"])
def test_what_is_no_server_is_told_in_words(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.delenv("SIACH_ALLOW_LOCAL_NETWORKS", raising=False)
    with pytest.raises(NetworkError) as failure:
        Connector().sign_in({"server": typed})
    assert failure.value.then in ("never", "retry_at")


# --- whether posts stand -----------------------------------------------------------------------------------------


@pytest.fixture
def posts(fake: FakeMastodon, connector: Connector) -> dict[str, dict[str, object]]:
    ids = [fake.mention("נשאר", favourites_count=4), fake.mention("נמחק")]
    return {fake.uri(id): target_of(fake, connector, id) for id in ids}


def test_what_was_deleted_is_gone_and_the_rest_is_counted_in_one_request(
    bad: BadServer, fake: FakeMastodon, connector: Connector, posts: dict[str, dict[str, object]]
) -> None:
    stays, goes = posts
    bad.taken.clear()
    assert all(connector.metrics(posts).values()) and len(bad.taken) == 1
    fake.statuses.pop(str(posts[goes]["id"]))
    told = connector.metrics(posts)
    assert told[goes] is None and (now := told[stays]) is not None and now.likes == 4


@pytest.mark.parametrize("why", ["blocked", "suspended", "followers", "elsewhere", "void"])
def test_what_is_only_hidden_is_not_taken_for_gone(
    bad: BadServer, fake: FakeMastodon, connector: Connector, posts: dict[str, dict[str, object]], why: str
) -> None:
    for id in list(fake.statuses):
        fake.hidden.add(id)
    if why == "blocked":
        fake.blocked_by.add("2")
    elif why == "suspended":
        fake.accounts["2"]["suspended"] = True
    elif why == "followers":
        posts = {uri: {**target, "visibility": "private", "people": []} for uri, target in posts.items()}
    elif why == "elsewhere":
        posts = {uri: {**target, "server": "https://other.test"} for uri, target in posts.items()}
    else:
        bad.answers["/api/v1/accounts/verify_credentials"] = lambda *_: (404, {"error": "Not Found"})
        with pytest.raises(NetworkError):
            connector.metrics(posts)
        return
    assert connector.metrics(posts) == {}


def test_with_its_author_a_post_is_gone(
    fake: FakeMastodon, connector: Connector, posts: dict[str, dict[str, object]]
) -> None:
    fake.statuses.clear()
    fake.accounts.pop("2")
    assert connector.metrics(posts) == dict.fromkeys(posts)
    assert re.match("https://far.test/users/fan/statuses/", next(iter(posts)))


def test_markup_made_to_keep_a_reader_busy_is_read_at_once() -> None:
    assert read.plain("<div>" * 50_000 + "<p>שבורה &amp; יקרה</p>") == "שבורה & יקרה"
