"""See as: a role's pages with nothing in them, and nothing done in them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from siach.care.models import Case
from siach.org.models import Membership
from siach.org.rights import ROLES
from tests.world import World, said

COMPLAINT = "המנורה של לומיקה הגיעה שבורה, שירות גרוע"


@pytest.fixture
def heard(world: World) -> World:
    world.hear(said("c", COMPLAINT, by="a"))
    return world


def seen_as(world: World, role: str, *, by: str = "noam"):
    client = world.client(getattr(world, by))
    assert client.post(reverse("see_as"), {"role": role}).status_code == 302
    return client


@pytest.mark.parametrize("role", Membership.Role.values)
def test_every_role_shows_its_places_without_data(heard: World, role: str) -> None:
    client = seen_as(heard, role)
    case = Case.objects.get()
    places = {"stream": "stream.read", "inbox": "inbox.read", "sources": "source.read", "activity": "activity.read"}
    for name, right in places.items():
        page = client.get(reverse(name))
        assert page.status_code == (200 if right in ROLES[role] else 404), name
        assert "לומיקה" not in page.text and COMPLAINT not in page.text, name
        if page.status_code == 200:
            assert reverse("see_as_left") in page.text, name
    assert client.get(reverse("case", args=[case.pk])).status_code == 404
    assert client.get("/stream/?q=המנורה").text.count(COMPLAINT) == 0


def test_nothing_is_done_in_it_but_leaving(heard: World) -> None:
    client = seen_as(heard, "owner")
    case = Case.objects.get()
    for name in ("case_assign", "case_note", "case_resolve"):
        assert client.post(reverse(name, args=[case.pk]), {"text": "x"}).status_code == 403
    assert client.post("/language/", {"language": "en"}).status_code == 403
    assert client.post(reverse("see_as"), {"role": "agent"}).status_code == 403
    case.refresh_from_db()
    assert case.state == Case.State.NEW and not case.notes.exists()
    assert client.post(reverse("see_as_left")).status_code == 302
    assert "לומיקה" in client.get("/stream/").text
    assert client.get(reverse("case", args=[case.pk])).status_code == 200


def test_one_can_sign_out_of_it(heard: World) -> None:
    client = seen_as(heard, "agent")
    client.post(reverse("account_logout"))
    assert client.get("/stream/").status_code == 302


@pytest.mark.parametrize("who", ["dana", "ido", "omer"])
def test_it_never_widens_what_its_reader_holds(heard: World, who: str) -> None:
    client = heard.client(getattr(heard, who))
    assert client.post(reverse("see_as"), {"role": "owner"}).status_code == (302 if who == "omer" else 404)
    session = client.session
    session["see_as"] = "owner"
    session.save()
    page = client.get(reverse("brand"))
    assert page.status_code == (200 if who == "omer" else 404)
    assert "לומיקה" not in page.text


def test_no_such_role(heard: World) -> None:
    assert heard.client(heard.noam).post(reverse("see_as"), {"role": "emperor"}).status_code == 404
