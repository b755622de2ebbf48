"""What was heard is looked at again: numbers that moved, and posts that their network has no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from siach.care import actions as care
from siach.care.models import Case
from siach.networks.bluesky.connector import Connector
from siach.talk import connections
from siach.talk.actions import looking
from siach.talk.actions.evidence import keep_evidence
from siach.talk.actions.metering import pause_of
from siach.talk.connections import FetchedMetrics, NetworkError
from siach.talk.models import Account, Evidence, Look, Mention, Post, PostMetrics
from siach.talk.queries.checks import check
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Network:
    """Tells of posts what `told` holds, by key; None is gone, and of what is missing it says nothing."""

    def __init__(self) -> None:
        self.told: dict[str, FetchedMetrics | None] = {}
        self.asked: list[Mapping[str, Mapping[str, object]]] = []
        self.fault: NetworkError | None = None

    def metrics(self, targets: Mapping[str, Mapping[str, object]]) -> Mapping[str, FetchedMetrics | None]:
        self.asked.append(targets)
        if self.fault:
            raise self.fault
        return {key: self.told[key] for key in targets if key in self.told}


@pytest.fixture
def network(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Network:
    made = Network()

    @contextmanager
    def connected(account: Account) -> Iterator[Network]:
        yield made

    monkeypatch.setattr(connections, "connected", connected)
    monkeypatch.setattr(timezone, "now", lambda: NOW + 2 * HOUR)
    monkeypatch.setattr(settings, "SIACH_HOME", tmp_path)
    return made


def look(world: World, *, after: timedelta = 2 * HOUR) -> int:
    return looking.look(account_id=world.account.pk, at=NOW + after)


def due_of(key: str) -> timedelta:
    return Look.objects.get(post__key=key).due_at - NOW


def test_totals_that_moved_are_kept_and_the_next_look_comes_sooner(world: World, network: Network) -> None:
    world.hear(said("a", "לומיקה"), said("b", "לומיקה"), said("old", "לומיקה", at=NOW - timedelta(days=10)))
    assert {due_of(key) for key in ("a", "b", "old")} == {HOUR}
    network.told = {"a": FetchedMetrics(likes=7, comments=2), "b": FetchedMetrics(), "old": FetchedMetrics()}
    assert look(world) == 0
    assert list(PostMetrics.objects.values_list("post__key", "likes", "comments")) == [("a", 7, 2)]
    assert (due_of("a"), due_of("b"), due_of("old")) == (2.5 * HOUR, 3 * HOUR, timedelta(days=5, hours=2))
    assert network.asked == [{key: {"uri": key, "cid": f"cid-{key}"} for key in ("a", "b", "old")}]
    assert look(world) == 0 and len(network.asked) == 1, "nothing is due"


@pytest.mark.parametrize(
    ("days", "moved", "refresh_days", "hours"),
    [
        (0, False, None, 1),
        (0, True, None, 0.5),
        (1, False, None, 12),
        (9, False, None, 120),
        (99, False, None, 720),
        (99, False, 30, 360),
        (99, False, 1, 12),
        (99, True, 1, 12),
    ],
)
def test_young_and_moving_posts_often_old_ones_rarely_and_within_the_terms(
    days: int, moved: bool, refresh_days: int | None, hours: float
) -> None:
    assert pause_of(timedelta(days=days), moved=moved, refresh_days=refresh_days) == timedelta(hours=hours)


def test_one_look_asks_for_a_bounded_number_and_those_due_longest(
    world: World, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connector, "METERED", 2)
    world.hear(*[said(key, "לומיקה") for key in "abc"])
    Look.objects.filter(post__key="c").update(due_at=NOW)
    look(world)
    look(world)
    look(world)
    assert [sorted(asked) for asked in network.asked] == [["a", "c"], ["b"]]


def test_two_workers_never_ask_for_the_same_and_a_dead_ones_lease_ends(world: World, network: Network) -> None:
    world.hear(said("a", "לומיקה"))
    at = NOW + 2 * HOUR
    assert looking.look_due(at=at) == 1 and looking.look_due(at=at) == 0
    assert looking._claim(world.account.pk, at) is not None
    look(world)
    assert network.asked == [] and looking.look_due(at=at) == 0
    assert looking._claim(world.account.pk, at + looking.LEASE) is not None


@pytest.mark.parametrize("then", ["retry_at", "never"])
def test_a_network_in_trouble_takes_nothing_from_us_and_is_left_alone_until_it_says(
    world: World, network: Network, then: str
) -> None:
    world.hear(said("a", "לומיקה"))
    network.fault = NetworkError("The server answered 429.", then, at=NOW + 5 * HOUR)  # type: ignore[arg-type]
    assert look(world) == 0
    post, account = Post.objects.get(), Account.objects.get()
    assert (post.state, post.text, post.gone_at) == ("heard", "לומיקה", None)
    assert (account.look_at, account.state) == (NOW + 5 * HOUR, "live")
    assert looking.look_due(at=NOW + 4 * HOUR) == 0
    network.fault, network.told = None, {"a": FetchedMetrics(likes=1)}
    look(world, after=5 * HOUR)
    assert PostMetrics.objects.get().likes == 1


def test_a_lost_sign_in_is_said_and_a_post_that_is_not_told_of_stands(world: World, network: Network) -> None:
    world.hear(said("a", "לומיקה"))
    look(world)
    assert (Post.objects.get().state, due_of("a")) == ("heard", 3 * HOUR), "an answer that lacks it says nothing"
    network.fault = NetworkError("The sign-in no longer holds.", "renew")
    look(world, after=4 * HOUR)
    assert Account.objects.get().state == "broken" and Post.objects.get().state == "heard"


@pytest.fixture
def taken_down(world: World, network: Network) -> Post:
    """A complaint that opened a case, was kept as evidence in time, and was taken down by its author since."""
    world.hear(said("gone", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="rinatk"))
    post = Post.objects.get()
    review = (NOW + timedelta(days=90)).date()
    keep_evidence(post=post, reason="דין", owner=world.noam, review_on=review, by=world.noam, at=NOW)
    world.hear(said("answer", "גם אצלי", by="other", parent="gone", root="gone"))
    network.told = {"gone": None}
    assert look(world) == 1
    return Post.objects.get(pk=post.pk)


def test_what_is_gone_is_erased_with_its_payload_but_counts_and_a_legal_hold_stand(
    world: World, network: Network, taken_down: Post
) -> None:
    assert (taken_down.state, taken_down.text, taken_down.url, taken_down.gone_at) == (
        "erased",
        "",
        "",
        NOW + 2 * HOUR,
    )
    assert Mention.objects.filter(post=taken_down).exists() and check(at=NOW).holds
    assert "שבורה" in Evidence.objects.get().copy["text"]
    assert set(Look.objects.values_list("post__key", flat=True)) == {"answer"}
    assert world.hear(said("gone", "שוב", by="rinatk")).new == 0
    assert Post.objects.get(key="answer").text == "גם אצלי"


@pytest.mark.parametrize("language", ["he", "en"])
def test_every_page_says_that_it_was_taken_down_and_when_that_was_noticed(
    world: World, network: Network, taken_down: Post, language: str
) -> None:
    for user in (world.dana, world.noam):
        user.language = language
        user.save()
    words = {"he": "הוסר ברשת", "en": "emoved from the network"}[language]
    case = Case.objects.get()
    dana = world.client(world.dana, language)
    shown = dana.get(reverse("case", args=[case.pk])).text
    assert words in shown and "13:41" in shown, "the conversation"
    assert {"he": "אי אפשר עוד לענות עליו שם", "en": "can no longer be answered there"}[language] in shown
    assert 'name="post"' not in shown
    for page in (reverse("inbox"), reverse("stream"), reverse("today")):
        assert words in dana.get(page).text, page
    for pk in (taken_down.pk, Post.objects.get(key="answer").pk):
        post = world.client(world.noam, language).get(reverse("post", args=[pk])).text
        assert words in post and "13:41" in post
    held = world.client(world.noam, language).get(reverse("post", args=[taken_down.pk])).text
    assert reverse("evidence_one", args=[Evidence.objects.get().pk]) in held
    with pytest.raises(care.CannotAnswer):
        care.answer(case=case, post=taken_down, body="שלום", by=world.dana, at=NOW + 3 * HOUR)


def test_where_another_post_of_the_customer_stands_the_reply_goes_there(
    world: World, network: Network, taken_down: Post
) -> None:
    world.hear(said("more", "לומיקה, נו?", by="rinatk", parent="answer", root="gone", at=NOW + HOUR))
    more = Post.objects.get(key="more")
    shown = world.client(world.dana).get(reverse("case", args=[Case.objects.get().pk]) + f"?to={taken_down.pk}").text
    assert f'name="post" value="{more.pk}"' in shown


def test_where_the_terms_let_us_keep_it_is_marked_and_not_asked_for_again(
    world: World, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connector, "TERMS", replace(Connector.TERMS, on_gone="keep"))
    world.hear(said("gone", "המנורה של לומיקה הגיעה שבורה", by="rinatk"))
    network.told = {"gone": None}
    assert look(world) == 1
    post = Post.objects.get()
    assert (post.state, post.text) == ("gone", "המנורה של לומיקה הגיעה שבורה") and not Look.objects.exists()
    shown = world.client(world.dana).get(reverse("case", args=[Case.objects.get().pk])).text
    assert "הגיעה שבורה" in shown and "13:41" in shown and "אי אפשר עוד לענות עליו שם" in shown
    assert "13:41" in world.client(world.dana).get(reverse("post", args=[post.pk])).text


def test_what_people_brought_in_is_asked_of_no_network(world: World, network: Network) -> None:
    world.source.account = None
    world.source.save()
    world.hear(said("a", "לומיקה"))
    assert not Look.objects.exists() and looking.look_due(at=NOW + timedelta(days=9)) == 0
