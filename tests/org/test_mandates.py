"""Scope = Membership -> Team -> Mandate -> Brand: what an agency's people hold, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from siach.org.actions import add_brand
from siach.org.models import Mandate, Membership, Org, Team, Topic, User
from siach.org.rights import (
    MANDATED,
    NARROWED,
    RIGHTS,
    ROLES,
    Reach,
    brands_for,
    mandate_for,
    members,
    orgs_for,
    people_on,
    reaches,
    rights_of,
)
from tests.world import HELPS, NOW, World, lend


def lone(world: World, **more: object) -> Mandate:
    """The one mandate of the agency: on Lumika, changed as told."""
    Mandate.objects.exclude(pk=world.mandate.pk).delete()
    Mandate.objects.filter(pk=world.mandate.pk).update(**more)
    return Mandate.objects.get(pk=world.mandate.pk)


def test_what_can_be_lent_are_rights_of_the_table() -> None:
    assert NARROWED < MANDATED < RIGHTS
    assert not MANDATED & {"org.manage", "brand.manage", "import.run", "activity.read", "self.manage"}


@pytest.mark.parametrize("right", sorted(RIGHTS))
@pytest.mark.parametrize("role", Membership.Role.values)
def test_a_right_is_lent_by_mandate_and_held_by_role(world: World, right: str, role: str) -> None:
    lone(world)
    Membership.objects.filter(user=world.ido).update(role=role)
    held = right in HELPS and right in ROLES[role]
    assert list(brands_for(world.ido, right)) == ([world.brand] if held else [])
    assert (world.org in orgs_for(world.ido, right)) is False
    assert world.ido in people_on(world.brand, right) if held else world.ido not in people_on(world.brand, right)


def test_its_own_people_keep_the_rights_of_their_role(world: World) -> None:
    for user in (world.dana, world.noam, world.yael):
        assert set(brands_for(user, "inbox.read")) == {world.brand, world.rival}
        assert reaches(user, "inbox.read") == {}
    assert list(brands_for(world.omer, "inbox.read")) == [world.other_brand]


@pytest.mark.parametrize(
    "more",
    [
        {"accepted_at": None},
        {"team": None},
        {"ended_at": NOW},
        {"since": timezone.now() + timedelta(days=1)},
        {"until": timezone.now() - timedelta(seconds=1)},
        {"rights": []},
    ],
)
def test_a_mandate_that_is_not_in_force_opens_nothing(world: World, more: dict[str, object]) -> None:
    lone(world, **more)
    for right in RIGHTS:
        assert not brands_for(world.ido, right).exists(), right
        assert not people_on(world.brand, right).filter(pk=world.ido.pk).exists(), right
    assert reaches(world.ido, "inbox.read") == {} and not rights_of(world.ido) & MANDATED


def test_it_opens_until_the_moment_it_names(world: World) -> None:
    lone(world, until=timezone.now() + timedelta(hours=1))
    assert list(brands_for(world.ido, "inbox.read")) == [world.brand]
    assert mandate_for(world.ido, world.brand) == world.mandate
    assert mandate_for(world.dana, world.brand) is None and mandate_for(world.omer, world.brand) is None


def test_only_its_team_works_by_it(world: World) -> None:
    lone(world)
    other = Team.objects.create(org=world.agency, name="צוות אחר", kind=Team.Kind.AGENCY)
    gil = User.objects.create_user("gil@example.test", None, name="Gil")
    Membership.objects.create(user=gil, team=other, role=Membership.Role.OWNER)
    assert not brands_for(gil, "inbox.read").exists()
    assert not rights_of(gil) & MANDATED and "org.manage" in rights_of(gil)


def test_nothing_of_an_organisation_is_ever_lent(world: World) -> None:
    lone(world, rights=sorted(RIGHTS))
    Membership.objects.filter(user=world.ido).update(role=Membership.Role.OWNER)
    for right in RIGHTS - MANDATED:
        assert not brands_for(world.ido, right).exists(), right
    assert not members(world.org, "inbox.read").filter(pk=world.ido.pk).exists()


def test_a_narrow_mandate_lends_only_what_its_pages_can_keep(world: World) -> None:
    topic = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    for part in ({"data_scope": Mandate.Scope.CASES}, {"topics": [topic.pk]}):
        lone(world, rights=sorted(MANDATED), data_scope=Mandate.Scope.BRAND, topics=[])
        assert brands_for(world.ido, "source.read").exists()
        lone(world, **part)
        for right in MANDATED:
            assert brands_for(world.ido, right).exists() is (right in NARROWED), right


def test_what_any_mandate_opens_is_open(world: World) -> None:
    lone(world, data_scope=Mandate.Scope.CASES)
    assert reaches(world.ido, "inbox.read") == {world.brand.pk: (Reach(True, ()),)}
    second = Team.objects.create(org=world.agency, name="שני", kind=Team.Kind.AGENCY)
    Membership.objects.create(user=world.ido, team=second, role=Membership.Role.AGENT)
    lend(world.brand, second, topics=[7])
    assert reaches(world.ido, "inbox.read")[world.brand.pk] == (Reach(True, ()), Reach(False, (7,)))


def test_a_case_goes_only_to_who_may_see_its_topics(world: World) -> None:
    lone(world, topics=[7])
    assert world.ido in people_on(world.brand, "case.answer", topics=[7, 8])
    assert world.ido not in people_on(world.brand, "case.answer", topics=[8])
    assert world.ido not in people_on(world.brand, "case.answer", topics=[])
    assert world.dana in people_on(world.brand, "case.answer", topics=[8])


def test_the_menu_of_an_agency_shows_what_is_lent(world: World) -> None:
    assert "source.manage" not in rights_of(world.ido), "a lead holds it by no role"
    lone(world)
    assert rights_of(world.ido) & MANDATED == set(HELPS)
    Mandate.objects.all().delete()
    assert not rights_of(world.ido) & MANDATED and "self.manage" in rights_of(world.ido)
    add_brand(org=world.agency, name="ארגמן", by=None, at=NOW)
    assert "inbox.read" in rights_of(world.ido)


def test_the_database_keeps_mandates_in_order(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        lend(world.brand, world.agency_team)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.filter(pk=world.mandate.pk).update(until=datetime(2019, 1, 1, tzinfo=UTC))
    lone(world, ended_at=NOW)
    assert lend(world.brand, world.agency_team).pk


def test_two_agencies_stand_side_by_side(world: World) -> None:
    rival_agency = Org.objects.create(name="סוכנות אחרת", kind=Org.Kind.AGENCY)
    team = Team.objects.create(org=rival_agency, name="מוקד", kind=Team.Kind.AGENCY)
    gil = User.objects.create_user("gil@example.test", None, name="Gil")
    Membership.objects.create(user=gil, team=team, role=Membership.Role.AGENT)
    lend(world.brand, team, rights=["today.read", "inbox.read"])
    assert list(brands_for(gil, "inbox.read")) == [world.brand]
    assert not brands_for(gil, "case.answer").exists()
    assert set(brands_for(world.ido, "inbox.read")) == {world.brand, world.led_brand}
