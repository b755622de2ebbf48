"""`./siach check` finds every way in which counts can go wrong, and nothing where they are right."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db.models import F

from siach.launch import main
from siach.talk.actions import counting
from siach.talk.actions.marking import correct
from siach.talk.actions.taking import take_in
from siach.talk.models import Batch, CountDay, CountDelta, CountFive, CountHour, Mention, Post, SetAside
from siach.talk.queries.checks import check
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(world: World) -> World:
    """Mentions of today, of two months ago and of two years ago, around midnight in the brand's zone."""
    moments = [NOW, NOW.replace(hour=21, minute=58), NOW - timedelta(hours=11, minutes=42)]
    moments += [NOW - timedelta(days=60), NOW - timedelta(days=700), NOW - timedelta(days=700, hours=12)]
    world.hear(*(said(f"p{n}", f"לומיקה {n}", at=at) for n, at in enumerate(moments)), at=NOW + timedelta(days=1))
    return world


def test_equal_before_and_after_the_fold(heard: World) -> None:
    before = check(at=NOW)
    assert before.holds
    assert CountDelta.objects.exists()
    counting.fold(at=NOW)
    after = check(at=NOW)
    assert after.holds
    assert [grain.mentions for grain in before.grains] == [grain.mentions for grain in after.grains] == [3, 4, 6]


@pytest.mark.parametrize(("grain", "counts"), [("5 minutes", CountFive), ("hours", CountHour), ("days", CountDay)])
def test_a_wrong_count_of_each_grain_is_found(heard: World, grain: str, counts: type) -> None:
    counting.fold(at=NOW)
    wrong = counts.objects.order_by("-pk").first()
    counts.objects.filter(pk=wrong.pk).update(n=F("n") + 1)
    found = check(at=NOW)
    assert not found.holds
    assert [one.name for one in found.grains if one.differing] == [grain]
    (difference,) = next(one for one in found.grains if one.differing).differences
    assert (difference.counted, difference.said, difference.brand) == (wrong.n + 1, wrong.n, "לומיקה")


def test_a_count_without_a_mention_and_a_mention_without_a_count(heard: World) -> None:
    counting.fold(at=NOW)
    CountDay.objects.get(day=(NOW - timedelta(days=700)).date(), n=1).delete()
    Mention.objects.filter(post__key="p3").delete()
    days = check(at=NOW).grains[2]
    assert sorted((one.counted, one.said) for one in days.differences) == [(0, 1), (1, 0)]


def test_a_lost_delta_is_found(heard: World) -> None:
    CountDelta.objects.filter(pk=CountDelta.objects.first().pk).delete()
    assert not check(at=NOW).holds


def test_what_waits_to_be_recounted_is_no_difference(heard: World) -> None:
    counting.fold(at=NOW)
    mention = Mention.objects.get(post__key="p0")
    correct(mention=mention, field="intent", value=(mention.intent + 1) % 4, by=heard.dana, at=NOW)
    found = check(at=NOW)
    assert (found.holds, found.hours_to_recount) == (True, 1)
    counting.recount_dirty(at=NOW)
    assert (check(at=NOW).holds, check(at=NOW).hours_to_recount) == (True, 0)


def test_posts_that_no_batch_carries_are_found(world: World) -> None:
    take_in([said("p1", "לומיקה")], source=world.source, at=NOW)
    waiting = check(at=NOW + timedelta(minutes=1))
    assert (waiting.holds, waiting.open_batches, waiting.oldest_batch) == (True, 1, 60.0)
    Batch.objects.update(done_at=NOW)
    lost = check(at=NOW)
    assert (lost.holds, lost.posts_left) == (False, 1)
    SetAside.objects.create(
        post=Post.objects.get(), batch=Batch.objects.get(), step="talk.understand", error="x", at=NOW
    )
    assert (check(at=NOW).holds, check(at=NOW).set_aside) == (True, 1)


def test_the_command(heard: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siach.commands.django_setup", lambda: None)
    counting.fold(at=NOW)
    assert main.main(["check"]) == 0
    assert "Everything holds." in capsys.readouterr().out
    CountDay.objects.all().delete()
    assert main.main(["check"]) == 1
    assert "DIFFER" in capsys.readouterr().out
    assert main.main(["check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["equal"] is False
