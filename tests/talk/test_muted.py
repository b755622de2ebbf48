"""Muting for oneself: it leaves the list, not the counts, and never what must not be missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from siach.care import actions as care
from siach.org.models import Mandate, Topic
from siach.talk.actions.muting import MOST_MUTES, CannotMute, drop_mutes, mute
from siach.talk.models import Author, Mention, Mute
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db
LOUD = "ראיתי היום מבצע של לומיקה"
CALM = "לומיקה פתחה חנות בחיפה"


@pytest.fixture
def heard(world: World) -> World:
    world.hear(said("l1", LOUD, by="loud"), said("l2", CALM + " ובעכו", by="loud"), said("c1", CALM, by="calm"))
    return world


def page(world: World, user: str = "dana", query: str = "") -> str:
    return (
        world.client(getattr(world, user)).get(f"/stream/?period=range&first=2026-11-01&last=2026-11-30&{query}").text
    )


@pytest.mark.parametrize(("language", "words"), [("he", "מושתקים אינם מוצגים"), ("en", "muted mentions are not shown")])
def test_an_author_leaves_the_list_of_one_person_alone(heard: World, language: str, words: str) -> None:
    heard.dana.language = language
    heard.dana.save()
    dana, loud = heard.client(heard.dana), Author.objects.get(handle="loud.test")
    post = Mention.objects.get(post__text=LOUD).post
    assert f'value="{loud.pk}"' in dana.get(f"/stream/post/{post.pk}/").text
    dana.post("/account/muted/add/", {"author": loud.pk, "days": "30"})
    told = page(heard)
    assert LOUD not in told and "ובעכו" not in told and CALM in told and words in told
    assert LOUD in page(heard, query="muted=show") and words not in page(heard, query="muted=show")
    assert LOUD in page(heard, "noam") and words not in page(heard, "noam")
    assert dana.get("/stream/?period=range&first=2026-11-01&last=2026-11-30").context["shown"].total == 3, "counts stay"
    assert "Loud" in dana.get("/account/muted/").text


def test_a_word_is_muted_as_a_search_finds_it(heard: World) -> None:
    heard.client(heard.dana).post("/account/muted/add/", {"word": "חנות", "days": "7"})
    told = page(heard)
    assert LOUD in told and CALM not in told
    assert "ראיתי היום" in page(heard, query="q=לומיקה") and "ובעכו" not in page(heard, query="q=לומיקה")


def test_a_topic_leaves_the_list_and_only_what_speaks_of_it(heard: World) -> None:
    topic = Topic.objects.create(brand=heard.brand, name="חנויות", words=["חנות"])
    other = Topic.objects.create(brand=heard.other_brand, name="x", words=["x"])
    Mention.objects.filter(post__text__contains="חנות").update(topics=[topic.pk])
    dana = heard.client(heard.dana)
    assert "חנויות" in dana.get("/account/muted/").text
    assert dana.post("/account/muted/add/", {"topic": other.pk, "days": "7"}).status_code == 404
    dana.post("/account/muted/add/", {"topic": topic.pk, "days": "7"})
    told = page(heard)
    assert LOUD in told and CALM not in told and "מושתקים אינם מוצגים" in told
    assert CALM in page(heard, "noam") and CALM in page(heard, query="muted=show")
    one = Mute.objects.get()
    assert f"/account/muted/{one.pk}/remove/" in dana.get("/account/muted/").text
    topic.delete()
    assert CALM in page(heard) and not Mute.objects.exists()


def test_an_agency_with_a_part_of_the_brand_hears_of_no_other_topic(heard: World) -> None:
    theirs = Topic.objects.create(brand=heard.brand, name="משלוחים", words=["משלוח"])
    other = Topic.objects.create(brand=heard.brand, name="חנויות", words=["חנות"])
    Mandate.objects.filter(pk=heard.mandate.pk).update(topics=[theirs.pk])
    ido = heard.client(heard.ido)
    told = ido.get("/account/muted/").text
    assert "משלוחים" in told and "חנויות" not in told
    assert ido.post("/account/muted/add/", {"topic": other.pk, "days": "7"}).status_code == 404
    assert ido.post("/account/muted/add/", {"topic": theirs.pk, "days": "7"}).status_code == 302


def test_safety_and_open_cases_are_always_shown(heard: World) -> None:
    for author in Author.objects.all():
        mute(user=heard.dana, author=author, at=NOW)
    assert LOUD not in page(heard)
    mention = Mention.objects.get(post__text=LOUD)
    Mention.objects.filter(post__text=CALM).update(is_safety=True)
    assert CALM in page(heard)
    care.open_case(mention=mention, by=heard.noam, at=NOW)
    assert LOUD in page(heard)


def test_it_ends_and_can_be_taken_back(heard: World) -> None:
    dana = heard.client(heard.dana)
    one = mute(user=heard.dana, word="חנות", days=1, at=NOW - timedelta(days=2000))
    assert CALM in page(heard), "it has ended"
    assert drop_mutes(at=NOW) == 1 and not Mute.objects.filter(pk=one.pk).exists()
    dana.post("/account/muted/add/", {"word": "חנות", "days": "0"})
    dana.post("/account/muted/add/", {"word": "חנות", "days": "0"})
    two = Mute.objects.get()
    assert CALM not in page(heard)
    dana.post(f"/account/muted/{two.pk}/remove/")
    assert CALM in page(heard)


def test_what_cannot_be_muted_is_said(heard: World) -> None:
    dana = heard.client(heard.dana)
    for word in ("", "  ", "!?", "\x00"):
        assert 'class="banner alarm"' in dana.post("/account/muted/add/", {"word": word}, follow=True).text
    for n in range(MOST_MUTES):
        mute(user=heard.dana, word=f"word{n}", at=NOW)
    with pytest.raises(CannotMute):
        mute(user=heard.dana, word="more", at=NOW)


def test_omer_mutes_nobody_of_lumika(heard: World) -> None:
    omer, loud = heard.client(heard.omer), Author.objects.get(handle="loud.test")
    assert omer.post("/account/muted/add/", {"author": loud.pk}).status_code == 404
    assert omer.post("/account/muted/add/", {"author": "9" * 30}).status_code == 404
    one = mute(user=heard.dana, word="חנות", at=NOW)
    assert omer.post(f"/account/muted/{one.pk}/remove/").status_code == 404
    assert "חנות" not in omer.get("/account/muted/").text
    assert Client().get("/account/muted/").status_code == 302
