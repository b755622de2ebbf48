"""A person's own address: their devices hand in by it what they saw, with the rights that they have then."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siach.background import PARTED
from siach.org.actions import add_brand
from siach.org.ledger import record
from siach.org.models import LedgerEntry, Membership, Org
from siach.org.parting import part
from siach.talk.actions.capturing import drop_media
from siach.talk.actions.forgetting import forget_wishes
from siach.talk.actions.handing_in import MOST_WAITING, drop_waiting, make_address
from siach.talk.models import CaptureAddress, HandedIn, Media, Post, Sighting
from tests.talk.test_capture import LINK, captured, drawn
from tests.talk.test_sightings import LONG
from tests.world import NOW, World

if TYPE_CHECKING:
    from siach.org.models import User

pytestmark = pytest.mark.django_db
PLACE = {"place": "אמהות מודיעין", "network": "whatsapp_group"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    cache.clear()


def sent(user: User, **told: object) -> tuple[int, dict[str, str]]:
    """A form, as a Shortcut sends it."""
    return form(reverse("capture_in", args=[make_address(by=user, at=NOW)]), **told)


def form(address: str, **told: object) -> tuple[int, dict[str, str]]:
    answer = Client(enforce_csrf_checks=True).post(address, told)
    return answer.status_code, answer.json()


def test_a_person_makes_it_sees_it_once_renews_and_ends_it(world: World) -> None:
    dana, page = world.client(world.dana), reverse("capture_address")
    assert "/in/mine/" in dana.get(page).text and 'id="address"' not in dana.get(page).text

    def made() -> str:
        return re.search(r'id="address" value="http://testserver(/in/mine/[\w-]+/)"', dana.post(page).text).group(1)  # type: ignore[union-attr]

    first = made()
    secret = first.split("/")[-2]
    assert secret not in str(CaptureAddress.objects.values_list("digest", flat=True)) and len(secret) > 40
    assert first not in dana.get(page).text
    assert form(first, text="לומיקה", **PLACE)[0] == 200
    assert CaptureAddress.objects.get().used_at == NOW
    second = made()
    assert (form(first, text="x")[0], form(second, text="x")[0]) == (404, 200)
    dana.post(page, {"end": "1"})
    assert form(second, text="x")[0] == 404
    names = ["capture.address_made", "capture.address_renewed", "capture.address_ended"]
    assert list(LedgerEntry.objects.filter(by=world.dana, name__in=names).values_list("name", flat=True)) == names


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_page_says_how_to_set_it_up(world: World, language: str) -> None:
    world.dana.language = language
    world.dana.save()
    page = world.client(world.dana, language).get(reverse("capture_address")).text
    assert page.count("<li>") >= 7 and "Get Contents of URL" in page and "Show in Share Sheet" in page


def test_a_whole_capture_is_kept_at_once(world: World) -> None:
    code, told = sent(world.dana, text=f"{LINK}\nהמנורה של לומיקה <b>", alias="רונית", comments="4", **PLACE)
    post = Post.objects.get()
    assert (code, told["state"], told["url"]) == (200, "captured", f"http://testserver/stream/post/{post.pk}/")
    assert (post.url, post.network, post.author.name, post.said_at) == (LINK, "whatsapp_group", "רונית", NOW)
    look = Sighting.objects.get()
    assert (look.by, look.comments, look.likes) == (world.dana, 4, None)
    entry = LedgerEntry.objects.get(name="capture.added")
    assert entry.by == world.dana
    assert sent(world.dana, url=LINK, text="המנורה של לומיקה <b>", **PLACE)[1]["state"] == "snapshot"


def test_a_shared_file_is_a_picture_or_words(world: World) -> None:
    words = SimpleUploadedFile("item.txt", "לומיקה, נשרפה".encode(), "text/plain")
    shot = SimpleUploadedFile("item.jpg", drawn("JPEG"), "application/octet-stream")
    assert sent(world.dana, item=[words, shot], **PLACE)[1]["state"] == "captured"
    assert Post.objects.get().text == "לומיקה, נשרפה" and Media.objects.get().kind == "image/jpeg"
    code, told = sent(world.dana, item=[SimpleUploadedFile("a.pdf", b"%PDF\xff\xfe")])
    assert code == 400 and "JPEG" in told["error"]
    assert sent(world.dana)[0] == 400
    assert sent(world.dana, item=[SimpleUploadedFile(f"{n}.png", drawn(colour=n)) for n in range(5)])[0] == 400


def test_json_and_a_bare_body(world: World) -> None:
    address = reverse("capture_in", args=[make_address(by=world.dana, at=NOW)])
    shot = f"data:image/png;base64,{base64.b64encode(drawn()).decode()}"
    body = {"text": "לומיקה", "images": [shot], "reactions": 7, "said_at": "2026-11-24T08:00:00+02:00", **PLACE}
    answer = Client().post(address, body, "application/json")
    assert answer.json()["state"] == "captured", answer.content
    assert (Media.objects.count(), Sighting.objects.get().likes) == (1, 7)
    assert Post.objects.get().said_at.isoformat() == "2026-11-24T06:00:00+00:00"
    assert Client().post(address, drawn(colour=9), "image/png").json()["state"] == "waiting"
    for broken in (b"{", b"[]", b'{"images": ["%"]}', b"\xff"):
        assert Client().post(address, broken, "application/json").status_code == 400, broken


@pytest.mark.parametrize(
    "told", [{"text": LINK}, {"url": LINK}, {"text": "לומיקה"}, {"text": "x", "place": "y", "comments": "many"}]
)
def test_what_lacks_something_waits_in_the_form(world: World, told: dict[str, str]) -> None:
    code, answer = sent(world.dana, **told)
    assert (code, answer["state"]) == (200, "waiting") and not Post.objects.exists()
    dana = world.client(world.dana)
    shown = dana.get(answer["url"]).text
    for value in told.values():
        assert value in shown
    assert f"?waiting={HandedIn.objects.get().pk}" in dana.get(reverse("capture")).text
    yael = world.client(world.yael)
    assert 'href="?waiting=' not in yael.get(answer["url"]).text
    yael.post(reverse("capture_drop", args=[HandedIn.objects.get().pk]))
    assert HandedIn.objects.exists()


def test_what_waits_is_finished_with_its_pictures(world: World) -> None:
    _code, answer = sent(world.dana, text="לומיקה", image=SimpleUploadedFile("a.png", drawn()))
    drop_media(at=NOW + timedelta(days=3))
    dana = world.client(world.dana)
    shown = dana.get(answer["url"]).text
    (held,) = re.findall(r'name="held" value="([^"]+)"', shown)
    waiting = HandedIn.objects.get().pk
    told = {"text": "לומיקה", "said_at": "2026-11-24T10:00", "held": held, "waiting": waiting, **PLACE}
    told["brand"] = world.brand.pk
    assert dana.post(reverse("capture"), told | {"place": ""}).status_code == 422
    assert HandedIn.objects.exists()
    assert dana.post(reverse("capture"), told).status_code == 302
    assert not HandedIn.objects.exists() and Media.objects.count() == 1


def test_what_looks_known_is_never_dropped(world: World) -> None:
    captured(world, text=LONG)
    told = {"text": LONG.replace("מאוד ", ""), "place": "אמהות מודיעין", "brand": "לומיקה"}
    assert sent(world.dana, **told)[1]["state"] == "waiting"
    assert sent(world.dana, **told | {"text": LONG})[1]["state"] == "snapshot"


def test_the_same_key_is_the_same_thing(world: World) -> None:
    address = reverse("capture_in", args=[make_address(by=world.dana, at=NOW)])
    states = [form(address, text="לומיקה", key="k", **PLACE)[1]["state"] for _n in range(2)]
    waits = [form(address, text="לומיקה", key="w")[1]["url"] for _n in range(2)]
    assert states == ["captured", "repeat"] and waits[0] == waits[1]
    assert (Sighting.objects.count(), HandedIn.objects.count()) == (1, 1)


def test_its_rights_are_its_persons_own_at_the_time(world: World) -> None:
    address = reverse("capture_in", args=[make_address(by=world.dana, at=NOW)])
    member = Membership.objects.get(user=world.dana)
    Membership.objects.filter(pk=member.pk).update(role=Membership.Role.READER)
    assert form(address, text="לומיקה", **PLACE)[0] == 404
    Membership.objects.filter(pk=member.pk).update(role=Membership.Role.SCOUT)
    code, told = form(address, text="לומיקה", **PLACE)
    assert (code, told["url"]) == (200, "http://testserver/capture/")
    Org.objects.filter(pk=world.org.pk).update(factor_roles=[Membership.Role.SCOUT])
    assert form(address, text="לומיקה")[0] == 404
    Org.objects.filter(pk=world.org.pk).update(factor_roles=[])
    world.dana.is_active = False
    world.dana.save()
    assert form(address, text="לומיקה")[0] == 404


@pytest.mark.parametrize("deed", ["member.signed_out", "person.password_reset"])
def test_it_ends_when_its_person_is_signed_out_for_good(world: World, deed: str) -> None:
    address = reverse("capture_in", args=[make_address(by=world.dana, at=NOW)])
    record(deed, world.yael, by=world.noam, at=NOW, org=world.org)
    assert form(address, text="לומיקה")[0] == 200
    record(deed, world.dana, by=world.noam, at=NOW, org=world.org)
    assert form(address, text="לומיקה")[0] == 404
    assert "טרם" not in world.client(world.dana).get(reverse("capture_address")).text


def test_it_goes_with_the_membership(world: World) -> None:
    sent(world.dana, text="לומיקה")
    Membership.objects.filter(user=world.dana).delete()
    part(user_id=world.dana.pk, steps=PARTED, at=NOW)
    assert not CaptureAddress.objects.exists() and not HandedIn.objects.exists()


def test_an_outsider_captures_nothing_here(world: World) -> None:
    assert form(reverse("capture_in", args=["x" * 43]), text="לומיקה")[0] == 404
    told = {"text": "לומיקה", "place": "x", "network": "closed_place", "brand": str(world.brand.pk)}
    assert sent(world.omer, **told)[1]["state"] == "captured"
    assert not Post.objects.filter(org=world.org).exists()
    assert Client().get(reverse("capture_in", args=["x"])).status_code == 405


def test_it_takes_thirty_a_minute_and_holds_a_hundred(world: World) -> None:
    address = reverse("capture_in", args=[make_address(by=world.dana, at=NOW)])
    HandedIn.objects.bulk_create(HandedIn(user=world.dana, at=NOW) for _n in range(MOST_WAITING))
    codes = [form(address, text="x")[0] for _n in range(31)]
    assert codes == [409] * 30 + [429]
    assert drop_waiting(at=NOW + timedelta(days=13)) == 0
    assert drop_waiting(at=NOW + timedelta(days=15)) == MOST_WAITING


def test_one_of_several_brands_is_named(world: World) -> None:
    add_brand(org=world.org, name="לומיקה ילדים", by=world.noam, at=NOW)
    assert sent(world.noam, text="משהו", **PLACE)[1]["state"] == "waiting"
    assert sent(world.noam, text="משהו", brand="לומיקה ילדים", **PLACE)[1]["state"] == "captured"
    assert Post.objects.get().source.brand.name == "לומיקה ילדים"  # type: ignore[union-attr]


def test_an_erasure_reaches_what_waits(world: World) -> None:
    post = captured(world, url=LINK).post
    for told in ({"url": f"{LINK}?fbclid=1"}, {"alias": f"@{post.author.external_id}"}, {"url": f"{LINK}8"}):
        HandedIn.objects.create(user=world.dana, at=NOW, told=told)
    forget_wishes(world.org, [post.author_id], at=NOW)
    assert [one.told for one in HandedIn.objects.all()] == [{"url": f"{LINK}8"}]
