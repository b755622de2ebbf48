"""A page comes in: once, whole, in any order."""

from datetime import timedelta

import pytest
from django.db import connection

from siach.talk.actions.taking import Place, take_in
from siach.talk.connections import FetchedMetrics
from siach.talk.models import Author, Batch, Post, PostMetrics, Thread
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


def test_the_same_page_twice_changes_nothing(world: World) -> None:
    page = [said("a", "המנורה של לומיקה נשברה"), said("b", "שלום")]
    first = take_in(page, source=world.source, at=NOW)
    again = take_in(page[::-1], source=world.source, at=NOW + timedelta(minutes=1))
    assert (first.new, again.new, again.known) == (2, 0, 2)
    assert Post.objects.count() == 2 and Batch.objects.count() == 1 and Author.objects.count() == 1


def test_a_post_twice_in_one_page_is_one_post_and_one_repeat(world: World) -> None:
    taken = take_in([said("a", "one"), said("a", "one")], source=world.source, at=NOW)
    assert (taken.new, taken.known) == (1, 1)


def test_an_answer_heard_before_its_parent_is_joined_when_the_parent_comes(world: World) -> None:
    take_in([said("answer", "ומתי?", parent="root", root="root")], source=world.source, at=NOW)
    answer = Post.objects.get(key="answer")
    assert answer.parent is None and answer.parent_key == "root"
    take_in([said("root", "לומיקה, איפה ההזמנה?")], source=world.source, at=NOW)
    answer.refresh_from_db()
    assert answer.parent.key == "root" and answer.thread == answer.parent.thread


def test_without_a_root_an_answer_moves_into_its_parents_thread(world: World) -> None:
    take_in([said("c", "third", parent="b")], source=world.source, at=NOW)
    take_in([said("b", "second", parent="a")], source=world.source, at=NOW)
    take_in([said("a", "first")], source=world.source, at=NOW)
    b, c = Post.objects.get(key="b"), Post.objects.get(key="c")
    assert b.parent.key == "a" and c.parent == b


def test_what_was_said_before_the_source_was_connected_is_history(world: World) -> None:
    before = world.source.connected_at - timedelta(days=1)
    take_in([said("old", "x", at=before), said("new", "y")], source=world.source, at=NOW)
    old, new = Post.objects.get(key="old"), Post.objects.get(key="new")
    assert not old.is_live and old.heard_at == before and old.taken_at == NOW
    assert new.is_live and new.heard_at == NOW
    assert sorted(Batch.objects.values_list("is_live", flat=True)) == [False, True]


def test_what_a_returning_source_brings_late_is_live_and_marked(world: World) -> None:
    take_in([said("late", "x", at=NOW - timedelta(hours=5))], source=world.source, at=NOW)
    assert Post.objects.get(key="late").is_late


def test_nul_bidi_surrogates_and_ten_megabytes_are_stored_safely(world: World) -> None:
    nasty = [
        said("nul", "שלום\x00עולם"),
        said("bidi", "\u202eevil\u202c <script>alert(1)</script>"),
        said("half", "broken \ud800 surrogate"),
        said("huge", "א" * 10_000_000),
    ]
    assert take_in(nasty, source=world.source, at=NOW).new == 4
    assert Post.objects.get(key="nul").text == "שלום\ufffdעולם"
    huge = Post.objects.get(key="huge")
    assert huge.is_cut and len(huge.text) <= 100_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(payload->>'text') FROM talk_rawpost WHERE post_id = %s", [huge.pk])
        assert cursor.fetchone()[0] == 10_000_000


def test_an_edit_at_the_network_is_read_again(world: World) -> None:
    world.hear(said("a", "לומיקה מצוינת"))
    taken = world.hear(said("a", "לומיקה, המנורה נשברה ואני רוצה החזר"))
    assert (taken.new, taken.edited) == (0, 1)
    post = Post.objects.get(key="a")
    assert "החזר" in post.text and post.state == Post.State.HEARD
    assert post.mentions.get().sentiment == -1


def test_totals_are_kept_only_when_they_move(world: World) -> None:
    for likes, minute in ((0, 0), (3, 1), (3, 2), (5, 3)):
        post = said("a", "x", metrics=FetchedMetrics(likes=likes))
        take_in([post], source=world.source, at=NOW + timedelta(minutes=minute))
    assert list(PostMetrics.objects.order_by("at").values_list("likes", flat=True)) == [3, 5]


def test_organisations_never_share_a_post(world: World) -> None:
    from siach.talk.models import Source

    theirs = Source.objects.create(
        org=world.other_org, brand=world.other_brand, network="bluesky", kind="search", connected_at=NOW
    )
    take_in([said("a", "x")], source=world.source, at=NOW)
    take_in([said("a", "x")], source=theirs, at=NOW)
    assert Post.objects.filter(key="a").count() == 2 and Thread.objects.filter(key="a").count() == 2


def test_a_closed_place_marks_its_people(world: World) -> None:
    take_in([said("a", "x")], source=world.source, at=NOW, place=Place("הורים לאלרגיים", is_closed=True))
    post = Post.objects.select_related("author", "thread").get(key="a")
    assert post.author.is_closed and post.thread.place == "הורים לאלרגיים" and post.thread.is_closed
