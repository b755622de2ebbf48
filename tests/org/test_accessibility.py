"""The accessibility statement: who is named to visitors, and what whoever may name somebody sees instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from siach.org.models import Org, Privacy

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db
ADDRESS = "/accessibility/"


def test_without_a_coordinator_visitors_see_no_empty_contact_and_the_owner_a_hint(world: World) -> None:
    outside = Client(headers={"accept-language": "en"}).get(ADDRESS).text
    assert "Known limitations" in outside and "Contact" not in outside and "coordinator" not in outside
    agent, owner = (world.client(user).get(ADDRESS).text for user in (world.dana, world.noam))
    assert "רכזת נגישות" not in agent and "יצירת קשר" not in agent
    assert "עוד לא נקבע רכז או רכזת נגישות" in owner and 'href="/settings/privacy/"' in owner


def test_an_invented_coordinator_is_named_only_where_nobody_real_is(world: World) -> None:
    demo = Org.objects.create(name="הדגמה", is_demo=True)
    Privacy.objects.create(org=demo, access={"name": "מירב", "mail": "access@aluma.example", "phone": ""})
    assert "access@aluma.example" not in Client().get(ADDRESS).text
    Org.objects.filter(is_demo=False).update(is_demo=True)
    assert "access@aluma.example" in Client().get(ADDRESS).text
