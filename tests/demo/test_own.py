"""One's own organisation beside the demo: founded by whoever sits at the machine, and no invented person's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from siach.background import REMOVE
from siach.demo import queries
from siach.demo.actions.removing import remove
from siach.org.actions import sign_in_link
from siach.org.models import Brand, LedgerEntry, Org, SignInLink, User
from siach.org.queries import first_owner, has_people
from siach.org.rights import RIGHTS, brands_for, orgs_for, people_on
from tests.demo.test_demo import founded, signed_in
from tests.insight.test_first_run import ANSWERS, GOALS, tell
from tests.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def demo() -> Org:
    return founded()


def in_demo(role: str) -> Client:
    user = User.objects.get(memberships__team__org__is_demo=True, memberships__role=role, email__contains="aluma")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_it_is_founded_beside_the_demo(demo: Org) -> None:
    noa = queries.owner_of(demo)
    for language, words in (("en", "Set up your own brand"), ("he", "הקמת המותג שלך")):
        noa.language = language
        noa.save()
        client = signed_in(demo, language)
        assert words in client.get("/").text and words in client.get("/demo/own/").text
    assert client.get("/start/").status_code == 404, "nobody asked for it yet"
    assert client.post("/demo/own/").headers["Location"] == "/start/"
    page = client.get("/start/").text
    assert "/demo/begin/" not in page and 'href="/"' in page, "the way back into the demo"
    tell(client, *ANSWERS)
    owner = User.objects.get(email="noam@example.test")
    assert client.session["_auth_user_id"] == str(owner.pk) and "first_run" not in client.session
    real = Org.objects.get(is_demo=False)
    assert (real.language, real.name) == ("he", "לומיקה בע״מ")
    _nothing_leads_from_one_into_the_other(demo, real, owner)


def _nothing_leads_from_one_into_the_other(demo: Org, real: Org, owner: User) -> None:
    brand = Brand.objects.get(org=real, kind=Brand.Kind.OWN)
    for right in RIGHTS:
        assert set(people_on(brand, right)) <= {owner}, right
        for one in User.objects.exclude(pk=owner.pk):
            assert not brands_for(one, right).filter(org=real).exists() and real not in orgs_for(one, right)
        assert not brands_for(owner, right).exclude(org=real).exists() and demo not in orgs_for(owner, right)
    assert set(LedgerEntry.objects.filter(org=real).values_list("by", flat=True)) == {owner.pk}


def test_only_the_demo_s_owner_begins_it_and_only_while_nobody_real_is_here(demo: Org) -> None:
    for role in ("manager", "agent", "spokesperson"):
        assert in_demo(role).get("/demo/own/").status_code == in_demo(role).post("/demo/own/").status_code == 404
    ido = User.objects.get(email__contains="kivun")
    other = Client()
    other.force_login(ido, backend="django.contrib.auth.backends.ModelBackend")
    assert other.get("/demo/own/").status_code == other.post("/demo/own/").status_code == 404
    assert Client().post("/demo/own/").status_code == 302, "signed out: the sign-in page"
    first, second = signed_in(demo), signed_in(demo)
    for client in (first, second):
        client.post("/demo/own/")
        tell(client, "you", "org", "brand")
    assert not has_people()
    tell(first, "goals")
    page = second.post("/start/goals/", GOALS)
    assert page.status_code == 422 and Org.objects.filter(is_demo=False).count() == 1
    assert second.get("/start/").status_code == second.get("/demo/own/").status_code == 404
    strip = second.get("/").text
    assert "/demo/own/" not in strip and 'action="/account/logout/"' in strip.partition('id="strips"')[2][:3000]


def test_whoever_set_siach_up_goes_into_the_demo_and_removes_it(demo: Org, world: World) -> None:
    assert first_owner() == world.noam
    world.noam.language = "en"
    world.noam.save()
    assert sign_in_link(at=NOW, address="x") and SignInLink.objects.get().user == world.noam
    client = world.client(world.noam, "en")
    assert "/demo/enter/" in client.get("/settings/").text and "/demo/enter/" not in client.get("/").text
    assert client.post("/demo/enter/").headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(queries.owner_of(demo).pk)
    client = world.client(world.noam, "en")
    assert "You will be signed out" not in client.get("/demo/remove/").text
    assert client.post("/demo/remove/").headers["Location"] == "/settings/"
    assert "is being removed" in client.get("/settings/").text and "/demo/enter/" not in client.get("/settings/").text
    assert client.post("/demo/enter/").status_code == 404
    assert remove(steps=REMOVE, at=NOW) and not Org.objects.filter(is_demo=True).exists()
    assert client.get("/settings/").status_code == 200 and User.objects.filter(pk=world.noam.pk).exists()


def test_a_demo_that_is_going_is_no_organisation_to_take_over(demo: Org) -> None:
    client = signed_in(demo)
    client.post("/demo/own/")
    for org in queries.demo_orgs():
        org.teams.all().delete()
    link = sign_in_link(at=NOW, address="http://testserver", user=None)
    visitor = Client()
    User.objects.filter(memberships=None).delete()
    assert visitor.post(link).headers["Location"] == "/start/"
    tell(visitor, *ANSWERS)
    assert Org.objects.get(is_demo=False).name == "לומיקה בע״מ"
    assert Org.objects.filter(is_demo=True).count() == 2
