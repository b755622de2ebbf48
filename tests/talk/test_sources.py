"""Sources: what we hear with, how well it hears, and what people do with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.org.models import LedgerEntry, Membership, Org
from siach.talk.actions import listening, sources
from siach.talk.actions.sources import CannotListen
from siach.talk.connections import NetworkError
from siach.talk.models import Account, Batch, Post, SetAside, Source, SourceRhythm
from siach.talk.network_words import explain
from siach.talk.queries.sources import overview
from tests.talk.files import begun, complaints, imported, table
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def health(world: World) -> str:
    (line,) = overview([world.brand], orgs=Org.objects.all(), private=Org.objects.all(), at=NOW).lines
    return line.heard[0].health.code


def page(world: World, language: str = "he") -> str:
    world.yael.language = language
    world.yael.save()
    answer = world.client(world.yael).get(reverse("sources"))
    assert answer.status_code == 200
    return answer.content.decode()


# --- how well -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"asked_at": NOW, "heard_at": NOW - timedelta(minutes=1)}, "listening"),
        ({"asked_at": NOW, "heard_at": NOW - timedelta(hours=7)}, "calm"),
        ({"asked_at": NOW, "heard_at": NOW - timedelta(days=15)}, "long"),
        ({"asked_at": NOW}, "never"),
        ({"asked_at": NOW, "heard_at": NOW - timedelta(days=1), "quiet_since": NOW - timedelta(days=1)}, "quiet"),
        ({"asked_at": NOW - timedelta(hours=1)}, "silent"),
        ({"asked_at": NOW - timedelta(hours=1), "due_at": NOW + timedelta(minutes=5)}, "never"),
        ({"connected_at": NOW}, "waiting"),
        ({"asked_at": NOW, "failures": 2, "error": "The server cannot be reached."}, "failing"),
        ({"asked_at": NOW, "failures": 9, "error": "?", "deaf_since": NOW - timedelta(days=2)}, "deaf"),
        ({"asked_at": NOW, "deaf_since": NOW - timedelta(days=2), "well_since": NOW}, "settling"),
        ({"state": "broken", "error": "The server answered 400: no"}, "refused"),
        ({"state": "paused", "paused_at": NOW - timedelta(days=2)}, "paused"),
    ],
)
def test_health(world: World, change: dict[str, Any], expected: str) -> None:
    Source.objects.filter(pk=world.source.pk).update(**change)
    assert health(world) == expected
    assert page(world)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"failures": 9, "error": "The server cannot be reached.", "deaf_since": NOW}, "Not hearing since 11:41"),
        ({"failures": 9, "deaf_since": NOW - timedelta(days=2)}, "Not hearing since 22.11.2026 11:41"),
        ({"state": "paused", "paused_at": NOW - timedelta(hours=2)}, "Paused since 09:41"),
        (
            {"heard_at": NOW - timedelta(hours=3), "quiet_since": NOW - timedelta(hours=3)},
            "Unusually quiet since 08:41",
        ),
        ({"heard_at": NOW - timedelta(hours=3)}, "Quiet as usual"),
        ({"heard_at": NOW - timedelta(days=15)}, "Nothing for over two weeks"),
        ({}, "Listening; nothing yet"),
    ],
)
def test_since_when_is_said_by_the_clock_of_the_brand(world: World, change: dict[str, Any], words: str) -> None:
    Source.objects.filter(pk=world.source.pk).update(**{"asked_at": NOW} | change)
    assert words in " ".join(strip_tags(page(world, "en")).split())


def test_what_is_usual_stands_beside(world: World) -> None:
    source = Source.objects.filter(pk=world.source.pk)
    source.update(asked_at=NOW, heard_at=NOW, connected_at=NOW - timedelta(days=13))
    assert "known after two weeks" in page(world, "en")
    source.update(heard_at=NOW - timedelta(hours=3))
    assert "known after two weeks" not in page(world, "en"), "it is called quiet as usual"
    source.update(heard_at=NOW, connected_at=NOW - timedelta(days=15))
    assert "known after two weeks" not in page(world, "en")
    world.hear(said("a", "x", at=NOW - timedelta(days=1)), said("b", "x", at=NOW - timedelta(days=13)))
    SourceRhythm.objects.create(source=world.source, rates=[6.0] * 168, patience=9.0, learnt_at=NOW)
    shown = " ".join(strip_tags(page(world, "en")).split())
    assert "Usual at this hour: about one every 10 min" in shown and "2 posts in two weeks" in shown


def test_how_late_it_was_heard_is_said_of_what_a_network_brought_alone(world: World) -> None:
    facts = {"asked_at": NOW, "heard_at": NOW, "lag_seconds": 20.0}
    Source.objects.filter(pk=world.source.pk).update(**facts)
    hand = {"network": "facebook_group", "kind": "capture", "state": "open", "connected_at": NOW}
    Source.objects.create(org=world.org, brand=world.brand, **hand, **facts)
    shown = " ".join(strip_tags(page(world, "en")).split())
    assert shown.count("20 sec after posting") == 1 and "Added manually" in shown


def test_a_void_sign_in_is_said_at_the_account(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Source) -> None:
        raise NetworkError("The sign-in to Bluesky no longer holds. Sign in again.", "renew")

    monkeypatch.setattr(listening.connections, "fetch", refuse)
    Source.objects.update(due_at=NOW)
    listening.listen(source_id=world.source.pk, at=NOW)
    assert health(world) == "sign_in"
    address = f"{reverse('connect_network', args=['bluesky'])}?account={world.account.pk}"
    assert address in page(world)
    assert "The sign-in to Bluesky no longer holds" in page(world, "en")
    assert "The sign-in" not in page(world, "he")


@pytest.mark.parametrize(
    ("message", "sentence", "original"),
    [
        ("The server cannot be reached.", "The server cannot be reached.", ""),
        ("The server answered 429: slow down", "The network asks us to wait: too many requests.", "slow down"),
        ("The server answered 503.", "The network has a fault of its own.", "503"),
        ("The server answered 400: bad <b>", "The network refused this request.", "bad <b>"),
        ("The text has 301 letters; Bluesky takes 300.", "The text has 301 letters; Bluesky takes 300.", ""),
        ("Something new", "The network refused.", "Something new"),
        ("", "", ""),
    ],
)
def test_what_networks_say(message: str, sentence: str, original: str) -> None:
    from django.utils import translation

    with translation.override("en"):
        told = explain(message)
    assert told.sentence == sentence
    assert original in told.original


# --- deeds ----------------------------------------------------------------------------------------------------


def test_pause_and_resume(world: World) -> None:
    yael = world.client(world.yael)
    yael.post(reverse("change_source", args=[world.source.pk, "pause"]))
    world.source.refresh_from_db()
    assert world.source.state == "paused"
    assert listening.listen_due(at=NOW) == 0
    yael.post(reverse("change_source", args=[world.source.pk, "resume"]))
    world.source.refresh_from_db()
    assert (world.source.state, world.source.due_at) == ("live", NOW)
    assert listening.listen_due(at=NOW) == 1
    told = LedgerEntry.objects.filter(name__startswith="source.").order_by("pk").values_list("name", "by")
    assert list(told) == [("source.paused", world.yael.pk), ("source.resumed", world.yael.pk)]


def test_removing_keeps_what_was_heard(world: World) -> None:
    world.hear(said("p1", "לומיקה"))
    world.client(world.yael).post(reverse("change_source", args=[world.source.pk, "remove"]))
    assert not Source.objects.filter(pk=world.source.pk).exists()
    assert Post.objects.get().source is None
    assert page(world)


def test_moves_that_are_none(world: World) -> None:
    with pytest.raises(CannotListen):
        sources.resume(source=world.source, by=world.yael, at=NOW)
    sources.pause(source=world.source, by=world.yael, at=NOW)
    with pytest.raises(CannotListen):
        sources.pause(source=world.source, by=world.yael, at=NOW)
    Account.objects.update(state="broken")
    with pytest.raises(CannotListen):
        sources.resume(source=world.source, by=world.yael, at=NOW)
    by_hand = Source.objects.create(
        org=world.org, brand=world.brand, network="x", kind="capture", state="open", connected_at=NOW
    )
    with pytest.raises(CannotListen):
        sources.remove(source=by_hand, by=world.yael, at=NOW)
    assert LedgerEntry.objects.filter(name__startswith="source.").count() == 1
    assert world.client(world.yael).post(reverse("change_source", args=[world.source.pk, "burn"])).status_code == 404


def test_a_search(world: World) -> None:
    yael = world.client(world.yael)
    for query in ("  מנורת \0 לומיקה ", "מנורת לומיקה", "", "x" * 400):
        yael.post(reverse("add_search"), {"account": world.account.pk, "query": query})
    search = Source.objects.get(kind="search")
    assert (search.query, search.account, search.state, search.due_at) == ("מנורת לומיקה", world.account, "live", NOW)
    assert search.connected_at == NOW
    assert "מנורת לומיקה" in page(world)


def test_names_are_proposed_until_they_are_searched(world: World) -> None:
    (line,) = overview([world.brand], orgs=Org.objects.all(), private=Org.objects.all(), at=NOW).lines
    assert line.proposed == ("לומיקה", "Lumika")
    sources.add_search(account=world.account, query="lumika", by=world.yael, at=NOW)
    (line,) = overview([world.brand], orgs=Org.objects.all(), private=Org.objects.all(), at=NOW).lines
    assert line.proposed == ("לומיקה",)


def aside(world: World) -> SetAside:
    world.hear(said("p1", "<script>alert(1)</script> לומיקה \u202e"))
    return SetAside.objects.create(
        post=Post.objects.get(), batch=Batch.objects.get(), step="care.triage", error="ValueError: <b>no</b>", at=NOW
    )


def test_a_post_set_aside_is_tried_again(world: World) -> None:
    found = aside(world)
    shown = page(world)
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in shown and "<script>alert" not in shown and "\u202e" not in shown
    world.client(world.yael).post(reverse("try_again", args=[found.pk]))
    job = ProcrastinateJob.objects.get(task_name="try_again")
    carried: list[int] = []
    steps = [("talk.understand", carried.append), ("care.triage", lambda batch, posts, at: carried.append(posts[0].pk))]
    assert sources.try_again(aside_id=job.args["aside"], steps=steps, at=NOW)
    found.refresh_from_db()
    assert (carried, found.settled_at) == ([found.post_id], NOW)
    assert LedgerEntry.objects.filter(name="post.tried_again", by=world.yael).count() == 1
    assert "ValueError" not in page(world)


def test_a_post_that_fails_again_stays_with_its_newer_error(world: World) -> None:
    found = aside(world)

    def fail(batch: Batch, posts: list[Post], at: object) -> None:
        raise KeyError("still")

    assert not sources.try_again(aside_id=found.pk, steps=[("care.triage", fail)], at=NOW + timedelta(hours=1))
    found.refresh_from_db()
    assert (found.settled_at, found.error, found.at) == (None, "KeyError: 'still'", NOW + timedelta(hours=1))


def test_the_background_knows_the_jobs(world: World) -> None:
    from siach.background import JOBS, SCHEDULE

    assert {"try_again", "import_file"} <= {name for name, _ in JOBS}
    assert {"talk.resume_imports", "talk.drop_files", "talk.drop_media"} <= {name for name, *_ in SCHEDULE}


# --- who sees -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_page_in_both_directions(world: World, language: str) -> None:
    imported(world, table([*complaints(2), (1,)]))
    begun(world, table(complaints(2)))
    sources.add_search(account=world.account, query="<i>x</i>", by=world.yael, at=NOW)
    shown = page(world, language)
    assert f'dir="{"rtl" if language == "he" else "ltr"}"' in shown
    assert "<i>x</i>" not in shown


def test_an_empty_page_says_what_to_do(world: World) -> None:
    Source.objects.all().delete()
    Account.objects.all().delete()
    assert reverse("connect") in page(world)
    reader = world.client(world.dana)
    shown = reader.get(reverse("sources"))
    assert shown.status_code == 200 and reverse("connect") not in shown.content.decode()


def test_an_agent_reads_and_changes_nothing(world: World) -> None:
    dana = world.client(world.dana)
    assert dana.get(reverse("sources")).status_code == 200
    assert dana.post(reverse("change_source", args=[world.source.pk, "pause"])).status_code == 404
    assert dana.post(reverse("add_search"), {"account": world.account.pk, "query": "x"}).status_code == 404


def test_an_outsider_finds_nothing(world: World) -> None:
    found = aside(world)
    omer = world.client(world.omer)
    shown = omer.get(reverse("sources"))
    assert "lumika" not in shown.content.decode() and "לומיקה" not in shown.content.decode()
    for deed in ("pause", "resume", "remove"):
        assert omer.post(reverse("change_source", args=[world.source.pk, deed])).status_code == 404
    assert omer.post(reverse("add_search"), {"account": world.account.pk, "query": "x"}).status_code == 404
    assert omer.post(reverse("try_again", args=[found.pk])).status_code == 404
    Membership.objects.filter(user=world.omer).delete()
    assert omer.get(reverse("sources")).status_code == 404
