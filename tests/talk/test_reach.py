"""What a mandate opens of the trunk, and that nothing else of the client is ever seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from siach.care import actions as care
from siach.org.actions import add_brand
from siach.org.models import Brand, Mandate, Topic
from siach.talk import pictures
from siach.talk.models import Media, Mention, Post
from siach.talk.queries.reach import authors_for, mentions_for, posts_for
from siach.talk.queries.stream import new_since, scope, stream
from tests.talk.views import view_for
from tests.world import NOW, World, said

DELIVERY = "המשלוח של לומיקה מקסים"
LAMP = "המנורה של לומיקה יפה"
BROKEN = "לומיקה, המנורה הגיעה שבורה, שירות גרוע"
LATE = "לומיקה, המשלוח מאחר, שירות גרוע"


@pytest.fixture
def delivery(world: World) -> Topic:
    return Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח", "delivery"])


@pytest.fixture
def talk(world: World, delivery: Topic) -> World:
    """Praise and complaints about Lumika with and without the topic, a rival, and a second brand of the client."""
    add_brand(org=world.org, name="ניצנית", by=world.noam, at=world.at)
    world.hear(
        said("praise", DELIVERY, by="a"),
        said("lamp", LAMP, by="b"),
        said("broken", BROKEN, by="c"),
        said("late", LATE, by="d"),
        said("rival", "ברוניל ניצחו", by="e"),
        said("second", "ניצנית פורחת", by="f"),
    )
    return world


def keys(found) -> set[str]:
    return set(found.values_list("key", flat=True))


def narrowed(world: World, **more: object) -> None:
    Mandate.objects.filter(pk=world.mandate.pk).update(**more)


def listed(world: World) -> set[str]:
    """The keys of what Ido's Stream lists."""
    return {card.post.key for card in stream(view_for(world.ido, at=world.at)).cards}


PARTS = [
    ({}, {"praise", "lamp", "broken", "late"}),
    ({"data_scope": "cases"}, {"broken", "late"}),
    ({"topics": "delivery"}, {"praise", "late"}),
    ({"data_scope": "cases", "topics": "delivery"}, {"late"}),
]


@pytest.mark.parametrize(("more", "expected"), PARTS)
def test_a_mandate_opens_exactly_its_part(talk: World, delivery: Topic, more: dict, expected: set[str]) -> None:
    narrowed(talk, **{name: [delivery.pk] if value == "delivery" else value for name, value in more.items()})
    assert keys(posts_for(talk.ido, "stream.read")) == expected
    assert keys(Post.objects.filter(mentions__in=mentions_for(talk.ido, "stream.read"))) == expected
    assert listed(talk) == expected
    view = view_for(talk.ido, at=talk.at)
    assert new_since(view, 0, at=talk.at) == len(expected)
    assert stream(view).total == len(expected)
    client = talk.client(talk.ido)
    for post in Post.objects.filter(org=talk.org):
        shown = client.get(reverse("post", args=[post.pk])).status_code
        assert shown == (200 if post.key in expected else 404), post.key
        mention = Mention.objects.filter(post=post).first()
        assert client.get(reverse("why", args=[mention.pk])).status_code == shown


@pytest.mark.parametrize("more", [more for more, _expected in PARTS])
def test_no_page_of_the_agency_says_a_word_of_the_rest(talk: World, delivery: Topic, more: dict) -> None:
    narrowed(talk, **{name: [delivery.pk] if value == "delivery" else value for name, value in more.items()})
    client = talk.client(talk.ido)
    for address in (
        "/",
        "/stream/?brand=all",
        "/stream/?brand=all&q=ניצנית",
        "/inbox/",
        "/stream/?q=ברוניל",
        "/sources/",
    ):
        page = client.get(address).text
        assert "פורחת" not in page and "ניצחו" not in page and "ניצנית</" not in page, address
        if more:
            assert "המנורה של לומיקה יפה" not in page, address
    for brand in Brand.objects.filter(org=talk.org).exclude(pk=talk.brand.pk):
        assert client.get(f"/stream/?brand={brand.pk}").status_code == 404
        assert client.post("/brand-in-view/", {"brand": brand.pk}).status_code == 404


def test_a_narrow_mandate_is_told_no_counts(talk: World) -> None:
    client = talk.client(talk.ido)
    assert 'class="stream-chart"' in client.get("/stream/").text
    narrowed(talk, data_scope="cases")
    page = client.get("/stream/").text
    assert 'class="stream-chart"' not in page and 'id="days"' not in page


def test_a_conversation_with_a_case_is_open_whole_and_stays_so(talk: World) -> None:
    narrowed(talk, data_scope="cases")
    broken = Post.objects.get(key="broken")
    talk.hear(said("passer", "גם לי", by="g", parent="broken", root="broken"))
    assert "passer" in keys(posts_for(talk.ido, "stream.read"))
    case = broken.thread.cases.get()
    care.resolve(case=case, by=talk.dana, at=NOW + timedelta(hours=1))
    assert {"broken", "passer"} <= listed(talk)
    assert talk.client(talk.ido).get(reverse("case", args=[case.pk])).status_code == 200


def test_pictures_and_authors_follow_the_posts(talk: World) -> None:
    made = {}
    for post in Post.objects.filter(org=talk.org):
        made[post.key] = Media.objects.create(
            org=talk.org, post=post, sha256=f"{post.pk:064d}", kind="image/png", size=1
        )
    narrowed(talk, rights=["today.read", "stream.read", "author.mark"])
    for key, media in made.items():
        pictures.path_of(media.sha256).parent.mkdir(parents=True, exist_ok=True)
        pictures.path_of(media.sha256).write_bytes(b"png")
        shown = talk.client(talk.ido).get(reverse("picture", args=[pictures.token(media.pk)])).status_code
        assert shown == (404 if key in {"rival", "second"} else 200), key
    heard = set(authors_for(talk.ido, "author.mark").values_list("external_id", flat=True))
    assert heard == {"did:a", "did:b", "did:c", "did:d"}
    narrowed(talk, data_scope="cases")
    assert not authors_for(talk.ido, "author.mark").exists()


def test_the_thread_of_a_post_hides_what_is_not_lent(talk: World) -> None:
    talk.hear(said("aside", "ברוניל עדיפה בהרבה", by="h", parent="lamp", root="lamp"))
    post = Post.objects.get(key="lamp")
    Mention.objects.filter(post__key="aside", brand=talk.brand).delete()
    assert "עדיפה בהרבה" in talk.client(talk.dana).get(reverse("post", args=[post.pk])).text
    assert "עדיפה בהרבה" not in talk.client(talk.ido).get(reverse("post", args=[post.pk])).text


def test_what_could_not_be_taken_and_files_are_never_lent(talk: World) -> None:
    narrowed(talk, rights=["today.read", "stream.read", "source.read", "source.manage"])
    ido = talk.client(talk.ido)
    assert [brand.pk for brand in scope(talk.ido)] == [talk.brand.pk, talk.led_brand.pk]
    assert ido.get("/import/").status_code == 404
