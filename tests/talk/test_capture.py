"""What people bring from closed places: kept once, counted again, never profiled."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from siach.org.models import LedgerEntry, Membership, Team, User
from siach.talk import pictures
from siach.talk.actions.capturing import CannotCapture, Captured, Counts, capture, drop_media
from siach.talk.actions.understanding import Via
from siach.talk.captured import plain_link, split_link
from siach.talk.models import Author, Media, Mention, Post, PostMetrics, Thread
from siach.talk.pictures import NotAPicture, look_at
from tests.world import NOW, World

pytestmark = pytest.mark.django_db

LINK = "https://www.facebook.com/groups/mums/posts/77"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def drawn(kind: str = "PNG", colour: int = 200, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, (colour, 20, 20))
    image.paste((0, 0, 0), (size[0] // 2, 0, size[0], size[1]))
    image.save(out, kind)
    return out.getvalue()


def captured(world: World, **change: object) -> Captured:
    told: dict[str, object] = {
        "brand": world.brand,
        "network": "facebook_group",
        "place": "אמהות מודיעין",
        "text": "המנורה של לומיקה מתחממת, מפחיד",
        "said_at": NOW - timedelta(hours=1),
        "by": world.dana,
        "at": NOW,
    }
    done = capture(**{**told, **change})  # type: ignore[arg-type]
    world.carry()
    return done


# --- the deed -------------------------------------------------------------------------------------------------


def test_a_capture_is_heard_now(world: World) -> None:
    done = captured(world, alias="דנה", counts=Counts(14, 2, 31))
    post = Post.objects.select_related("author", "thread", "source").get()
    assert (done.post, done.is_new, post.is_live) == (post, True, True)
    assert (post.said_at, post.heard_at) == (NOW - timedelta(hours=1), NOW)
    assert (post.author.name, post.author.handle, post.author.is_closed) == ("דנה", "", True)
    assert (post.thread.place, post.thread.is_closed) == ("אמהות מודיעין", True)
    assert (post.source.kind, post.source.state, post.source.heard_at) == ("capture", "open", NOW)
    seen = PostMetrics.objects.get()
    assert (seen.comments, seen.shares, seen.likes) == (14, 2, 31)
    assert Mention.objects.get().brand == world.brand
    entry = LedgerEntry.objects.get(name="capture.added")
    assert entry.facts == {"network": "facebook_group", "pictures": 0}


def test_the_person_says_which_brand_it_is_about(world: World) -> None:
    captured(world, text="הם לא עונים לי כבר שבוע")
    mention = Mention.objects.get()
    assert (mention.brand, mention.via) == (world.brand, Via.BY_HAND)


def test_the_same_again_is_a_new_look_at_its_counts(world: World) -> None:
    captured(world, alias="דנה", counts=Counts(14, 2, 31))
    again = captured(world, alias="", counts=Counts(comments=20), at=NOW + timedelta(hours=1))
    assert (again.is_new, again.moved) == (False, True)
    assert not captured(world, counts=Counts(20, 2, 31), at=NOW + timedelta(hours=2)).moved
    assert list(PostMetrics.objects.order_by("at").values_list("comments", "shares", "likes")) == [
        (14, 2, 31),
        (20, 2, 31),
    ]
    assert Post.objects.count() == Author.objects.filter(is_closed=True).count() == Thread.objects.count() == 1
    assert LedgerEntry.objects.filter(name="capture.counted").count() == 2


@pytest.mark.parametrize(
    "second",
    [
        {"url": LINK},
        {"url": "http://m.facebook.com/groups/mums/posts/77/?fbclid=abc&utm_source=x#top", "text": "other words"},
        {"url": "", "place": " אמהות   מודיעין "},
    ],
)
def test_it_is_known_by_its_link_or_by_its_words(world: World, second: dict[str, str]) -> None:
    captured(world, url=LINK)
    assert not captured(world, **second).is_new
    assert Post.objects.count() == 1


def test_the_same_words_elsewhere_are_another_post(world: World) -> None:
    captured(world)
    assert captured(world, place="הורים בחיפה").is_new
    assert captured(world, network="whatsapp_group").is_new
    assert captured(world, brand=world.other_brand, by=world.omer).is_new
    assert Post.objects.count() == 4


def test_an_alias_belongs_to_one_thread(world: World) -> None:
    captured(world, alias="דנה")
    captured(world, alias="דנה", text="עוד משהו על לומיקה")
    assert Author.objects.filter(is_closed=True, name="דנה").count() == 2


def test_what_is_older_than_a_week_is_history(world: World) -> None:
    done = captured(world, said_at=NOW - timedelta(days=8))
    assert (done.post.is_live, done.post.heard_at) == (False, done.post.said_at)
    assert captured(world, text="לומיקה, אתמול", said_at=NOW - timedelta(days=6)).post.is_live
    assert captured(world, text="לומיקה, מחר", said_at=NOW + timedelta(days=6)).post.said_at == NOW


@pytest.mark.parametrize(
    "change", [{"network": "bluesky"}, {"place": " \0 "}, {"text": "\n"}, {"handed_in": [drawn()] * 5}]
)
def test_what_cannot_be_captured(world: World, change: dict[str, object]) -> None:
    with pytest.raises(CannotCapture):
        captured(world, **change)
    assert not Post.objects.exists()


def test_links() -> None:
    assert split_link(f" {LINK} \n words") == (LINK, "words")
    assert split_link(f"words {LINK}") == ("", f"words {LINK}")
    assert plain_link("HTTP://Touch.Facebook.com/a/?story=1&fbclid=2#x") == "https://www.facebook.com/a?story=1"
    assert plain_link("https://t.me/c/1/2") == "https://t.me/c/1/2"


# --- pictures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_a_picture_is_what_its_bytes_say(kind: str, mime: str) -> None:
    picture = look_at(drawn(kind))
    assert picture.kind == mime
    assert -(2**63) <= picture.look < 2**63
    near, far = look_at(drawn(kind, size=(80, 60))), look_at(drawn("PNG", colour=0))
    assert bin((picture.look ^ near.look) & (2**64 - 1)).count("1") <= 4
    assert far.look != picture.look


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        drawn()[:60],
        b"\xff\xd8\xff" + drawn(),
        b"GIF89a<script>alert(1)</script>",
    ],
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        look_at(data)


def test_pictures_too_large(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)
    with pytest.raises(NotAPicture):
        look_at(drawn())
    settings.SIACH_MEDIA_LIMIT = 100  # type: ignore[attr-defined]
    with pytest.raises(NotAPicture):
        look_at(drawn())


def test_pictures_are_kept_outside_the_database_for_90_days(world: World) -> None:
    done = captured(world, handed_in=[drawn(), drawn(), drawn("JPEG")])
    assert done.pictures == 2
    again = captured(world, handed_in=[drawn(), drawn("WEBP"), drawn("GIF"), drawn(colour=90)])
    assert (again.is_new, again.pictures, Media.objects.count()) == (False, 3, 5)
    files = [pictures.path_of(sha) for sha in Media.objects.values_list("sha256", flat=True)]
    assert all(path.exists() for path in files)
    drop_media(at=NOW + timedelta(days=89))
    assert Media.objects.count() == 5
    drop_media(at=NOW + timedelta(days=91))
    assert not Media.objects.exists()
    assert not any(path.exists() for path in files)


def test_a_file_that_another_post_needs_stays(world: World) -> None:
    captured(world, handed_in=[drawn()])
    captured(world, text="לומיקה, פוסט אחר", handed_in=[drawn()], at=NOW + timedelta(days=60))
    drop_media(at=NOW + timedelta(days=100))
    assert pictures.path_of(Media.objects.get().sha256).exists()


def picture_address(world: World) -> str:
    captured(world, handed_in=[drawn()])
    return reverse("picture", args=[pictures.token(Media.objects.get().pk)])


def test_a_picture_is_served_to_its_organisation(world: World) -> None:
    address = picture_address(world)
    answer = world.client(world.dana).get(address)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, drawn(), "image/png")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert world.client(world.omer).get(address).status_code == 404
    assert world.client(world.dana).get(reverse("picture", args=["1"])).status_code == 404
    assert world.client(world.dana).get(address[:-3] + "xx/").status_code == 404


def test_a_picture_past_its_time_or_without_its_file_is_gone(world: World) -> None:
    address = picture_address(world)
    dana = world.client(world.dana)
    Media.objects.update(keep_until=NOW)
    assert dana.get(address).status_code == 404
    Media.objects.update(keep_until=NOW + timedelta(days=1))
    assert dana.get(address).status_code == 200
    pictures.path_of(Media.objects.get().sha256).unlink()
    assert dana.get(address).status_code == 404


# --- the page -------------------------------------------------------------------------------------------------


def form(**change: object) -> dict[str, object]:
    return {
        "network": "facebook_group",
        "place": "אמהות מודיעין",
        "text": f"{LINK}\nלומיקה <script>alert(1)</script> \u202e",
        "said_at": "2026-11-24T10:00",
        **change,
    }


def test_from_the_form_to_the_stream(world: World) -> None:
    dana = world.client(world.dana)

    def told() -> dict[str, object]:
        picture = SimpleUploadedFile("shot.exe", drawn(), "application/x-msdownload")
        return form(brand=world.brand.pk, reactions="3", pictures=[picture])

    answer = dana.post(reverse("capture"), told(), follow=True)
    post = Post.objects.get()
    assert (post.url, post.text.startswith("לומיקה")) == (LINK, True)
    assert post.said_at.isoformat() == "2026-11-24T08:00:00+00:00"
    assert Media.objects.get().kind == "image/png"
    assert 'value="אמהות מודיעין"' in answer.content.decode()
    again = dana.post(reverse("capture"), told(), follow=True)
    assert "כבר כאן" in again.content.decode()
    assert Post.objects.count() == 1
    world.carry()
    stream = dana.get(reverse("stream")).content.decode()
    assert "<script>alert" not in stream and "\u202e" not in stream


@pytest.mark.parametrize(
    "change",
    [
        {"place": ""},
        {"text": " "},
        {"network": "bluesky"},
        {"said_at": "yesterday"},
        {"comments": "-1"},
        {"url": "javascript:alert(1)"},
        {"brand": "0"},
        {"pictures": [SimpleUploadedFile("a.png", b"not a picture", "image/png")]},
    ],
)
def test_what_is_wrong_is_said(world: World, change: dict[str, object]) -> None:
    answer = world.client(world.dana).post(reverse("capture"), form(**{"brand": world.brand.pk, **change}))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_form_in_both_directions(world: World, language: str) -> None:
    world.dana.language = language
    world.dana.save()
    captured(world, place='"><script>x</script>')
    shown = world.client(world.dana).get(reverse("capture"), {"place": '"><i>'}).content.decode()
    assert f'dir="{"rtl" if language == "he" else "ltr"}"' in shown
    assert "autofocus" in shown and "<script>x" not in shown and '"><i>' not in shown


def test_a_scout_captures_and_sees_nothing_else(world: World) -> None:
    scout = User.objects.create_user("scout@example.test", None, name="Scout")
    Membership.objects.create(user=scout, team=Team.objects.get(org=world.org), role=Membership.Role.SCOUT)
    client = world.client(scout)
    assert client.get(reverse("capture")).status_code == 200
    assert client.post(reverse("capture"), form(brand=world.brand.pk)).status_code == 302
    assert client.get(reverse("sources")).status_code == client.get(reverse("stream")).status_code == 404


def test_an_outsider_captures_into_their_own_house_only(world: World) -> None:
    captured(world)
    omer = world.client(world.omer)
    assert "אמהות מודיעין" not in omer.get(reverse("capture")).content.decode()
    omer.post(reverse("capture"), form(brand=world.brand.pk))
    assert Post.objects.filter(org=world.org).count() == 1
    Membership.objects.filter(user=world.omer).delete()
    assert omer.get(reverse("capture")).status_code == 404


def test_media_stand_in_the_data_folder(settings: object) -> None:
    assert pictures.folder() == Path(settings.SIACH_HOME) / "media"  # type: ignore[attr-defined]
