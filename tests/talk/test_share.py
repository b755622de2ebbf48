"""One post as a text to hand on: whole, in its own directions, and nobody of a closed place named."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.test import Client

from siach.talk.connections import FetchedMetrics
from siach.talk.models import Author, Post
from siach.talk.queries.sharing import LETTERS
from tests.world import World, said

pytestmark = pytest.mark.django_db
RLM, LRM = "\u200f", "\u200e"


def heard(world: World, text: str = "המנורה של לומיקה גרועה, לא לקנות", **more: object) -> Post:
    world.hear(said("s1", text, by="angry", metrics=FetchedMetrics(shares=3, comments=1), **more))
    return Post.objects.get()


def text_of(world: World, post: Post, query: str = "") -> str:
    page = world.client(world.dana).get(f"/stream/post/{post.pk}/share/{query}")
    return str(page.context["text"])


def test_the_text_says_who_where_what_and_how_far(world: World) -> None:
    post = heard(world)
    lines = text_of(world, post).splitlines()
    assert lines[0].startswith(RLM) and "Angry" in lines[0] and "24.11.2026 11:41" in lines[0]
    assert lines[2] == RLM + post.text
    assert lines[4].startswith(RLM + "סיווג: ") and lines[5] == RLM + "תגובה אחת · 3 שיתופים"
    assert lines[-1] == post.url
    english = text_of(world, post, "?in=en").splitlines()
    assert english[2] == RLM + post.text, "the words keep their own direction"
    assert english[4].startswith(LRM + "Reading: ") and english[5] == LRM + "1 comment · 3 shares"
    assert text_of(world, post, "?in=klingon").splitlines()[4] == lines[4]


def test_the_page_hands_it_to_a_message_and_a_mail(world: World) -> None:
    post = heard(world, "לומיקה <script>alert(1)</script> & co")
    page = world.client(world.dana).get(f"/stream/post/{post.pk}/share/")
    assert "<script>alert" not in page.text
    assert page.context["text"] in unquote(page.context["whatsapp_url"])
    assert page.context["text"] in unquote(page.context["mail_url"])
    assert f"/stream/post/{post.pk}/share/" in world.client(world.dana).get("/stream/").text


def test_nobody_of_a_closed_place_is_named(world: World) -> None:
    post = heard(world)
    Author.objects.update(is_closed=True)
    assert "Angry" not in text_of(world, post)


def test_a_long_post_is_cut_with_a_mark_and_controls_fall(world: World) -> None:
    text = text_of(world, heard(world, "לומיקה \u202eהפוך " + "א" * LETTERS * 2))
    assert "[…]" in text and "\u202e" not in text and len(text) < LETTERS + 300


def test_outsiders_and_erased_posts_have_no_text(world: World) -> None:
    post = heard(world)
    address = f"/stream/post/{post.pk}/share/"
    assert world.client(world.omer).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    Post.objects.update(state=Post.State.ERASED, text="")
    assert world.client(world.dana).get(address).status_code == 404
