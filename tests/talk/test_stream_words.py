"""Why this day, why these filters: words, copies and sentences on the Stream, within what the reader may read."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from siach.talk.models import Mention, Post, Thread
from siach.talk.queries import sample
from siach.talk.queries import telling as queries
from siach.talk.queries.telling import alike, telling
from tests.talk.views import view_for
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PEOPLE = ("דנה", "רון", "מאיה", "גיל", "שיר", "עמית", "נטע", "יובל")
CALM = ("קניתי בלומיקה לחמנייה {}", "לומיקה פתוח בשכונה {}", "ישבנו בלומיקה {}", "בלומיקה שוב {}")
WAVE = "תפסיקו לקנות בלומיקה, מרעילים אותנו שם, תעבירו הלאה"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def talk(world: World) -> World:
    """Twenty plain days; yesterday the fridge broke, and a wave of copies came."""
    calm = [
        said(f"calm{day}-{n}", line.format(name), at=NOW - day * DAY - n * timedelta(minutes=7), by=name)
        for day in range(2, 22)
        for n, (line, name) in enumerate(zip(CALM, PEOPLE, strict=False))
    ]
    fridge = [
        said(f"fridge{n}", f"{name}: המקרר בלומיקה מקולקל מאז הבוקר. זה ממש לא נעים", at=NOW - DAY, by=name)
        for n, name in enumerate(PEOPLE[:4])
    ]
    fridge += [
        said(f"more{n}", f"גם {name} ראתה את המקרר של לומיקה מקולקל, הגלידה נמסה", at=NOW - DAY, by=name)
        for n, name in enumerate(PEOPLE[4:])
    ]
    wave = [said(f"wave{n}", f"{WAVE} {'!' * (n % 3)}", at=NOW - DAY, by=f"copy{n}") for n in range(9)]
    world.hear(*calm, *fridge, *wave)
    return world


def told(world: World, **asked: str) -> queries.Telling:
    return telling(view_for(world.noam, at=NOW, **asked))


def yesterday() -> dict[str, object]:
    return {"day": (NOW - DAY).date()}


def test_a_day_is_told_by_its_words_and_a_wave_does_not_fill_them(talk: World) -> None:
    found = told(talk, **yesterday())  # type: ignore[arg-type]
    words = [term.shown for term in found.terms]
    assert found.against == "days"
    assert (found.read, found.rest, found.is_part) == (17, 80, False)
    assert any("מקולקל" in word for word in words)
    assert not any("לומיקה" in word or "מרעילים" in word for word in words)
    copied = next(group for group in found.groups if "מרעילים" in group.text)
    assert copied.is_copied and len(copied.ids) == 9
    texts = dict(Post.objects.values_list("pk", "text"))
    assert found.sentences and all(one.text in texts[int(one.key)] for one in found.sentences)


def test_filters_are_compared_with_the_rest_and_a_period_with_the_one_before(talk: World) -> None:
    named = told(talk, q="המקרר")
    assert (named.against, named.read) == ("others", 8)
    assert not any("מקרר" in term.shown for term in named.terms), "it was asked for"
    week = told(talk, period="7")
    assert week.against == "before"
    assert (week.read, week.rest) == (37, 28)
    assert told(talk, q="שאיןכזאתמילה").terms == ()


def test_private_and_closed_words_are_never_quoted_and_the_private_not_read_by_others(talk: World) -> None:
    hidden = Post.objects.filter(key__startswith="fridge")
    hidden.update(is_private=True)
    Thread.objects.filter(posts__key__startswith="more").update(is_closed=True)
    found = told(talk, **yesterday())  # type: ignore[arg-type]
    assert found.read == 17
    assert not any("מקרר" in one.text for one in found.sentences)
    view = view_for(talk.join("Rotem", "reader"), at=NOW, **yesterday())  # type: ignore[arg-type]
    assert view.shut, "who does not read the Inbox"
    assert telling(view).read == 13
    assert alike(view, Mention.objects.get(post__key="fridge0").pk) is None


def test_few_are_read_however_many_there_are(talk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST", 10)
    found = told(talk)
    assert (found.read, found.is_part) == (10, True)
    day = told(talk, **yesterday())  # type: ignore[arg-type]
    assert day.rest <= 80


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_panel_adds_a_word_and_opens_the_copies(talk: World, language: str) -> None:
    talk.noam.language = language
    talk.noam.save()
    client = talk.client(talk.noam)
    page = client.get(reverse("stream"), {"day": str(yesterday()["day"])}).content.decode()
    (address,) = set(re.findall(r'href="([^"]*stream/words/[^"]*)"', page))
    panel = client.get(unescape(address), headers={"HX-Request": "true"}).content.decode()
    whole = client.get(unescape(address)).content.decode()
    assert "<html" in whole and "<html" not in panel
    links = [unescape(one) for one in re.findall(r'href="([^"]*)"', panel)]
    word = client.get(next(one for one in links if "q=" in one)).content.decode()
    assert "מקרר" in word and "מרעילים" not in word
    same = client.get(next(one for one in links if "same=" in one))
    assert same.content.decode().count('<article class="post"') == 9
    assert client.get(reverse("stream_words"), {"same": "999999"}).status_code == 404
    of_brand = {"brand": talk.brand.pk, "same": Mention.objects.get(post__key="wave0").pk}
    assert talk.client(talk.omer).get(reverse("stream_words"), of_brand).status_code == 404
    assert talk.client(talk.omer).get(reverse("stream_words"), {"same": of_brand["same"]}).status_code == 404
    assert "מקולקל" not in talk.client(talk.omer).get(reverse("stream_words")).content.decode()
