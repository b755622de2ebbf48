"""A source is asked when it is due, by one worker, and its troubles are said where a person sees them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from siach.talk import connections
from siach.talk.actions import listening
from siach.talk.connections import NetworkError, Page
from siach.talk.models import Account, Post, Source
from tests.world import World, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(world: World) -> Source:
    world.source.due_at = timezone.now() - timedelta(seconds=1)
    world.source.save()
    return world.source


def answers(monkeypatch: pytest.MonkeyPatch, *pages: Page | NetworkError) -> None:
    left = list(pages)

    def fetch(source: Source) -> Page:
        page = left.pop(0)
        if isinstance(page, NetworkError):
            raise page
        return page

    monkeypatch.setattr(connections, "fetch", fetch)


def hear(source: Source) -> int:
    Source.objects.filter(pk=source.pk).update(due_at=timezone.now())
    heard = listening.listen(source_id=source.pk, at=timezone.now())
    source.refresh_from_db()
    return heard


def test_a_page_and_its_cursor_are_stored_together(due: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page((said("a", "לומיקה", at=timezone.now() - timedelta(seconds=3)),), {"seen": "a"}, more=False, cost=2)
    answers(monkeypatch, page)
    assert hear(due) == 1
    assert due.cursor == {"seen": "a"} and due.cost == 2 and 2 < due.lag_seconds < 60
    assert timezone.now() < due.due_at <= timezone.now() + listening.WARM


def test_a_fall_between_the_answer_and_the_store_loses_nothing(due: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page((said("a", "לומיקה"),), {"seen": "a"}, more=False)
    answers(monkeypatch, page, page)
    stored = listening.take_in
    monkeypatch.setattr(listening, "take_in", lambda *a, **k: (stored(*a, **k), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        listening.listen(source_id=due.pk, at=timezone.now())
    due.refresh_from_db()
    assert due.cursor == {} and not Post.objects.exists()
    monkeypatch.setattr(listening, "take_in", stored)
    assert hear(due) == 1


def test_a_claimed_source_is_not_asked_twice(due: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    assert listening._claim(due.pk, now) is not None
    assert listening._claim(due.pk, now) is None
    assert listening._claim(due.pk, now + listening.LEASE) is not None, "a dead worker's lease ends"


def test_more_to_come_is_asked_for_at_once(due: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, Page((said("a", "x"),), {"at": 1}, more=True))
    hear(due)
    assert due.due_at <= timezone.now()


def test_a_network_in_trouble_is_left_longer_each_time_and_says_so(
    due: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, *[NetworkError("The network does not answer.", "retry_at")] * 4)
    waits = []
    for _ in range(4):
        hear(due)
        waits.append((due.due_at - timezone.now()).total_seconds())
    assert waits == sorted(waits) and waits[-1] > 60
    assert due.failures == 4 and due.error == "The network does not answer." and due.state == Source.State.LIVE


def test_a_lost_sign_in_is_deaf_until_a_person_signs_in(due: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, NetworkError("The sign-in no longer holds.", "renew"))
    hear(due)
    assert due.state == Source.State.BROKEN and due.account is not None
    assert Account.objects.get(pk=due.account.pk).state == Account.State.BROKEN
    assert listening.listen_due(at=timezone.now() + timedelta(days=1)) == 0
