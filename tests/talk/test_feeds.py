"""A feed's trip: connected by its page's address, heard, shown, in trouble, and removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from siach.care.models import Case
from siach.networks.guard import ALLOW_LOCAL
from siach.org.models import LedgerEntry
from siach.talk.actions import listening
from siach.talk.models import Account, Mention, Post, Source
from tests.networks.feed_server import HTML, FeedServer, feed_server, item, rss
from tests.world import World

pytestmark = pytest.mark.django_db
WHERE = reverse("connect_network", args=["feed"])


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    with feed_server() as served:
        served.put("/", '<html><link rel="alternate" type="application/rss+xml" href="/feed"></html>', HTML)
        served.put("/feed", rss(item("1", "לומיקה הגיעה שבורה", at=ago(days=2))))
        yield served


def ago(**much: float) -> str:
    return format_datetime(timezone.now() - timedelta(**much))


def connect(world: World, site: FeedServer, **more: str) -> Source:
    answer = world.client(world.yael).post(WHERE, {"f_address": site.url, **more})
    assert answer.url == reverse("sources")
    world.at = timezone.now() + timedelta(seconds=2)
    return Source.objects.get(network="feed")


def hear(world: World, source: Source) -> int:
    Source.objects.filter(pk=source.pk).update(due_at=timezone.now())
    heard = listening.listen(source_id=source.pk, at=timezone.now())
    world.carry()
    source.refresh_from_db()
    return heard


def test_a_feed_is_connected_by_the_address_of_its_page(world: World, site: FeedServer) -> None:
    yael = world.client(world.yael)
    chooser = yael.get(reverse("connect")).text
    assert WHERE in chooser and "אין צורך בכניסה" in chooser and "מקומות שרק מאזינים להם" in chooser
    form = yael.get(WHERE).text
    assert 'name="f_address"' in form and 'type="checkbox" name="f_about"' in form
    assert "password" not in form and "תשובות יוצאות" not in form
    source = connect(world, site)
    account = source.account
    assert (source.kind, source.brand, account.name) == ("all", world.brand, "חדשות העיר")
    assert account.external_id == f"{site.url}/feed" and source.state == "live"
    page = yael.get(reverse("sources")).text.replace("<wbr>", "")  # where a long address may break
    assert "חדשות העיר" in page and account.handle in page and f"@{account.handle}" not in page
    assert "כניסה מחדש" not in re.sub(r"(?s)^.*?account-feed", "", page), "there is no sign-in to renew"


def test_what_stood_there_is_history_and_what_comes_opens_a_case(world: World, site: FeedServer) -> None:
    source = connect(world, site)
    assert hear(world, source) == 1 and not Case.objects.filter(post__network="feed").exists()
    assert source.due_at > timezone.now() + timedelta(minutes=4), "a feed is asked seldom"
    Source.objects.filter(pk=source.pk).update(connected_at=timezone.now() - timedelta(hours=1))
    new = item("2", "לומיקה לא עונים לי כבר שבוע, מוצר פגום", at=ago(minutes=5), more="<dc:creator>דנה</dc:creator>")
    site.put("/feed", rss(new, item("3", "משהו אחר לגמרי", at=ago(minutes=4))))
    assert hear(world, source) == 2
    post = Post.objects.get(key="127.0.0.1:2")
    assert (post.author.name, post.thread.place, post.is_live, post.is_private) == ("דנה", "חדשות העיר", True, False)
    assert Mention.objects.get(post=post).via == Mention.Via.NAMED
    case = Case.objects.get(post=post)
    assert not Mention.objects.filter(post__key="127.0.0.1:3").exists(), "it does not name the brand"
    shown = world.client(world.dana).get(reverse("case", args=[case.pk]))
    assert "שיח רק מאזין כאן (פיד)" in shown.text, "nothing is sent"
    site.put("/feed", rss(new.replace("שבוע", "שבועיים")))
    assert hear(world, source) == 0
    post.refresh_from_db()
    assert "שבועיים" in post.text


def test_a_feed_about_the_brand_need_not_name_it(world: World, site: FeedServer) -> None:
    source = connect(world, site, f_about="on")
    site.put("/feed", rss(item("4", "הגיע שבור ואף אחד לא עונה", at=ago(minutes=1))))
    hear(world, source)
    mention = Mention.objects.get(post__key="127.0.0.1:4")
    assert (mention.via, mention.brand) == (Mention.Via.GIVEN, world.brand)
    why = world.client(world.dana).get(reverse("why", args=[mention.pk])).text
    assert "כל מה שיש בפיד הזה עוסק במותג" in why


def test_what_gives_no_feed_is_refused_and_the_words_stay(world: World, site: FeedServer) -> None:
    site.put("/plain", "<html><body>hello</body></html>", HTML)
    answer = world.client(world.yael).post(WHERE, {"f_address": f"{site.url}/plain", "f_about": "on"})
    assert answer.status_code == 422 and "העמוד הזה אינו מפנה לפיד" in answer.text
    assert f'value="{site.url}/plain"' in answer.text and "checked" in answer.text
    assert not Account.objects.filter(network="feed").exists()


def test_a_feed_that_ended_says_so_and_is_removed_for_good(world: World, site: FeedServer) -> None:
    source = connect(world, site)
    hear(world, source)
    site.put("/feed", "", status=410)
    hear(world, source)
    assert source.state == "broken"
    yael = world.client(world.yael)
    assert "הוסר לצמיתות" in yael.get(reverse("sources")).text
    yael.post(reverse("change_source", args=[source.pk, "remove"]))
    assert not Account.objects.filter(network="feed").exists() and Post.objects.filter(network="feed").exists()
    assert LedgerEntry.objects.filter(name="source.removed").exists()
    site.put("/feed", rss(item("1", "לומיקה", at=ago(days=2))))
    assert connect(world, site).cursor == {}, "and may be connected again"


def test_a_feed_that_moved_is_asked_at_its_new_place(world: World, site: FeedServer) -> None:
    source = connect(world, site)
    site.put("/new", site.shelves["/feed"].body)
    site.move("/feed", "/new")
    hear(world, source)
    hear(world, source)
    assert site.answers("/new") == [200, 304] and site.answers("/feed") == [200, 301]


def test_a_feed_that_is_asked_once_an_hour_is_not_silent(world: World, site: FeedServer) -> None:
    from siach.talk.queries.hearing import health_of

    source = connect(world, site)
    site.put("/feed", rss(item("1", "א", at=ago(days=2)), head="<ttl>60</ttl>"))
    hear(world, source)
    asked: datetime = source.asked_at
    assert health_of(source, at=asked + timedelta(minutes=59)).tone == ""
    assert health_of(source, at=asked + timedelta(minutes=76)).code == "silent"
