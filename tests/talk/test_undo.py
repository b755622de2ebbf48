"""Undo of what is said of posts and sources: offered at once, and the thing stands as before."""

from __future__ import annotations

import json

import pytest

from siach.talk.models import Author, Mention, Source
from siach.ui.undo import Undo, undo_of
from tests.world import World, said

pytestmark = pytest.mark.django_db


def offered(page: object) -> Undo:
    (message,) = page.context["messages"]  # type: ignore[attr-defined]
    found = undo_of(message)
    assert found
    return found


def test_a_paused_source_listens_again(world: World) -> None:
    yael = world.client(world.yael)
    undo = offered(yael.post(f"/sources/{world.source.pk}/pause/", follow=True))
    assert Source.objects.get().state == Source.State.PAUSED
    yael.post(undo.url, undo.fields)
    assert Source.objects.get().state != Source.State.PAUSED


def test_a_marked_part_is_what_it_was(world: World) -> None:
    world.hear(said("a1", "לומיקה"))
    author, yael = Author.objects.get(), world.client(world.yael)
    address = f"/stream/author/{author.pk}/part/"
    yael.post(address, {"part": "media", "evidence": "כתבת בעיתון"}, follow=True)
    undo = offered(yael.post(address, {"part": "customer", "evidence": "קנתה מנורה"}, follow=True))
    assert undo.fields["part"] == "media"
    yael.post(undo.url, undo.fields)
    author.refresh_from_db()
    assert (author.part, author.part_evidence) == ("media", "כתבת בעיתון")


def test_a_corrected_reading_reads_as_before(world: World) -> None:
    world.hear(said("c1", "המנורה של לומיקה גרועה"))
    mention, dana = Mention.objects.get(), world.client(world.dana)
    address, was = f"/stream/correct/{mention.pk}/", mention.sentiment
    undo = offered(dana.post(address, {"sentiment": "1"}, follow=True))
    dana.post(undo.url, undo.fields)
    mention.refresh_from_db()
    assert mention.sentiment == was
    answer = dana.post(address, {"sentiment": "1", "next": "/stream/"}, headers={"hx-request": "true"})
    toast = json.loads(answer["HX-Trigger"])["siach:toast"]
    assert toast["undo"]["fields"] == {"sentiment": str(was), "undo": "1", "next": "/stream/"}
    again = dana.post(address, toast["undo"]["fields"], headers={"hx-request": "true"})
    assert "undo" not in json.loads(again["HX-Trigger"])["siach:toast"]
