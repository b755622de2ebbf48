"""A feed whose hub tells of its news: asked, agreed, heard at once, renewed, refused, and left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from siach.networks.guard import ALLOW_LOCAL
from siach.org.actions import add_brand
from siach.org.seal import unseal
from siach.talk import connections
from siach.talk.actions import leaving, listening, pushing, sources
from siach.talk.connections import NetworkError
from siach.talk.models import Post, Source, Subscription
from tests.talk.pushed import Feed, clock, feed, hub, site

__all__ = ["clock", "feed", "hub", "site"]
pytestmark = pytest.mark.django_db
State = Subscription.State
DAY = timedelta(days=1)


def test_what_is_published_is_heard_at_once(feed: Feed) -> None:
    feed.poll()
    assert feed.code == "asked" and not feed.hub.taken
    feed.turn()
    assert feed.code == "asked", "the hub's word comes with its own call"
    assert feed.hub.settle(at=timezone.now()) == [200]
    row = feed.row
    (_path, wish) = feed.hub.taken[0]
    assert (feed.code, row.held_at, row.until) == ("held", timezone.now(), timezone.now() + timedelta(days=7))
    assert wish["hub.callback"] == f"http://localhost:8000{feed.path}" and len(row.address) == 32
    assert bytes(wish["hub.secret"], "ascii") not in bytes(row.secret)
    feed.later(seconds=20)
    assert feed.turn() == 0, "the next poll is minutes away"
    assert feed.publish("2") == [202] and not Post.objects.filter(key__endswith=":2").exists(), "it is a knock"
    assert feed.turn() == 1 and Post.objects.filter(key__endswith=":2").exists()
    assert feed.turn() == 0 and feed.site.answers("/feed")[-2:] == [200, 200]
    feed.later(seconds=20)
    assert feed.hub.publish(feed.topic, b"<rss>not what stands there</rss>", at=timezone.now()) == [202]
    assert feed.turn() == 0 and feed.site.answers("/feed")[-1] == 304, "what a call brings is not read"


def test_a_call_again_and_again_has_it_looked_at_no_more_often(feed: Feed) -> None:
    feed.agree()
    feed.later(minutes=1)
    asked = len(feed.site.taken)
    for _second in range(20):
        assert feed.hub.publish(feed.topic, b"x", at=timezone.now()) == [202]
        feed.turn()
        feed.later(seconds=1)
    assert len(feed.site.taken) - asked == 4
    feed.later(seconds=10)
    feed.turn()
    assert len(feed.site.taken) - asked == 5, "the last is heard too"


def test_news_during_a_look_is_looked_at_once_more(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.agree()
    feed.later(minutes=10)
    fetch = connections.fetch

    def slow(source: Source) -> Any:
        page = fetch(source)
        feed.later(seconds=3)
        assert feed.publish("2") == [202]
        monkeypatch.setattr(connections, "fetch", fetch)
        return page

    monkeypatch.setattr(connections, "fetch", slow)
    assert feed.turn() == 0
    feed.later(seconds=6)
    assert feed.turn() == 1


def test_a_feed_that_fails_keeps_its_own_pause(feed: Feed) -> None:
    feed.agree()
    feed.site.put("/feed", "", status=503, headers={"retry-after": "3600"})
    feed.poll()
    due = Source.objects.get(pk=feed.source.pk).due_at
    feed.later(minutes=1)
    assert feed.hub.publish(feed.topic, b"x", at=timezone.now()) == [202]
    assert Source.objects.get(pk=feed.source.pk).due_at == due


def test_a_lease_is_renewed_before_it_ends(feed: Feed) -> None:
    began = feed.agree().held_at
    feed.hub.longest = 3_600
    feed.later(days=5)
    assert feed.poll() == 0 and len(feed.hub.taken) == 1
    feed.later(hours=7)
    feed.turn()
    assert [form["hub.secret"] for _path, form in feed.hub.taken] == [feed.hub.taken[0][1]["hub.secret"]] * 2
    assert feed.code == "held" and feed.hub.settle(at=timezone.now()) == [200]
    row = feed.row
    assert (row.held_at, row.until) == (began, timezone.now() + timedelta(hours=1)), "as long as the hub says"
    assert row.due_at == timezone.now() + timedelta(minutes=45)
    feed.hub.longest = 10**9
    feed.later(minutes=46)
    feed.turn()
    feed.hub.settle(at=timezone.now())
    assert feed.row.until == timezone.now() + timedelta(days=7)


def test_a_hub_that_calls_before_it_answers_is_believed(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    def subscribe(network: str, push: connections.Push, *, callback: str, secret: str, seconds: int) -> None:
        wish = {"hub.mode": "subscribe", "hub.topic": push.topic, "hub.callback": callback, "hub.secret": secret}
        assert feed.hub.make_sure(wish, at=timezone.now()) == 200
        raise NetworkError("The server did not answer in time.", "retry_at")

    monkeypatch.setattr(connections, "subscribe", subscribe)
    feed.poll()
    feed.turn()
    assert (feed.code, feed.row.error) == ("held", "")


@pytest.mark.parametrize(("status", "next_"), [(503, timedelta(minutes=10)), (403, DAY), (302, DAY)])
def test_a_hub_that_refuses_or_is_away_leaves_the_polls(feed: Feed, status: int, next_: timedelta) -> None:
    feed.hub.status = status
    feed.poll()
    feed.turn()
    assert (feed.code, feed.row.due_at) == ("refused", timezone.now() + next_)
    feed.told.append("2")
    feed.put()
    feed.later(minutes=6)
    assert feed.turn() == 1, "the polls go on"
    for tries in range(2, 7):
        feed.clock[0] = feed.row.due_at
        feed.turn()
        assert len(feed.hub.taken) == tries and feed.row.due_at - timezone.now() <= DAY
    feed.hub.status = 202
    feed.clock[0] = feed.row.due_at
    feed.turn()
    feed.hub.settle(at=timezone.now())
    assert feed.code == "held", "it is asked again, ever more seldom"


def test_a_hub_that_never_calls_back_is_not_waited_for(feed: Feed) -> None:
    feed.poll()
    feed.turn()
    feed.later(minutes=11)
    feed.turn()
    assert (feed.code, feed.row.error) == ("refused", pushing.NO_CALL) and len(feed.hub.taken) == 2
    assert feed.hub.settle(at=timezone.now()) == [200, 200] and feed.code == "held"


def test_a_lease_that_nobody_renewed_is_lost_in_words(feed: Feed) -> None:
    feed.agree()
    feed.hub.status = 503
    feed.later(days=6)
    feed.poll()
    assert feed.code == "held" and feed.row.error, "what it agreed to still stands"
    feed.later(days=1, minutes=1)
    assert feed.code == "refused"
    feed.turn()
    assert (feed.row.state, feed.row.held_at) == (State.REFUSED, None)


def test_a_hub_may_end_it_by_its_own_word(feed: Feed) -> None:
    feed.agree()
    assert feed.hub.deny(feed.topic, f"http://localhost:8000{feed.path}") == 200
    assert (feed.code, feed.row.due_at) == ("refused", timezone.now() + DAY)
    assert feed.poll() == 0 and len(feed.hub.taken) == 1


def test_a_feed_without_a_hub_is_left_and_told_so(feed: Feed) -> None:
    feed.agree()
    feed.put(head="")
    feed.later(minutes=5)
    feed.poll()
    assert feed.code == "held", "a word that changes at every look is not followed"
    feed.later(hours=1)
    feed.poll()
    assert feed.code == "" and feed.row.source is None
    feed.turn()
    assert feed.hub.taken[-1][1]["hub.mode"] == "unsubscribe" and feed.row.state == State.ENDED
    assert feed.hub.publish(feed.topic, b"x", at=timezone.now()) == [410]
    assert feed.hub.settle(at=timezone.now()) == [200]
    assert not feed.hub.held and not Subscription.objects.exists()


def test_a_feed_that_changes_its_hub_is_asked_for_at_the_other(feed: Feed) -> None:
    first = feed.agree()
    feed.later(hours=2)
    feed.put(head=f'<atom:link rel="hub" href="{feed.hub.url}/other"/>')
    feed.poll()
    feed.turn()
    asked = [(path, form["hub.mode"]) for path, form in feed.hub.taken[1:]]
    assert sorted(asked) == [("/", "unsubscribe"), ("/other", "subscribe")]
    assert feed.hub.settle(at=timezone.now()) == [200, 200]
    assert feed.code == "held" and feed.row.address != first.address and len(feed.hub.held) == 1


@pytest.mark.parametrize("deed", ["pause", "remove", "hush"])
def test_a_source_that_hears_no_more_is_unsubscribed(feed: Feed, deed: str) -> None:
    feed.agree()
    if deed == "hush":
        leaving.hush(feed.world.org, at=timezone.now())
    else:
        getattr(sources, deed)(source=feed.source, by=feed.world.noam, at=timezone.now())
    feed.later(seconds=30)
    feed.turn()
    assert feed.hub.taken[-1][1]["hub.mode"] == "unsubscribe"
    assert feed.hub.settle(at=timezone.now()) == [200] and not Subscription.objects.exists()
    if deed == "pause":
        sources.resume(source=feed.source, by=feed.world.noam, at=timezone.now())
        assert feed.agree().state == State.HELD


def test_a_hub_that_hears_no_farewell_is_told_three_times(feed: Feed) -> None:
    feed.agree()
    sources.remove(source=feed.source, by=feed.world.noam, at=timezone.now())
    feed.hub.status = 503
    for _try in range(3):
        feed.turn()
        feed.clock[0] = feed.row.due_at
    feed.turn()
    assert len(feed.hub.taken) == 4 and not Subscription.objects.exists()


def test_who_cannot_be_called_asks_nobody(feed: Feed, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(pushing.connections, "is_callable", lambda url: asked.append(url))
    feed.poll()
    feed.turn()
    assert not feed.hub.taken and not Subscription.objects.exists() and set(asked) == {settings.SIACH_ADDRESS}


def test_a_hub_inside_is_refused_by_the_guard(feed: Feed, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    feed.put(head='<atom:link rel="hub" href="https://10.0.0.7/hub"/>')
    feed.poll()
    settings.SIACH_ADDRESS = "https://siach.example.com"
    monkeypatch.delenv(ALLOW_LOCAL)
    pushing.ask(subscription_id=feed.row.pk, at=timezone.now())
    assert feed.code == "refused" and "private network" in feed.row.error
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    feed.later(minutes=6)
    feed.told.append("2")
    feed.put()
    assert feed.turn() == 1


def test_a_lost_ring_asks_anew_with_another_secret(feed: Feed) -> None:
    row = feed.agree()
    Subscription.objects.update(secret=b"sealed by a ring that is lost", due_at=timezone.now())
    feed.turn()
    assert feed.hub.taken[-1][1]["hub.secret"] == unseal(bytes(feed.row.secret))["secret"]
    feed.hub.settle(at=timezone.now())
    feed.later(seconds=20)
    assert feed.publish("2") == [202] and feed.row.address == row.address


def test_two_brands_hear_the_same_feed_each_by_itself(feed: Feed) -> None:
    feed.agree()
    other = add_brand(org=feed.world.org, name="אחר", names=[], by=feed.world.noam, at=timezone.now())
    account = feed.source.account
    account.pk, account.brand, account.external_id = None, other, "x"
    account.save()
    source = Source.objects.get(pk=feed.source.pk)
    source.pk, source.brand, source.account, source.cursor = None, other, account, {}
    source.save()
    Source.objects.filter(pk=source.pk).update(due_at=timezone.now())
    listening.listen(source_id=source.pk, at=timezone.now())
    feed.turn()
    feed.hub.settle(at=timezone.now())
    feed.later(seconds=20)
    assert feed.publish("2") == [202, 202]


def test_sources_says_that_it_is_told(feed: Feed) -> None:
    def page(language: str) -> str:
        feed.world.yael.language = language
        feed.world.yael.save()
        return feed.world.client(feed.world.yael, language).get(reverse("sources")).text

    feed.poll()
    assert "Asked to announce new posts itself" in page("en")
    feed.turn()
    feed.hub.settle(at=timezone.now())
    assert "Announces new posts itself since" in page("en") and "agreed until" in page("en")
    assert "מודיע בעצמו" in page("he")
    feed.hub.deny(feed.topic, f"http://localhost:8000{feed.path}")
    assert "so it is checked as usual. The hub refuses" in page("en")
