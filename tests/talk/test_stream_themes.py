"""What they are talking about: themes on the Stream, within what the reader may read, and a theme becomes a topic."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siach.language.search import parse_query
from siach.org.models import Membership, Topic
from siach.talk.models import Post, Thread
from siach.talk.queries import sample
from siach.talk.queries.stream import stream
from siach.talk.queries.themes import Themes, talked_about
from tests.talk.views import view_for
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
THINGS = (
    *("קרואסון", "עוגה", "בורקס", "לחמנייה", "קפה", "פיצה", "סלט", "מרק"),
    *("גבינה", "ריבה", "שוקולד", "תותים", "קינמון", "אגוז", "דבש", "שקד"),
)
CALM = ("קניתי היום בלומיקה {}", "אכלנו {} של לומיקה", "לומיקה, יש {} מחר?")
FRIDGE = (
    "{} המקרר אצלכם מקולקל לומיקה",
    "לומיקה {} יש מקרר די מקולקל, כמה מקררים",
    "{} גלידה נמסה, המקרר מקולקל, לומיקה",
)
OPENINGS = ("שוב", "ראיתי", "היום", "בושה,")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def talk(world: World) -> World:
    """Forty plain posts yesterday, as many on the days before, and twelve of yesterday about the fridge."""
    plain = [line.format(thing) for line in CALM for thing in THINGS][:40]
    before = [said(f"before{n}", text, at=NOW - (9 + n % 5) * DAY, by=f"a{n}") for n, text in enumerate(plain)]
    calm = [said(f"calm{n}", text, at=NOW - DAY - n * timedelta(minutes=1), by=f"b{n}") for n, text in enumerate(plain)]
    texts = [line.format(opening) for opening in OPENINGS for line in FRIDGE]
    fridge = [said(f"fridge{n}", text, at=NOW - DAY, by=f"c{n}") for n, text in enumerate(texts)]
    world.hear(*before, *calm, *fridge)
    return world


def told(world: World, **asked: str) -> Themes:
    return talked_about(view_for(world.noam, at=NOW, **{"period": "7", **asked}))


def page(client: Client, **asked: str) -> str:
    return client.get(reverse("stream_themes"), {"period": "7", **asked}, headers={"HX-Request": "true"}).text


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_a_theme_is_told_with_what_its_link_finds(talk: World) -> None:
    found = told(talk)
    assert (found.read, found.rest, found.is_part, found.is_thin) == (52, 40, False, False)
    (theme,) = found.told
    assert {name.word for name in theme.theme.names} >= {"מקרר", "מקולקל"}
    assert len(theme.theme.keys) == theme.found == 12
    assert theme.theme.before == 0 and theme.times
    listed = stream(view_for(talk.noam, at=NOW, period="7", q=theme.asked))
    assert {card.post.key for card in listed.cards} == {f"fridge{n}" for n in range(12)}
    assert listed.total == theme.found
    assert theme.sentence and "מקרר" in theme.sentence.text


def test_a_day_is_compared_with_the_other_days_and_filters_with_themselves_before(talk: World) -> None:
    day = talked_about(view_for(talk.noam, at=NOW, day=(NOW - DAY).date()))  # type: ignore[arg-type]
    assert (day.against, day.read, day.rest) == ("days", 52, 40)
    narrow = told(talk, q="לומיקה")
    assert (narrow.against, narrow.rest) == ("before", 40)
    assert told(talk, q="קפה").is_thin


def test_few_are_read_however_many_there_are(talk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST", 45)
    found = told(talk)
    assert (found.read, found.is_part) == (45, True)
    assert "לפחות 12 אזכורים" in words(page(talk.client(talk.noam)))


def test_private_words_make_no_theme_for_whoever_may_not_read_them(talk: World) -> None:
    Post.objects.filter(key__startswith="fridge").update(is_private=True)
    reader = talk.join("rona", Membership.Role.READER)
    assert "מקרר" in page(talk.client(talk.noam))
    assert "מקרר" not in page(talk.client(reader))
    assert "מקרר" not in talk.client(reader).get(reverse("stream_themes"), {"period": "7"}).text
    assert all(one.sentence is None for one in told(talk).told), "nothing private is quoted, whoever asks"


def test_what_is_said_in_a_closed_place_is_counted_and_not_quoted(talk: World) -> None:
    Thread.objects.filter(posts__key__startswith="fridge").update(is_closed=True)
    (theme,) = told(talk).told
    assert theme.found == 12 and theme.sentence is None


def test_an_outsider_sees_nothing_and_a_visitor_signs_in(talk: World) -> None:
    outsider = talk.client(talk.omer)
    assert outsider.get(reverse("stream_themes"), {"brand": talk.brand.pk}).status_code == 404
    assert "מקרר" not in page(outsider)
    assert Client().get(reverse("stream_themes")).status_code == 302


@pytest.mark.parametrize("language", ["he", "en"])
def test_a_theme_becomes_a_topic_by_whoever_runs_the_brand(talk: World, language: str) -> None:
    talk.noam.language = language
    talk.noam.save()
    client = talk.client(talk.noam, language)
    whole = client.get(reverse("stream"), {"period": "7"}).text
    (address,) = set(re.findall(r'hx-get="([^"]*stream/themes/[^"]*)"', whole))
    panel = client.get(unescape(address), headers={"HX-Request": "true"}).text
    assert "<html" not in panel and "<html" in client.get(unescape(address)).text
    (action,) = re.findall(r'action="([^"]*/topics/)"', panel)
    fields = {name: unescape(value) for name, value in re.findall(r'name="(new-\w+)" value="([^"]*)"', panel)}
    assert client.post(action, fields, follow=True).redirect_chain[-1][0] == reverse("topics", args=[talk.brand.pk])
    topic = Topic.objects.get(brand=talk.brand, name=fields["new-name"])
    assert {"מקרר", "מקררים"} <= set(topic.words)
    again = page(client)
    assert re.findall(r'action="([^"]*/topics/)"', again) == []
    assert f"<bdi>{topic.name}</bdi>" in again and told(talk).told[0].topic == topic


def test_whoever_does_not_run_the_brand_has_no_button_and_no_way(talk: World) -> None:
    reader = talk.join("rona", Membership.Role.READER)
    found = page(talk.client(reader))
    assert "מקרר" in found and "new-name" not in found
    posted = talk.client(reader).post(reverse("topics", args=[talk.brand.pk]), {"new-name": "מקרר"})
    assert posted.status_code in (403, 404) and not Topic.objects.filter(name="מקרר").exists()


def test_a_theme_within_a_topic_says_so(talk: World) -> None:
    topic = Topic.objects.create(brand=talk.brand, name="קירור", words=["מקפיא"])
    posts = Post.objects.filter(key__startswith="fridge")
    for post in posts[:7]:
        post.mentions.update(topics=[topic.pk])
    assert told(talk).told[0].topic == topic
    posts[6].mentions.update(topics=[])
    posts[5].mentions.update(topics=[])
    assert told(talk).told[0].topic is None


def test_thin_and_empty_states_are_calm(world: World) -> None:
    assert told(world).is_thin
    said_so = page(world.client(world.noam))
    assert "0 אזכורים" in words(said_so) and "<ul" not in said_so
    world.hear(*(said(f"p{n}", f"לומיקה {thing}", at=NOW - DAY, by=f"a{n}") for n, thing in enumerate(THINGS * 3)))
    assert told(world).told == () and "אין נושא בולט" in page(world.client(world.noam))


def test_hostile_words_are_only_words(talk: World) -> None:
    evil = ("<script>alert(1)</script>", "'); DROP TABLE talk_post; --", "a|b & !c", '"', "\\'", "{{ 7*7 }}")
    talk.hear(
        *(
            said(f"evil{n}", f"לומיקה {text} זדון{n % 2} רשעות {opening}", at=NOW - DAY, by=f"e{n}")
            for n, (text, opening) in enumerate((text, opening) for text in evil for opening in OPENINGS)
        )
    )
    found = page(talk.client(talk.noam))
    assert "<script" not in found and "49" not in found
    assert Post.objects.exists()


def test_a_search_for_one_or_another_finds_both_and_says_why(talk: World) -> None:
    both = parse_query("קפה|מקרר לומיקה")
    assert len(both.words) == 2 and len(both.either) == 1
    found = stream(view_for(talk.noam, at=NOW, period="7", q="קפה|גלידה"))
    keys = {card.post.key for card in found.cards}
    assert any(key.startswith("calm") for key in keys) and any(key.startswith("fridge") for key in keys)
    assert not any(reason for card in found.cards for reason in card.snippet.why), "each is as it was typed"
    assert parse_query("|").words == parse_query("a|").either.get((), ()) == ()
