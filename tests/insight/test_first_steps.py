"""The first steps of a brand: ticked by what is there, put away by whoever has seen enough, and no demo's."""

from __future__ import annotations

from datetime import time

import pytest
from django.test import Client
from django.utils import timezone

from siach.care.models import Case
from siach.insight.models import PutAway
from siach.insight.queries.first_steps import first_steps
from siach.org.actions import set_goal
from siach.org.models import Brand, Membership, Org, Shift, Team
from siach.org.rights import remember
from siach.org.topics import keep_topic
from siach.talk.models import Source
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def begun(world: World) -> World:
    """Lumika as the first run leaves it, with its owner alone."""
    Source.objects.all().delete()
    Brand.objects.filter(pk=world.brand.pk).update(names=["לומיקה"])
    Membership.objects.filter(team__org=world.org).exclude(user=world.noam).delete()
    return world


def address(world: World, put: str = "") -> str:
    return f"/settings/brands/{world.brand.pk}/first-steps/{put}"


def left(client: Client) -> list[str]:
    """Where the steps that wait lead, as Today lists them."""
    page = client.get("/").text.partition('class="begin"')[2].partition("</ol>")[0]
    return [link.partition('"')[0] for link in page.split('class="link" href="')[1:]]


def test_each_step_ticks_by_what_is_there(begun: World) -> None:
    world, brand, at = begun, begun.brand, NOW
    client = world.client(world.noam)
    names = f"/settings/brands/{brand.pk}/"
    wait = [names, f"{names}#goals", "/welcome/", "/settings/invitations/", "/settings/on-call/"]
    wait += ["/settings/approvals/", "/inbox/"]
    assert left(client) == wait
    assert "0 מתוך 7" in client.get("/").text
    hours = {"begins": time(8), "ends": time(20), "made_at": at}
    steps = [
        lambda: Brand.objects.filter(pk=brand.pk).update(names=["לומיקה", "Lumika"]),
        lambda: set_goal(brand=brand, layer="serve", target=80, by=world.noam, at=at),
        lambda: Source.objects.create(org=world.org, brand=brand, network="x", kind="webhook", connected_at=at),
        lambda: Membership.objects.create(user=world.dana, team=Team.objects.get(org=world.org), role="agent"),
        lambda: Shift.objects.create(brand=brand, user=world.noam, day=at.date(), **hours),
        lambda: keep_topic(brand=brand, topic=None, name="אור", words=[], is_value=False, by=world.noam, at=at),
    ]
    for n, done in enumerate(steps, 1):
        done()
        assert left(client) == wait[n:]
    world.hear(said("c", "לומיקה הגיעה שבורה, שירות גרוע", reason="mention"), source=Source.objects.get())
    Case.objects.update(answered_at=at)
    assert 'class="begin"' not in client.get("/").text, "all is done"
    assert "7 מתוך 7" in client.get(address(world)).text


def test_it_is_put_away_and_brought_back(begun: World) -> None:
    client = begun.client(begun.noam, "en")
    begun.noam.language = "en"
    begun.noam.save()
    assert "The first steps" in client.get("/").text
    client.post(address(begun, "put/"))
    page = client.get("/").text
    assert 'class="begin"' not in page and 'name="shown" value="1"' in page, "with an undo"
    assert address(begun) in client.get("/settings/").text and "Show on Today again" in client.get(address(begun)).text
    client.post(address(begun, "put/"), {"shown": "1"})
    assert 'class="begin"' in client.get("/").text and not PutAway.objects.exists()


def test_only_those_who_set_a_brand_up_see_it(world: World) -> None:
    Source.objects.all().delete()
    assert 'class="begin"' in world.client(world.yael).get("/").text
    assert "/settings/invitations/" not in left(world.client(world.yael)), "managers invite nobody"
    for who in (world.dana, world.omer, world.ido):
        client = world.client(who)
        assert f"{world.brand.name}</bdi>: " not in client.get("/", follow=True).text
        assert client.get(address(world)).status_code == client.post(address(world, "put/")).status_code == 404
    assert 'class="begin"' not in world.client(world.dana).get("/").text


def test_a_demo_and_a_rival_have_none(world: World) -> None:
    assert first_steps(world.noam, {"brand.manage"}, world.rival.pk) is None
    Org.objects.filter(pk=world.org.pk).update(is_demo=True)
    client = world.client(world.noam)
    assert 'class="begin"' not in client.get("/").text and "first-steps" not in client.get("/settings/").text
    assert client.get(address(world)).status_code == client.post(address(world, "put/")).status_code == 404


def test_it_costs_one_query(world: World, django_assert_num_queries: object) -> None:
    remember(world.noam)  # as every page does
    with django_assert_num_queries(1):  # type: ignore[operator]
        first_steps(world.noam, (), world.brand.pk)
