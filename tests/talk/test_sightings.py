"""A captured post is looked at again: what was seen then stands beside what was seen before, and nothing is dropped."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from siach.org import requests
from siach.org.models import Membership, Team, User
from siach.talk import pictures
from siach.talk.actions.capturing import Counts, LooksKnown, drop_media
from siach.talk.captured import is_alike
from siach.talk.models import Media, Post, Sighting
from siach.talk.queries.captured import known_as, last_place, places, seen
from siach.talk.queries.person import tell_posts
from tests.talk.test_capture import LINK, captured, drawn, form
from tests.world import NOW, World

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
LONG = "אמהות, מישהי מכירה את המנורה החדשה של לומיקה? אצלנו היא מתחממת מאוד וזה ממש מפחיד אותי בלילה"
OTHER = "https://www.facebook.com/groups/mums/posts/78"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)


def test_every_look_stands_with_its_time_its_numbers_and_its_pictures(world: World) -> None:
    post = captured(world, counts=Counts(14, 2, 31), handed_in=[drawn()]).post
    captured(world, counts=Counts(comments=20), by=world.yael, handed_in=[drawn(colour=90)], at=LATER)
    captured(world, counts=Counts(20, 1, 40), at=LATER + timedelta(hours=1))
    last, middle, first = seen(post)
    assert [one.sighting.by for one in (first, middle, last)] == [world.dana, world.yael, world.dana]
    assert [one.sighting.at - NOW for one in (first, middle, last)] == [timedelta(hours=n) for n in range(3)]
    assert (middle.comments.now, middle.comments.added, middle.likes, middle.shares) == (20, 6, None, None)
    assert (last.comments.added, last.shares.added, last.likes.added) == (0, -1, 9)
    assert [len(one.pictures) for one in (first, middle, last)] == [1, 1, 0]
    page = world.client(world.dana).get(reverse("post", args=[post.pk])).text
    row = re.search(r'<section class="block looks".*?</section>', page, re.S).group()  # type: ignore[union-attr]
    assert "Yael" in row and "+6" in row and row.count("<tr>") == 4 and row.count('class="photo"') == 1
    assert page.count('class="photo"') == 2


def test_changed_words_are_kept_beside_the_first(world: World) -> None:
    post = captured(world, url=LINK, text="המנורה של לומיקה מתחממת").post
    again = captured(world, url=LINK, text="המנורה של לומיקה נשרפה <b>", at=LATER)
    assert (again.post, again.is_new, again.reworded) == (post, False, True)
    assert not captured(world, url=LINK, text="המנורה  של לומיקה מתחממת", at=LATER).reworded
    page = world.client(world.dana).get(reverse("post", args=[post.pk])).text
    assert "המנורה של לומיקה מתחממת" in page and "המנורה של לומיקה נשרפה &lt;b&gt;" in page
    told = tell_posts(world.org, [post.author_id], at=NOW)["posts"]
    assert [one["text"] for one in told[0]["later"]] == ["המנורה של לומיקה נשרפה <b>"]
    made = requests.take_up(org=world.org, kind="erasure", people=[post.author_id], asked="x", by=world.noam, at=NOW)
    assert made and Sighting.objects.exclude(text="").count() == 1


def test_one_look_handed_in_twice_is_one(world: World) -> None:
    first = captured(world, key="a", counts=Counts(1))
    again = captured(world, key="a", counts=Counts(1), at=LATER)
    assert again.is_repeat and again.post == first.post and Sighting.objects.count() == 1
    assert not captured(world, key="b", at=LATER).is_repeat
    assert not captured(world, key="a", by=world.yael, at=LATER).is_repeat
    assert (Post.objects.count(), Sighting.objects.count()) == (1, 3)


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (LONG.replace("מאוד ", ""), True),
        (" ".join(LONG.split()[:9]) + " … ראו עוד", True),
        ("אמהות, מישהי מכירה גן טוב במודיעין?", False),
        ("תודה", False),
    ],
)
def test_what_looks_like_one_post(other: str, alike: bool) -> None:
    assert is_alike(LONG, other) == is_alike(other, LONG) == alike
    assert not is_alike("תודה רבה", "תודה רבה לך")


def test_what_looks_known_waits_for_a_word(world: World) -> None:
    post = captured(world, text=LONG).post
    near = LONG.replace("מאוד ", "")
    with pytest.raises(LooksKnown) as raised:
        captured(world, text=near)
    assert (raised.value.known.post, raised.value.known.by) == (post, "Dana")
    with pytest.raises(LooksKnown):
        captured(world, text=near, same_as=post.pk + 1)
    assert Post.objects.count() == Sighting.objects.count() == 1
    assert captured(world, text=near, same_as=post.pk).post == post
    assert captured(world, text=near, is_other=True).is_new
    assert captured(world, text=LONG, place="הורים בחיפה").is_new


def test_the_same_words_behind_another_link_are_asked_about(world: World) -> None:
    captured(world, text=LONG, url=LINK)
    with pytest.raises(LooksKnown):
        captured(world, text=LONG, url=OTHER)
    assert captured(world, text=LONG, url=OTHER, is_other=True).is_new
    assert not captured(world, text=LONG).is_new


def test_the_form_says_so_while_it_is_filled_in(world: World) -> None:
    captured(world, text=LONG)
    dana, address = world.client(world.dana), reverse("capture_known")
    told = {"brand": world.brand.pk, "network": "facebook_group", "place": " אמהות  מודיעין", "text": LONG, "url": ""}
    same = dana.post(address, told).text
    assert "Dana" in same and "לפני" in same and "תמונת מצב" in same and "is_other" not in same
    near = dana.post(address, told | {"text": LONG.replace("מאוד ", "")}).text
    assert f'name="same_as" value="{Post.objects.get().pk}"' in near and 'name="is_other"' in near
    for change in ({"text": "משהו אחר לגמרי"}, {"place": ""}, {"network": "whatsapp_group"}, {"brand": world.rival.pk}):
        assert dana.post(address, told | change).text.strip() == "", change
    assert world.client(world.omer).post(address, told).text.strip() == ""


def test_nothing_is_lost_while_the_form_asks(world: World) -> None:
    """The pictures that came with the question come back with the answer; another person's never do."""
    captured(world, text=LONG)
    dana = world.client(world.dana)
    told = form(brand=world.brand.pk, text=LONG.replace("מאוד ", ""), reactions="5", alias="רונית")
    asked = dana.post(reverse("capture"), told | {"pictures": [SimpleUploadedFile("a.png", drawn())]})
    assert asked.status_code == 422 and not Media.objects.exists()
    (token,) = re.findall(r'name="held" value="([^"]+)"', asked.text)
    assert 'value="5"' in asked.text and "רונית" in asked.text and "data:image/jpeg;base64," in asked.text
    drop_media(at=NOW)
    omer = world.client(world.omer).post(reverse("capture"), form(held=token, text="משהו"))
    assert omer.status_code == 302 and not Media.objects.exists()
    dana.post(reverse("capture"), told | {"held": token, "same_as": Post.objects.get(org=world.org).pk})
    assert Media.objects.get().sha256 == pictures.look_at(drawn()).sha256
    assert Sighting.objects.filter(by=world.dana).count() == 2


def test_the_same_form_again_is_one_look_and_a_changed_one_another(world: World) -> None:
    dana, told = world.client(world.dana), form(brand=world.brand.pk, key="k1", comments="3")
    for change in ({}, {}, {"comments": "4"}):
        answer = dana.post(reverse("capture"), told | change, follow=True)
    assert Sighting.objects.count() == 2
    assert "כבר התקבל" in dana.post(reverse("capture"), told, follow=True).text
    assert answer.status_code == 200


def test_the_form_remembers_where_its_person_was(world: World) -> None:
    captured(world, place="הורים בחיפה", network="whatsapp_group", by=world.yael)
    captured(world)
    captured(world, text="עוד", brand=world.rival, place="דיירים")
    assert places([world.brand]) == [("אמהות מודיעין", "facebook_group"), ("הורים בחיפה", "whatsapp_group")]
    assert last_place(world.yael, [world.brand])["place"] == "הורים בחיפה"
    assert last_place(world.yael, [world.other_brand]) == last_place(world.noam, [world.brand]) == {}
    page = world.client(world.yael).get(reverse("capture")).text
    assert 'value="הורים בחיפה"' in page and '<option value="whatsapp_group" selected>' in page
    elsewhere = world.client(world.yael).get(reverse("capture"), {"place": "דיירים"}).text
    assert 'name="place" value="דיירים"' in elsewhere


def test_who_left_and_what_was_brought_before_looks_were_kept(world: World) -> None:
    post = captured(world, by=world.dana).post
    Sighting.objects.update(by=None)
    known = known_as(
        brand=world.brand, network="facebook_group", place="אמהות מודיעין", text=post.text, url="", at=LATER
    )
    assert known is not None and (known.is_same, known.by, known.at) == (True, "", NOW)
    Sighting.objects.all().delete()
    known = known_as(
        brand=world.brand, network="facebook_group", place="אמהות מודיעין", text=post.text, url="", at=LATER
    )
    assert known is not None and (known.by, known.at) == ("", post.taken_at)
    assert 'class="block looks"' not in world.client(world.dana).get(reverse("post", args=[post.pk])).text


def test_a_scout_is_told_too(world: World) -> None:
    captured(world, text=LONG)
    scout = User.objects.create_user("scout@example.test", None, name="Scout")
    Membership.objects.create(user=scout, team=Team.objects.get(org=world.org), role=Membership.Role.SCOUT)
    told = {"brand": world.brand.pk, "network": "facebook_group", "place": "אמהות מודיעין", "text": LONG, "url": ""}
    assert "Dana" in world.client(scout).post(reverse("capture_known"), told).text
