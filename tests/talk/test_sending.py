"""Words go out once, whatever the network or the worker does."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from siach.talk import connections
from siach.talk.actions import sending
from siach.talk.actions.sending import Illegal, Subject
from siach.talk.connections import Finding, Found, NetworkError, Sent
from siach.talk.models import Outgoing, Post
from tests.world import NOW, World, said

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
State = Outgoing.State


class PretendNetwork:
    """Keeps what it was given by key; `mood` says how the next send behaves."""

    CAPABILITIES = frozenset({"send", "find"})

    def __init__(self) -> None:
        self.posts: dict[str, str] = {}
        self.sends = 0
        self.mood = "well"
        self.can_find = True

    def check_text(self, text: str, target: object) -> None:
        if len(text) > 300:
            raise NetworkError("This text is longer than the network takes.", "never")

    def send(self, text: str, target: object, key: str) -> Sent:
        self.sends += 1
        if self.mood == "later":
            raise NetworkError("Too many requests.", "retry_at", timezone.now() + timedelta(minutes=2))
        if self.mood == "refuse":
            raise NetworkError("You are blocked.", "never")
        if self.mood != "lost before":
            self.posts.setdefault(key, text)
        if self.mood.startswith("lost"):
            raise NetworkError("No answer.", "unknown")
        return Sent(f"id-{key}", f"https://social.example/{key}")

    def find(self, key: str, text: str, target: object) -> Found:
        if not self.can_find:
            return Found(Finding.UNSURE)
        if key in self.posts:
            return Found(Finding.SENT, Sent(f"id-{key}", f"https://social.example/{key}"))
        return Found(Finding.ABSENT)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> PretendNetwork:
    pretend = PretendNetwork()

    @contextmanager
    def connected(account: object) -> Iterator[PretendNetwork]:
        yield pretend

    monkeypatch.setattr(connections, "connected", connected)
    monkeypatch.setattr(connections, "connector", lambda name: lambda grant: pretend)
    return pretend


@pytest.fixture
def words(world: World, network: PretendNetwork) -> Outgoing:
    world.hear(said("a", "לומיקה, איפה ההזמנה שלי?"))
    return sending.speak(
        brand=world.brand,
        account=world.account,
        subject=Subject("care.reply", 1),
        target=Post.objects.get(key="a"),
        body="כבר בודקים",
        by=world.dana,
        at=NOW,
    )


LATER = NOW + timedelta(seconds=11)


def fate(words: Outgoing) -> str:
    words.refresh_from_db()
    return words.state


def test_words_leave_after_the_undo_time_and_not_before(words: Outgoing, network: PretendNetwork) -> None:
    sending.send(outgoing_id=words.pk, at=NOW + timedelta(seconds=9))
    assert fate(words) == State.QUEUED and network.sends == 0
    sending.send(outgoing_id=words.pk, at=LATER)
    assert fate(words) == State.SENT and words.url.startswith("https://social.example/")
    sending.send(outgoing_id=words.pk, at=LATER + timedelta(hours=1))
    assert network.sends == 1


def test_taken_back_in_time_they_never_leave(words: Outgoing, network: PretendNetwork) -> None:
    sending.withdraw(outgoing=words, at=NOW)
    sending.send(outgoing_id=words.pk, at=LATER)
    assert fate(words) == State.WITHDRAWN and network.sends == 0
    with pytest.raises(Illegal):
        sending.retry(outgoing=words, at=LATER)


def test_an_answer_lost_after_the_post_stood_is_found_and_not_sent_again(
    words: Outgoing, network: PretendNetwork
) -> None:
    network.mood = "lost after"
    sending.send(outgoing_id=words.pk, at=LATER)
    assert fate(words) == State.SENT and network.sends == 1 and len(network.posts) == 1


def test_a_request_lost_before_the_post_stood_goes_again(words: Outgoing, network: PretendNetwork) -> None:
    network.mood = "lost before"
    sending.send(outgoing_id=words.pk, at=LATER)
    assert fate(words) == State.QUEUED
    network.mood = "well"
    sending.send(outgoing_id=words.pk, at=timezone.now() + timedelta(minutes=1))
    assert fate(words) == State.SENT and len(network.posts) == 1


def test_where_nobody_can_say_it_is_unclear_and_waits_for_a_person(words: Outgoing, network: PretendNetwork) -> None:
    network.mood, network.can_find = "lost after", False
    sending.send(outgoing_id=words.pk, at=LATER)
    assert fate(words) == State.UNCLEAR
    sending.send_due(at=LATER + timedelta(hours=1))
    sending.send(outgoing_id=words.pk, at=LATER + timedelta(hours=1))
    assert fate(words) == State.UNCLEAR and network.sends == 1
    sending.settle(outgoing=words, was_sent=True, url="https://social.example/x", at=LATER)
    assert fate(words) == State.SENT
    with pytest.raises(Illegal):
        sending.settle(outgoing=words, was_sent=False, at=LATER)


def test_a_network_that_is_busy_is_asked_again_when_it_says(words: Outgoing, network: PretendNetwork) -> None:
    network.mood = "later"
    sending.send(outgoing_id=words.pk, at=LATER)
    assert fate(words) == State.QUEUED and words.not_before > timezone.now() + timedelta(seconds=60)


def test_a_refusal_is_said_and_a_person_may_try_again(words: Outgoing, network: PretendNetwork) -> None:
    network.mood = "refuse"
    sending.send(outgoing_id=words.pk, at=LATER)
    assert fate(words) == State.FAILED and words.error == "You are blocked."
    network.mood = "well"
    sending.retry(outgoing=words, at=LATER)
    sending.send(outgoing_id=words.pk, at=LATER + timedelta(seconds=1))
    assert fate(words) == State.SENT


@pytest.mark.parametrize("stood", [True, False])
def test_a_sender_that_died_while_sending_is_settled_by_asking(
    words: Outgoing, network: PretendNetwork, stood: bool
) -> None:
    claimed = sending._claim(words.pk, LATER)
    if stood:
        network.posts[str(claimed.key)] = claimed.body
    sending.send(outgoing_id=words.pk, at=LATER + timedelta(seconds=30))
    assert fate(words) == State.SENDING, "a slow sender is given its time"
    sending.send(outgoing_id=words.pk, at=LATER + timedelta(seconds=61))
    if stood:
        assert fate(words) == State.SENT and network.sends == 0
    else:
        assert fate(words) == State.QUEUED
        sending.send(outgoing_id=words.pk, at=timezone.now() + timedelta(minutes=5))
        assert fate(words) == State.SENT and len(network.posts) == 1


def test_a_sender_that_wakes_after_another_settled_changes_nothing(words: Outgoing, network: PretendNetwork) -> None:
    slow = sending._claim(words.pk, LATER)
    network.posts[str(slow.key)] = slow.body
    sending.send(outgoing_id=words.pk, at=LATER + timedelta(seconds=61))
    assert fate(words) == State.SENT
    sending._finish(slow, "fail", error="too late")
    assert fate(words) == State.SENT


def test_too_long_for_the_network_is_refused_before_it_is_queued(world: World, network: PretendNetwork) -> None:
    with pytest.raises(sending.CannotSend, match="longer than the network takes"):
        sending.speak(
            brand=world.brand,
            account=world.account,
            subject=Subject("care.reply", 1),
            target=None,
            body="א" * 301,
            by=world.dana,
            at=NOW,
        )
    assert not Outgoing.objects.exists()
