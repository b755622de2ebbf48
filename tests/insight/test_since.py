"""Since you were last here: what others did, for those who may read it, after a visit that has truly ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from siach.insight.actions import QUIET, visit
from siach.insight.models import Visit
from siach.insight.queries.since import LINES, since_last_here
from siach.org.ledger import record
from siach.org.models import Membership, Team, User
from tests.world import NOW, World

if TYPE_CHECKING:
    from datetime import datetime

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


def deed(world: World, by: User | None, at: datetime, name: str = "case.resolved") -> None:
    record(name, world.brand, by=by, at=at, org=world.org, brand=world.brand)


def twice(world: World, user: User) -> None:
    """A visit, and another three hours later."""
    for at in (NOW, LATER):
        visit(user=user, brands=[world.brand], at=at)


def test_what_others_did_between_two_visits(world: World) -> None:
    visit(user=world.noam, brands=[world.brand], at=NOW)
    assert since_last_here(world.noam, [world.brand]) is None, "the first visit has none before it"
    deed(world, world.dana, NOW + timedelta(minutes=5))
    deed(world, world.dana, NOW + timedelta(minutes=6), "reply.retried")
    deed(world, world.dana, NOW + timedelta(minutes=7))
    deed(world, world.noam, NOW + timedelta(minutes=8))
    deed(world, None, NOW + timedelta(minutes=9), "case.opened")
    deed(world, world.yael, NOW - timedelta(minutes=5))
    visit(user=world.noam, brands=[world.brand], at=LATER)
    since = since_last_here(world.noam, [world.brand])
    assert since and since.since == NOW
    assert [(share.by, [n for _kind, n in share.kinds]) for share in since.shares] == [
        (world.dana, [2, 1]),
        (None, [1]),
    ]


def test_a_page_opened_again_soon_is_the_same_visit(world: World) -> None:
    twice(world, world.noam)
    visit(user=world.noam, brands=[world.brand], at=LATER + QUIET - timedelta(seconds=1))
    assert Visit.objects.get(user=world.noam).since == NOW
    visit(user=world.noam, brands=[world.brand], at=LATER + 2 * QUIET)
    assert Visit.objects.get(user=world.noam).since == LATER + QUIET - timedelta(seconds=1)


def test_five_people_and_how_many_more(world: World) -> None:
    team = Team.objects.get(org=world.org)
    for n in range(LINES + 2):
        one = User.objects.create_user(f"p{n}@example.test", None, name=f"P{n}")
        Membership.objects.create(user=one, team=team, role=Membership.Role.AGENT)
        deed(world, one, NOW + timedelta(minutes=n + 1))
    twice(world, world.noam)
    since = since_last_here(world.noam, [world.brand])
    assert since and (len(since.shares), since.more) == (LINES, 2)


@pytest.mark.parametrize(("language", "words"), [("he", "מאז הביקור הקודם"), ("en", "Since your last visit")])
def test_today_says_it_to_who_may_read_activity(world: World, language: str, words: str) -> None:
    for user in (world.noam, world.dana, world.omer):
        user.language = language
        user.save()
        visit(user=user, brands=[world.brand, world.other_brand], at=NOW - timedelta(days=2))
    deed(world, world.yael, NOW - timedelta(days=1))
    page = world.client(world.noam).get("/").text
    assert words in page and "Yael" in page
    assert words in world.client(world.noam).get("/?part=main").text, "the fragment keeps it"
    assert "Yael" not in world.client(world.dana).get("/").text, "agents do not read the ledger"
    assert "Yael" not in world.client(world.omer).get("/").text
