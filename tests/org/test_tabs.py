"""The tabs of a phone: the four places that a person's rights make most useful, with what waits there."""

from __future__ import annotations

import re

import pytest

from siach.org.models import Membership
from tests.world import World, said

pytestmark = pytest.mark.django_db
Role = Membership.Role
TABS = {
    Role.OWNER: ["today", "stream", "inbox", "approvals"],
    Role.AGENT: ["today", "stream", "inbox", "capture"],
    Role.SPOKESPERSON: ["today", "stream", "inbox", "approvals"],
    Role.READER: ["today", "stream", "sources", "reports"],
    Role.SCOUT: ["capture"],
}


def tabs(page: str) -> str:
    return page.split('<nav class="tabs"')[1].split("</nav>")[0]


@pytest.mark.parametrize("role", TABS)
def test_each_role_has_its_own_four(world: World, role: str) -> None:
    Membership.objects.filter(user=world.dana).update(role=role)
    home = "/capture/" if role == Role.SCOUT else "/stream/"
    shown = tabs(world.client(world.dana).get(home).text)
    names = ["today" if href == "/" else href.strip("/") for href in re.findall(r'href="([^"]+)"', shown)]
    assert names == TABS[role]
    assert shown.count('aria-current="page"') == 1


def test_a_tab_says_how_many_wait(world: World) -> None:
    assert "tabs-n" not in tabs(world.client(world.dana).get("/").text)
    world.hear(said("c1", "לומיקה, המנורה הגיעה שבורה והשירות גרוע", by="customer", reason="mention"))
    assert '<span class="tabs-n">1</span>' in tabs(world.client(world.dana).get("/").text)
    assert "tabs-n" not in tabs(world.client(world.omer).get("/").text)
