"""The Stream: what is listed, in which order, under which filters, and for whom."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from siach.language.reading import EMOTIONS, SIGNS, packed
from siach.talk.actions.counting import fold
from siach.talk.actions.marking import correct, mark_part, mark_thread
from siach.talk.actions.taking import Place, take_in
from siach.talk.connections import FetchedMetrics
from siach.talk.models import Author, Media, Mention, Source, Thread
from siach.talk.queries import listed
from siach.talk.queries.filters import Filters, read_filters, view_of
from siach.talk.queries.listed import Cursor, cursor_of
from siach.talk.queries.stream import Shown, new_since, newest_id, stream
from siach.talk.reading_words import tags
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

GOOD, BAD, FLAT = "לומיקה נהדרת", "לומיקה זה שירות מזעזע", "לומיקה פתוח היום"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def shown(world: World, before: Cursor | None = None, **filters: object) -> Shown:
    view = view_of(Filters(**filters), [world.brand, world.rival], None, at=NOW)  # type: ignore[arg-type]
    return stream(view, before=before)


def keys(page: Shown) -> list[str]:
    return [card.post.key for card in page.cards]


def page(world: World, query: str = "", language: str = "he", **headers: str) -> str:
    world.noam.language = language
    world.noam.save()
    answer = world.client(world.noam).get(reverse("stream") + query, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the list ---------------------------------------------------------------------------------------------


def test_pages_of_fifty_without_gaps_or_doubles_also_at_one_instant(world: World) -> None:
    world.hear(*(said(f"p{i:03}", GOOD, at=NOW - timedelta(minutes=i // 40)) for i in range(160)))
    pages, before = [], None
    while True:
        one = shown(world, before)
        pages.append(keys(one))
        assert one.total == 160
        if not one.older:
            break
        before = one.older
    assert [len(one) for one in pages] == [50, 50, 50, 10]
    flat = [key for one in pages for key in one]
    order = Mention.objects.order_by("-said_at", "-pk").values_list("post__key", flat=True)
    assert flat == list(order)


def test_a_new_mention_on_top_moves_nothing_between_pages(world: World) -> None:
    world.hear(*(said(f"p{i:03}", GOOD, at=NOW - timedelta(minutes=i)) for i in range(1, 60)))
    first = shown(world)
    world.hear(said("new", GOOD))
    assert len(set(keys(first)) & set(keys(shown(world, first.older)))) == 0
    assert len(keys(shown(world, first.older))) == 9


def test_several_brands_are_merged_by_time(world: World) -> None:
    for i in range(60):
        world.hear(said(f"p{i:03}", GOOD if i % 2 else "ברוניל", at=NOW - timedelta(minutes=i)))
    one = shown(world, brand="all")
    assert keys(one) == [f"p{i:03}" for i in range(50)]
    assert keys(shown(world, one.older, brand="all")) == [f"p{i:03}" for i in range(50, 60)]
    assert len(keys(shown(world))) == len(keys(shown(world, brand="rival"))) == 30


def test_a_cursor_survives_its_address_and_nonsense_is_none() -> None:
    there = Cursor(datetime(2026, 11, 24, 9, 41, 0, 123456, tzinfo=UTC), 7)
    assert cursor_of(str(there)) == there
    for nonsense in ("", "7", "a.b", "-1.2", "1.-2", "9" * 20 + ".1", "1." + "9" * 30, "٣.٤", "1.2.3"):
        assert cursor_of(nonsense) is None, nonsense


def test_the_same_number_of_queries_for_five_rows_and_for_fifty(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as spent:
            page(world, "?brand=all")
        return len(spent)

    world.hear(*(said(f"a{i}", GOOD, by=f"one{i}", metrics=FetchedMetrics(likes=i)) for i in range(5)))
    few = queries()
    world.hear(
        *(
            said(f"b{i}", BAD, by=f"two{i}", parent=f"a{i % 5}", root=f"a{i % 5}", metrics=FetchedMetrics(likes=9))
            for i in range(45)
        )
    )
    assert queries() == few


# --- filters ----------------------------------------------------------------------------------------------


def test_each_filter_narrows_to_what_it_says(world: World) -> None:
    world.hear(said("good", GOOD), said("bad", BAD, by="angry"), said("flat", FLAT, at=NOW - timedelta(days=3)))
    en = said("en", "Lumika is great, I love it, thank you", by="angry")
    world.hear(en, said("old", GOOD, at=NOW - timedelta(days=60)))
    bad = Mention.objects.get(post__key="bad")
    correct(mention=bad, field="intent", value=1, by=world.dana, at=NOW)
    mark_thread(bad.post.thread, "case", url_name="case", object_id=5, at=NOW)
    mark_part(author=bad.post.author, part="customer", evidence="קבלה", by=world.yael, at=NOW)
    Mention.objects.filter(post__key="good").update(urgency=2, is_safety=True)
    assert set(keys(shown(world, period="90"))) == {"good", "bad", "flat", "en", "old"}
    for asked, expected in {
        "sentiment=-1": {"bad"},
        "intent=1": {"bad"},
        "urgency=2": {"good"},
        "urgency=3": set(),
        "safety=1": {"good"},
        "network=bluesky": {"good", "bad", "flat", "en"},
        "network=forum": set(),
        "language=en": {"en"},
        "part=customer": {"bad", "en"},
        "via=1": {"good", "bad", "flat", "en"},
        "via=4": set(),
        "corrected=1": {"bad"},
        "case=1": {"bad"},
        "heard=live": {"good", "bad", "flat", "en"},
        "period=today": {"good", "bad", "en"},
        "period=24h": {"good", "bad", "en"},
        "period=range&first=2026-11-20&last=2026-11-22": {"flat"},
        "day=2026-11-21": {"flat"},
        "period=90&heard=history": {"old"},
        "sentiment=7&via=x&period=year&day=never&heard=all": {"good", "bad", "flat", "en"},
    }.items():
        pairs = dict(pair.split("=") for pair in asked.split("&"))
        view = view_of(read_filters(pairs), [world.brand], None, at=NOW)
        assert set(keys(stream(view))) == expected, asked


def test_what_was_captured_by_hand_is_found_by_how_it_came(world: World) -> None:
    captures = Source.objects.create(
        org=world.org, brand=world.brand, network="facebook", kind=Source.Kind.CAPTURE, connected_at=NOW
    )
    taken = take_in([said("c", BAD)], source=captures, at=NOW, place=Place("הורים בגבעתיים", True))
    world.carry(taken.batches)
    world.hear(said("a", GOOD))
    assert keys(shown(world, heard="captured")) == ["c"]
    assert "הורים בגבעתיים" in page(world)


def test_a_day_is_cut_in_the_brands_own_zone(world: World) -> None:
    world.hear(said("late", GOOD, at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC)))
    assert keys(shown(world, day=date(2026, 11, 23))) == ["late"]
    assert keys(shown(world, day=date(2026, 11, 22))) == []


def test_totals_equal_the_mentions_and_are_silent_where_counts_cannot_tell(world: World) -> None:
    world.hear(*(said(f"p{i}", (GOOD, BAD, FLAT)[i % 3], at=NOW - timedelta(hours=i)) for i in range(40)))
    fold(at=NOW)
    world.hear(said("tail", GOOD))
    for asked in ({}, {"sentiment": "1"}, {"intent": "1"}, {"period": "24h"}, {"day": date(2026, 11, 23)}):
        one = shown(world, **asked)
        assert one.total == len(one.cards) and not one.is_more, asked
    assert shown(world, urgency="1").total is None


def test_an_address_holds_the_filters_and_nothing_else() -> None:
    asked = Filters(q="חלה", brand="3", period="7", day=date(2026, 11, 24), sentiment="-1", case="1")
    address = dict(pair.split("=") for pair in asked.address().split("&"))
    assert set(address) == {"q", "brand", "period", "day", "sentiment", "case"}
    assert replace(asked, q="") == replace(read_filters(address), q="")
    assert Filters().address() == ""


# --- the page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "side"), [("he", "rtl"), ("en", "ltr")])
def test_it_renders_in_both_directions(world: World, language: str, side: str) -> None:
    world.hear(said("a", BAD, metrics=FetchedMetrics(likes=3)), said("b", GOOD, parent="a", root="a"))
    html = page(world, language=language)
    assert f'<html lang="{language}" dir="{side}"' in html
    assert html.count("<article") == 2 and 'class="post-parent' in html
    assert ("זרם השיח" if language == "he" else "Stream") in html


def test_nasty_texts_stand_escaped(world: World) -> None:
    nasty = 'לומיקה <script>alert(1)</script> "><img src=x onerror=y> \u202eabc\u2066 \0 ' + "מ" * 5000
    world.hear(said("a", nasty, by='"><b>'))
    html = page(world, '?q=%22%3E%3Cscript%3E&brand=%00&network="><b>&day=0001-01-01&first=9999-12-31&before=x')
    assert "<script>alert" not in html and "<script>" not in html.replace("<script ", "")
    html = page(world)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert not re.search("[\0\u202e]|<img|<b>", html)
    assert "מ" * 400 not in html


def test_an_outsider_finds_nothing(world: World) -> None:
    world.hear(said("a", GOOD))
    mention = Mention.objects.get()
    omer = world.client(world.omer)
    assert "lumika" not in omer.get(reverse("stream")).content.decode().lower()
    assert omer.get(reverse("stream"), {"brand": world.brand.pk}).status_code == 404
    assert omer.get(reverse("stream_new"), {"brand": world.brand.pk, "after": 0}).status_code == 404
    assert omer.get(reverse("stream_new"), {"brand": "all", "after": 0}).content.strip() == b""
    assert omer.get(reverse("why", args=[mention.pk])).status_code == 404
    assert omer.post(reverse("correct", args=[mention.pk]), {"sentiment": 0}).status_code == 404
    assert omer.get(reverse("post", args=[mention.post_id])).status_code == 404
    assert omer.get(reverse("author_part", args=[mention.post.author_id])).status_code == 404


def test_signed_out_leads_to_the_door(world: World, client: object) -> None:
    answer = client.get(reverse("stream"))  # type: ignore[attr-defined]
    assert answer.status_code == 302 and "login" in answer.url


def test_a_card_leads_to_its_case_and_offers_none_beside_it(world: World) -> None:
    world.hear(said("a", FLAT))
    thread = Thread.objects.get()
    assert 'data-key="KeyO"' in page(world)
    mark_thread(thread, "case", url_name="case", object_id=5, at=NOW)
    html = page(world)
    assert 'data-key="KeyO"' not in html and reverse("case", args=[5]) in html


def test_pictures_stand_while_they_are_kept(world: World) -> None:
    world.hear(said("a", FLAT))
    post = Mention.objects.get().post
    for sha, until in (("a" * 64, NOW + timedelta(days=1)), ("b" * 64, NOW - timedelta(days=1))):
        Media.objects.create(org=world.org, post=post, sha256=sha, kind="image/png", size=1, keep_until=until)
    assert page(world).count('<img class="photo" src="/media/') == 1


def test_an_unsure_reading_says_so_and_a_judged_one_does_not(world: World) -> None:
    world.hear(said("a", FLAT))
    Mention.objects.update(confidence=430)
    assert "Not sure: neutral" in page(world, language="en")
    Mention.objects.update(confidence=900, signs=packed([*[0] * 12, 0.7, 0]))
    assert "Not sure: neutral, or sarcastic" in page(world, language="en")
    correct(mention=Mention.objects.get(), field="sentiment", value=0, by=world.dana, at=NOW)
    html = page(world, language="en")
    assert "Not sure:" not in html and "Dana" in html


def test_a_day_of_the_chart_leads_to_its_mentions_and_back(world: World) -> None:
    world.hear(said("a", GOOD, at=NOW - timedelta(days=2)), said("b", GOOD))
    assert "?day=2026-11-22" in page(world)
    html = page(world, "?day=2026-11-22")
    assert html.count("<article") == 1 and 'is-on" href="?"' in html
    assert "period=range&amp;first=2026-11-20&amp;last=2026-11-24" in page(world, "?period=today")


# --- why it is empty, and what is new ---------------------------------------------------------------------


def test_it_says_why_it_is_empty(world: World) -> None:
    assert "All is quiet" in page(world, language="en")
    world.hear(said("a", GOOD, at=NOW - timedelta(days=200)))
    html = page(world, language="en")
    assert "Quiet in this period" in html
    way = re.search(r'href="(\?[^"]*period=range[^"]*)"', html)
    assert way and page(world, way.group(1).replace("&amp;", "&")).count("<article") == 1
    html = page(world, "?q=zebra", language="en")
    assert "No mentions match these filters" in html and "Clear the filters" in html


def test_without_a_source_it_leads_to_connecting_one(world: World) -> None:
    Source.objects.all().delete()
    html = page(world, language="en")
    assert "Nothing is heard yet" in html
    world.client(world.noam)
    reader = world.client(world.dana).get(reverse("stream")).content.decode()
    assert "Connect a first source" not in reader


def test_new_mentions_wait_behind_a_pill(world: World) -> None:
    world.hear(said("a", GOOD))
    after = newest_id()
    view = view_of(Filters(), [world.brand], None, at=NOW)
    assert new_since(view, after, at=NOW) == 0
    world.hear(said("b", GOOD), said("c", BAD), said("r", "ברוניל"))
    world.hear(said("h", GOOD, at=NOW - timedelta(days=40)))
    assert new_since(view, after, at=NOW) == 2
    client = world.client(world.noam)
    html = client.get(reverse("stream_new"), {"after": after, "sentiment": "-1"}).content.decode()
    assert 'class="fresh"' in html and "sentiment=-1" in html
    for nonsense in ("", "x", "-3", "9" * 40):
        assert client.get(reverse("stream_new"), {"after": nonsense}).status_code == 200


def test_the_author_of_a_closed_place_cannot_be_marked(world: World) -> None:
    captures = Source.objects.create(
        org=world.org, brand=world.brand, network="facebook", kind=Source.Kind.CAPTURE, connected_at=NOW
    )
    taken = take_in([said("c", BAD)], source=captures, at=NOW, place=Place("הורים", True))
    world.carry(taken.batches)
    author = Author.objects.get()
    assert reverse("author_part", args=[author.pk]) not in page(world)
    client = world.client(world.noam)
    body = client.get(reverse("author_part", args=[author.pk])).content.decode()
    assert 'name="evidence"' not in body
    answer = client.post(reverse("author_part", args=[author.pk]), {"part": "customer", "evidence": "x"})
    assert answer.status_code == 422 and Author.objects.get().part == "unknown"


# --- what else a reading says -----------------------------------------------------------------------------


def signs(**levels: float) -> int:
    return packed([levels.get(name, 0.0) for name in (*EMOTIONS, *SIGNS)])


def chips() -> list[str]:
    with translation.override("en"):
        return [tag.words for tag in tags(Mention.objects.get())][1:]


def test_at_most_three_chips_stand_beside_a_text_the_gravest_first(world: World) -> None:
    world.hear(said("a", FLAT))
    full = {"signs": signs(anger=0.9, fear=0.6, provokes=0.8), "intent": 1, "urgency": 3, "confidence": 900}
    Mention.objects.update(**full)
    assert chips() == ["complaint", "may stir debate"]
    Mention.objects.update(is_safety=True)
    assert chips() == ["safety", "complaint"]
    Mention.objects.update(is_safety=False, intent=0, signs=signs(anger=0.4, joy=0.6, provokes=0.4))
    assert chips() == ["joy", "urgency 3 of 3"]
    html = page(world)
    assert "שמחה" in html and html.count('<span class="tag ') == 3


def test_a_post_is_found_by_its_emotion_its_doubt_and_what_it_may_stir(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "anger": signs(anger=0.6),
        "calm": signs(anger=0.4),
        "stir": signs(provokes=0.8),
        "irony": signs(sarcasm=0.6),
    }
    world.hear(*(said(key, f"לומיקה {key}") for key in (*told, "doubt")))
    Mention.objects.update(confidence=800)
    for key, code in told.items():
        Mention.objects.filter(post__key=key).update(signs=code)
    Mention.objects.filter(post__key="doubt").update(confidence=550)
    for asked, keys in (
        ({"emotion": "anger"}, {"anger"}),
        ({"stirs": "1"}, {"stir"}),
        ({"unsure": "1"}, {"irony", "doubt"}),
        ({"unsure": "1", "emotion": "anger"}, set()),
    ):
        found = shown(world, **asked)
        assert {card.post.key for card in found.cards} == keys, asked
    assert shown(world, emotion="anger").total is None
    asked = view_of(read_filters({"emotion": "anger", "stirs": "x"}), [world.brand], None, at=NOW)
    assert new_since(asked, 0, at=NOW) == 1 and read_filters({"emotion": "hunger"}).emotion == ""
    monkeypatch.setattr(listed, "_LOOKS", (1, 1))
    html = page(world, "?emotion=fear")
    assert "before=" in html and "<article" not in html  # not looked at to the end: there is a way further back
