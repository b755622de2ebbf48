"""A walk over every address by whoever is outside: former people, and agencies without a mandate that holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from siach.org.actions import add_brand
from siach.org.models import Mandate, Membership, User
from siach.org.rights import MANDATED
from tests.org.test_routes import GUARDED, STREAMS, Lumika, lumika
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lumika"]


def former(world: World) -> User:
    Membership.objects.filter(user=world.dana).delete()
    return world.dana


def without_mandate(world: World) -> User:
    Mandate.objects.filter(brand=world.brand).delete()
    return world.ido


def expired(world: World) -> User:
    Mandate.objects.filter(brand=world.brand).update(until=timezone.now() - timedelta(seconds=1))
    return world.ido


def ended(world: World) -> User:
    Mandate.objects.filter(brand=world.brand).update(ended_at=timezone.now())
    return world.ido


def not_begun(world: World) -> User:
    Mandate.objects.filter(brand=world.brand).update(since=timezone.now() + timedelta(hours=1))
    return world.ido


def of_a_role_that_left(world: World) -> User:
    Membership.objects.filter(user=world.ido).delete()
    return world.ido


OUTSIDE = [former, without_mandate, expired, ended, not_begun, of_a_role_that_left]


@pytest.mark.parametrize("become", OUTSIDE, ids=[one.__name__ for one in OUTSIDE])
def test_whoever_is_outside_hears_nothing_of_lumika(lumika: Lumika, become: Callable[[World], User]) -> None:
    """Each route, looked at and posted to: what is Lumika's is not there, and nothing says its name."""
    client = lumika.world.client(become(lumika.world))
    owned = set(lumika.owned)
    for name in GUARDED:
        if name in STREAMS:
            continue
        for answer in (client.get(lumika.url(name)), client.post(lumika.url(name))):
            assert answer.status_code not in {401, 403} and answer.status_code < 500, name
            if name in owned:
                assert answer.status_code in {404, 405}, name
            assert "לומיקה" not in answer.text and "Lumika" not in answer.text, name
            assert "%D7%9C%D7%95%D7%9E%D7%99%D7%A7%D7%94" not in answer.headers.get("Location", ""), name


def test_a_mandate_opens_no_route_of_another_brand(lumika: Lumika) -> None:
    """An agency that works on one brand of the house reaches nothing that belongs to the other."""
    world = lumika.world
    second = add_brand(org=world.org, name="ניצנית", by=world.noam, at=NOW)
    Mandate.objects.filter(pk=world.mandate.pk).update(brand=second, rights=sorted(MANDATED))
    client = world.client(world.ido)
    for name in lumika.owned:
        for answer in (client.get(lumika.url(name)), client.post(lumika.url(name))):
            assert answer.status_code in {404, 405}, name
    for name in ("today", "stream", "inbox", "sources", "activity"):
        page = client.get(lumika.url(name)).text
        assert "המנורה" not in page and "Customer" not in page, name


def test_no_page_breaks_in_the_view_of_a_role(lumika: Lumika) -> None:
    client = lumika.world.client(lumika.world.noam)
    assert client.post(reverse("see_as"), {"role": "owner"}).status_code == 302
    for name in sorted(set(GUARDED) - STREAMS):
        answer = client.get(lumika.url(name))
        assert answer.status_code in {200, 302, 404, 405}, (name, answer.status_code)
        told = b"".join(answer.streaming_content).decode() if answer.streaming else answer.text  # type: ignore[attr-defined]
        assert "לומיקה" not in told, name
        assert client.post(lumika.url(name)).status_code == 403, name
