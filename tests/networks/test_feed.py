"""Feeds of every kind, from a server that remembers: read once, asked politely, followed, and never trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from siach.networks.contract import Grant, NetworkError, Page, SourceSpec
from siach.networks.feed.connector import Connector
from siach.networks.guard import ALLOW_LOCAL
from tests.networks.feed_server import ATOM, HTML, JSON, FeedServer, feed_server, item, rss

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ALL = SourceSpec("all")


@pytest.fixture
def site(local: None) -> Iterator[FeedServer]:
    with feed_server() as served:
        yield served


def connected(site: FeedServer, address: str = "/feed", **more: str) -> Connector:
    made = Connector(clock=lambda: NOW, seconds=2)
    who = made.sign_in({"address": site.url + address, **more})
    return Connector(who.grant, clock=lambda: NOW, seconds=2)  # type: ignore[union-attr]


def first(site: FeedServer, body: str | bytes, kind: str = "application/rss+xml", **more: object) -> Page:
    site.put("/feed", body, kind, **more)
    return connected(site).fetch(ALL, {})


def test_an_item_is_a_public_post(site: FeedServer) -> None:
    more = (
        "<link>/a?x=1&amp;y=2</link><dc:creator>רינה לוי</dc:creator>"
        "<content:encoded><![CDATA[<p>המנורה\nהגיעה <b>שבורה</b></p><p>ואין מענה&nbsp;&amp; אין</p>"
        '<script>alert("x")</script><img src="/lamp.jpg" alt="מנורה"><img src="https://t.example/1.gif" width="1">'
        ']]></content:encoded><enclosure url="https://x.example/p.jpg" type="image/jpeg" length="3"/>'
    )
    page = first(site, rss(item("17", "לומיקה &amp;amp; לקוחות", "<p>קצר</p>", more=more)))
    (post,) = page.posts
    assert post.external_id == "127.0.0.1:17" and post.url == f"{site.url}/a?x=1&y=2"
    assert post.text == "לומיקה & לקוחות\n\nהמנורה הגיעה שבורה\n\nואין מענה & אין"
    assert (post.said_at, post.language) == (datetime(2026, 11, 24, 7, 30, tzinfo=UTC), "he")
    assert (post.author.name, post.author.handle) == ("רינה לוי", "")
    assert [one.url for one in post.media] == ["https://x.example/p.jpg", f"{site.url}/lamp.jpg"]
    assert post.media[1].alt == "מנורה" and not post.is_private and post.reason == ""
    assert "שבורה" in json.dumps(post.raw, ensure_ascii=False, default=str)


def test_atom_and_json_tell_the_same(site: FeedServer) -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="he"><title>T</title><entry><id>tag:x,1:a</id>'
        '<title type="text">a &lt;b&gt; c</title><link href="https://x.example/a"/><author><name>Dan</name></author>'
        "<published>2026-11-24T07:00:00Z</published><updated>2026-11-24T07:30:00+00:00</updated>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>one</p><p>two</p></div></content>'
        "</entry></feed>"
    )
    (post,) = first(site, atom, ATOM).posts
    told = {
        "version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "he", "items": [{
            "id": "tag:x,1:a", "url": "https://x.example/a", "title": "a <b> c", "content_html": "<p>one</p><p>two</p>",
            "date_published": "2026-11-24T09:00:00+02:00", "date_modified": "2026-11-24T09:30:00+02:00",
            "authors": [{"name": "Dan"}],
        }],
    }  # fmt: skip
    (same,) = first(site, json.dumps(told), JSON).posts
    assert post.text == "a <b> c\n\none\n\ntwo" and post.edited_at == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    for name in ("external_id", "url", "text", "said_at", "edited_at", "language", "author"):
        assert getattr(post, name) == getattr(same, name), name


def test_a_quiet_feed_costs_one_small_request_and_says_nothing(site: FeedServer) -> None:
    site.put("/feed", rss(item("1", "א")), changed=NOW)
    heard = connected(site)
    page = heard.fetch(ALL, {})
    for marks in ({}, {"etag": False}, {"etag": False, "changed": None}):
        site.shelves["/feed"].__dict__.update({"etag": True, "changed": NOW, **marks})
        quiet = heard.fetch(ALL, page.cursor)
        assert quiet.posts == () and quiet.cursor == page.cursor
    assert site.answers("/feed")[-3:] == [304, 304, 200]
    site.put("/feed", rss(item("1", "א"), item("2", "ב")), changed=NOW)
    assert [post.text for post in heard.fetch(ALL, page.cursor).posts] == ["א", "ב"]


@pytest.mark.parametrize(
    ("headers", "head", "minutes"),
    [
        ({}, "", 5),
        ({"cache-control": "public, max-age=1800"}, "", 30),
        ({"cache-control": "max-age=0"}, "<ttl>60</ttl>", 60),
        ({"retry-after": "7200"}, "<ttl>60</ttl>", 120),
        ({}, "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 360),
        ({"cache-control": "max-age=999999999"}, "<ttl>soon</ttl>", 1440),
    ],
)
def test_a_publisher_is_asked_as_seldom_as_it_wishes(
    site: FeedServer, headers: dict[str, str], head: str, minutes: int
) -> None:
    site.put("/feed", rss(item("1", "א"), head=head), headers=headers)
    heard = connected(site)
    page = heard.fetch(ALL, {})
    assert page.not_before == NOW + timedelta(minutes=minutes)
    assert heard.fetch(ALL, page.cursor).not_before == page.not_before, "nor more often while it is quiet"


def test_the_feed_of_a_page_is_found(site: FeedServer) -> None:
    site.put("/blog/feed", rss(item("1", "א")))
    page = (
        "<!doctype html><html><head><link rel='alternate' type='application/rss+xml' title='Comments' href='c'>"
        "<link rel=alternate type=application/rss+xml title='תגובות' href=/d>"
        "<link rel='stylesheet alternate' type='text/css' href='x.css'>"
        "<link rel='alternate' type='application/rss+xml; charset=utf-8' href='feed'></head><body>hello</body></html>"
    )
    site.put("/blog/", page, HTML)
    assert connected(site, "/blog/").grant.data["url"] == f"{site.url}/blog/feed"  # type: ignore[union-attr]
    site.put("/plain", "<html><body>hello</body></html>", HTML)
    with pytest.raises(NetworkError, match="names no feed") as failure:
        connected(site, "/plain")
    assert failure.value.then == "never"


def test_a_feed_that_moved_for_good_is_asked_there_and_keeps_its_posts(site: FeedServer) -> None:
    heard_first = first(site, rss(item("1", "א")))
    heard = connected(site)
    site.put("/new", rss(item("1", "א"), item("2", "ב")))
    site.move("/feed", "/there")
    site.move("/there", "/new", 302)
    page = heard.fetch(ALL, heard_first.cursor)
    assert [post.external_id for post in page.posts] == ["127.0.0.1:1", "127.0.0.1:2"]
    assert heard.grant == Grant({"url": f"{site.url}/there", "place": "127.0.0.1", "about": ""}), (
        "the second is for now"
    )
    site.move("/new", "/there")
    with pytest.raises(NetworkError, match="without an end") as failure:
        heard.fetch(ALL, {})
    assert failure.value.then == "retry_at"


@pytest.mark.parametrize(
    ("status", "then", "said"),
    [(410, "never", "gone for good"), (404, "retry_at", "Nothing stands"), (401, "renew", "asks for a sign-in")],
)
def test_an_address_that_gives_nothing_says_why(site: FeedServer, status: int, then: str, said: str) -> None:
    site.put("/feed", rss(item("1", "א")))
    heard = connected(site)
    site.put("/feed", "", HTML, status=status)
    with pytest.raises(NetworkError, match=said) as failure:
        heard.fetch(ALL, {})
    assert failure.value.then == then


def test_a_feed_that_says_that_it_ended_is_read_to_its_end(site: FeedServer) -> None:
    told = {
        "version": "https://jsonfeed.org/version/1",
        "title": "T",
        "expired": True,
        "items": [{"id": 3, "url": "x"}],
    }
    page = first(site, json.dumps(told), JSON)
    assert [post.external_id for post in page.posts] == ["127.0.0.1:3"]
    with pytest.raises(NetworkError, match="no more will come") as failure:
        connected(site).fetch(ALL, page.cursor)
    assert failure.value.then == "never"


def test_an_edited_item_is_the_same_post(site: FeedServer) -> None:
    items = ("<item><link>/a</link><title>A</title></item>", "<item><title>no name</title></item>")
    before = first(site, rss(item("1", "א", "ישן"), *items)).posts
    after = first(site, rss(item("1", "א", "חדש"), *items)).posts
    assert [post.external_id for post in before] == [post.external_id for post in after]
    assert before[1].external_id == f"127.0.0.1:{site.url}/a"
    assert len({post.external_id for post in before}) == 3 and before[0].text != after[0].text


def test_an_id_that_all_items_share_names_none_of_them(site: FeedServer) -> None:
    page = first(site, rss(item("1", "א", more="<link>/a</link>"), item("1", "ב", more="<link>/b</link>")))
    assert [post.external_id for post in page.posts] == [f"127.0.0.1:{site.url}/{name}" for name in "ab"]


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Tue, 24 Nov 2099 08:00:00 GMT"])
def test_an_item_without_a_true_time_is_as_old_as_we_know(site: FeedServer, date: str) -> None:
    page = first(site, rss(item("1", "א", at=date)))
    assert page.posts[0].said_at == NOW - timedelta(days=1), "what stood here before we came is history"
    site.put("/feed", rss(item("2", "ב", at=date)))
    assert connected(site).fetch(ALL, page.cursor).posts[0].said_at == NOW


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("cp1255", "windows-1255", ""),
        ("iso8859-8", "ISO-8859-8-I", ""),
        ("utf-16", "utf-16", ""),
        ("cp1255", "", "; charset=windows-1255"),
        ("cp1255", "", ""),
        ("cp1255", "utf-8", ""),
        ("utf-8", "utf-7", ""),
    ],
)
def test_hebrew_is_read_however_it_is_written(site: FeedServer, charset: str, declared: str, header: str) -> None:
    text = rss(item("1", "שלום לכולם")).replace(' encoding="UTF-8"', f' encoding="{declared}"' if declared else "")
    page = first(site, text.encode(charset), f"text/xml{header}")
    assert page.posts[0].text == "שלום לכולם" and page.posts[0].author.name == "חדשות העיר"


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BOMB, FILE, BOMB.lower(), "<!-- -->" + BOMB, '<!DOCTYPE r PUBLIC "x" "y" [ ]>'])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_refused(site: FeedServer, declared: str, charset: str) -> None:
    site.put("/feed", rss(item("1", "א")))
    heard = connected(site)
    text = rss(item("1", "&a;")).replace("UTF-8", charset).replace("?>\n", f"?>{declared}\n")
    site.put("/feed", text.encode(charset))
    with pytest.raises(NetworkError, match="no feed that can be read"):
        heard.fetch(ALL, {})


def test_an_old_feed_that_only_names_its_document_type_is_read(site: FeedServer) -> None:
    named = '?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.example/rss-0.91.dtd">\n'
    assert len(first(site, rss(item("1", "א", "<!DOCTYPE x [<!ENTITY")).replace("?>\n", named)).posts) == 1


@pytest.mark.parametrize("inside", ["<a>" * 20_000, "<x:b><a></x:c>" * 20_000, "<" * 600_000, "&" * 1_100_000])
def test_markup_without_an_end_is_not_begun(site: FeedServer, inside: str) -> None:
    site.put("/feed", rss(item("1", "א")))
    heard = connected(site)
    site.put("/feed", rss(inside))
    with pytest.raises(NetworkError, match="no feed that can be read"):
        heard.fetch(ALL, {})


def test_html_that_only_keeps_a_reader_busy_still_says_its_words(site: FeedServer) -> None:
    deep = "<div>" * 50_000
    page = first(site, rss(item("1", "א", f"<p>ב</p>{deep}ג"), item("2", "ד", "<img " * 100_000)))
    assert page.posts[0].text == "א\n\nב\n\nג" and page.posts[0].media == ()


def test_text_from_outside_cannot_turn_the_page_around(site: FeedServer) -> None:
    page = first(site, rss(item("1", "\u202eevil\u2066", "a\u0007b\u202d &#8238;c <svg><style>x</style>y</svg>")))
    assert page.posts[0].text == "evil\n\nab c"


def test_a_broken_feed_still_gives_what_can_be_read(site: FeedServer) -> None:
    broken = rss(item("1", "a & b <br> c"), item("2", "ב")).replace("</channel></rss>", "")
    assert [post.external_id for post in first(site, broken).posts] == ["127.0.0.1:1", "127.0.0.1:2"]


def test_comments_join_the_article_that_names_their_feed(site: FeedServer) -> None:
    talk = f"<wfw:commentRss>{site.url}/{{}}/talk</wfw:commentRss><slash:comments>{{}}</slash:comments>"
    comment = item("c1", "מאת: דנה", "ואני <b>חיכיתי</b> חודש", more="<dc:creator>דנה</dc:creator>")
    site.put("/1/talk", rss(comment))
    page = first(site, rss(item("1", "א", more=talk.format(1, 1)), item("2", "ב", more=talk.format(2, 0))))
    article, said, _other = page.posts
    assert (said.parent_external_id, said.root_external_id, said.text) == (article.external_id,) * 2 + (
        "ואני חיכיתי חודש",
    )
    assert site.answers("/2/talk") == [], "nobody asks for comments where there are none"

    site.put("/feed", rss(item("1", "א!", more=talk.format(1, 1))))
    heard = connected(site)
    later = heard.fetch(ALL, page.cursor)
    assert len(later.posts) == 1 and site.answers("/1/talk") == [200], "nor where none was added"
    site.put("/feed", rss(item("1", "א!", more=talk.format(1, 2))))
    site.put("/1/talk", "", status=503)
    failed = heard.fetch(ALL, later.cursor)
    site.put("/1/talk", rss(comment, item("c2", "", "גם אני")))
    again = heard.fetch(ALL, failed.cursor)
    assert [post.text for post in again.posts] == ["א!", "ואני חיכיתי חודש", "גם אני"], "what failed is asked for again"
    assert heard.fetch(ALL, again.cursor).posts == ()


def test_an_answer_names_what_it_answers(site: FeedServer) -> None:
    page = first(
        site, rss(item("c1", "Re", "גם אני", more='<thr:in-reply-to ref="tag:x,1:a" href="https://x.example/a"/>'))
    )
    assert page.posts[0].parent_external_id == page.posts[0].root_external_id == "127.0.0.1:tag:x,1:a"


def test_nobody_reads_talk_of_another_place(site: FeedServer) -> None:
    more = "<wfw:commentRss>http://10.0.0.1/talk</wfw:commentRss><slash:comments>3</slash:comments>"
    assert len(first(site, rss(item("1", "א", more=more))).posts) == 1


def test_all_of_a_feed_may_be_about_the_brand(site: FeedServer) -> None:
    site.put("/feed", rss(item("1", "א")))
    assert connected(site, about="1").fetch(ALL, {}).posts[0].reason == "about"


@pytest.mark.parametrize(
    "typed", ["", "10.0.0.1/feed", "http://localhost:1/", "ftp://x.example/a", "https://u:p@x.example", "//"]
)
def test_an_address_of_no_public_server_is_refused(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_LOCAL, raising=False)
    with pytest.raises(NetworkError) as failure:
        Connector(seconds=1).sign_in({"address": typed})
    assert failure.value.then == "never"


def test_a_redirect_leads_to_no_inner_address(site: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_LOCAL)
    heard = Connector(Grant({"url": f"{site.url}/feed", "place": "x", "about": ""}), seconds=1)
    with pytest.raises(NetworkError) as failure:
        heard.fetch(ALL, {})
    assert failure.value.then == "never" and site.taken == []
