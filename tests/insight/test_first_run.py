"""The first run, from the one-time link to a founded organisation, and everybody who must not reach it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from siach.insight.actions import Beginning, begin
from siach.org.actions import Refused, add_brand, sign_in_link
from siach.org.models import Brand, Goal, LedgerEntry, Membership, Org, SignInLink, User
from tests.world import World

YOU = {"name": "נועם לוי", "email": "Noam@Example.test", "password": "a quiet morning paper"}
ORG = {"name": "לומיקה בע״מ", "zone": "Asia/Jerusalem"}
BRAND = {
    "name": "לומיקה",
    "names": "Lumika\n@lumika.test\n\nLumika",
    "exclusions": "רחוב לומיקה",
    "languages": ["he", "ar"],
    "rivals": "ברוניל\nלומיקה",
}
GOALS = {
    "preserve-target": "70",
    "preserve-aim": "",
    "improve-target": "-5",
    "improve-aim": "שידברו על האור",
    "serve-target": "90",
    "serve-aim": "",
}
ANSWERS = {"you": YOU, "org": ORG, "brand": BRAND, "goals": GOALS}


def come_in(client: Client) -> None:
    link = sign_in_link(at=timezone.now(), address="http://testserver")
    assert client.get(link).status_code == 200
    assert client.post(link).headers["Location"] == "/start/"


def tell(client: Client, *steps: str) -> None:
    for step in steps:
        assert client.post(f"/start/{step}/", ANSWERS[step]).status_code == 302, step


@pytest.mark.parametrize("language", ["he", "en"])
def test_from_the_link_to_a_founded_organisation(db: None, language: str) -> None:
    client = Client(headers={"accept-language": language})
    come_in(client)
    for step, answers in ANSWERS.items():
        page = client.get(f"/start/{step}/")
        assert f'lang="{language}"' in page.text and 'aria-current="step"' in page.text
        assert client.post(f"/start/{step}/", answers).status_code == 302
    org = Org.objects.get()
    assert (org.name, org.language, org.zone) == ("לומיקה בע״מ", language, "Asia/Jerusalem")
    owner = User.objects.get()
    assert (owner.email, owner.language) == ("noam@example.test", language)
    assert owner.memberships.get().role == Membership.Role.OWNER
    brand = Brand.objects.get(kind=Brand.Kind.OWN)
    assert brand.names == ["לומיקה", "Lumika", "@lumika.test"]
    assert (brand.exclusions, brand.languages) == (["רחוב לומיקה"], ["he", "ar"])
    assert [rival.name for rival in Brand.objects.filter(kind=Brand.Kind.RIVAL)] == ["ברוניל"]
    kept = {goal.layer: (goal.target, goal.aim) for goal in Goal.objects.filter(brand=brand)}
    assert kept == {"preserve": (70, ""), "improve": (-5, "שידברו על האור"), "serve": (90, "")}
    assert client.session["_auth_user_id"] == str(owner.pk)
    assert "first_run_told" not in client.session
    assert client.get("/welcome/").status_code == 200
    assert client.get("/start/").status_code == 404
    assert set(LedgerEntry.objects.values_list("name", flat=True)) == {"org.founded", "brand.added", "goal.set"}


def test_nothing_is_lost_on_an_error_and_on_the_way_back(db: None) -> None:
    client = Client()
    come_in(client)
    page = client.post("/start/you/", YOU | {"password": "short"})
    assert page.status_code == 422 and "נועם לוי" in page.text and "10" in page.text
    tell(client, "you", "org")
    page = client.post("/start/brand/", BRAND | {"name": ""})
    assert page.status_code == 422 and "רחוב לומיקה" in page.text and "@lumika.test" in page.text
    tell(client, "brand")
    page = client.get("/start/you/")
    assert "נועם לוי" in page.text and YOU["password"] not in page.text
    assert client.post("/start/you/", YOU | {"password": ""}).status_code == 302, "the password was kept"
    page = client.post("/start/goals/", GOALS | {"serve-target": "101"})
    assert page.status_code == 422 and "שידברו על האור" in page.text
    assert not User.objects.exists()
    tell(client, "goals")
    assert User.objects.get().check_password(YOU["password"])


def test_the_password_stands_sealed_in_the_session(db: None) -> None:
    client = Client()
    come_in(client)
    tell(client, "you")
    assert YOU["password"] not in str(dict(client.session))


def test_a_step_cannot_be_skipped(db: None) -> None:
    client = Client()
    come_in(client)
    assert client.get("/start/goals/").headers["Location"] == "/start/you/"
    assert client.post("/start/goals/", GOALS).headers["Location"] == "/start/you/"
    assert client.get("/start/nothing/").status_code == 404


def test_without_the_link_there_is_no_first_run(db: None) -> None:
    assert Client().get("/start/").status_code == 404
    assert Client().post("/start/you/", YOU).status_code == 404


def test_once_somebody_is_here_there_is_no_first_run(world: World) -> None:
    client = Client()
    session = client.session
    session["first_run"] = True
    session.save()
    assert client.get("/start/").status_code == 404


def test_used_expired_and_wrong_links_say_so(db: None) -> None:
    client = Client(headers={"accept-language": "en"})
    link = sign_in_link(at=timezone.now(), address="http://testserver")
    assert client.post(link).status_code == 302
    for refused in (link, "http://testserver/enter/never-was/"):
        page = client.post(refused)
        assert page.status_code == 422 and "already used or has expired" in page.text
    late = sign_in_link(at=timezone.now() - timedelta(hours=13), address="http://testserver")
    assert client.post(late).status_code == 422
    assert SignInLink.objects.filter(used_at=None).count() == 1


def test_opening_a_link_does_not_spend_it(db: None) -> None:
    client = Client()
    link = sign_in_link(at=timezone.now(), address="http://testserver")
    client.get(link)
    client.head(link)
    assert SignInLink.objects.get().used_at is None


def test_who_comes_second_is_refused_and_loses_nothing(db: None) -> None:
    first, second = Client(), Client(headers={"accept-language": "en"})
    come_in(first)
    come_in(second)
    tell(first, "you", "org", "brand")
    tell(second, "you", "org", "brand")
    tell(first, "goals")
    page = second.post("/start/goals/", GOALS)
    assert page.status_code == 422 and "already set up" in page.text
    assert Org.objects.count() == User.objects.count() == 1


def beginning(email: str) -> Beginning:
    return Beginning(
        owner={"email": email, "name": "נועם", "password": YOU["password"]},
        org="לומיקה",
        zone="",
        language="he",
        brand="לומיקה",
        names=[],
        exclusions=[],
        languages=["he"],
        rivals=[],
        goals={},
    )


def test_what_was_imported_before_the_first_run_is_the_owner_s(db: None) -> None:
    org = Org.objects.create(name="six-airlines", zone="UTC")
    at = timezone.now()
    lumika = add_brand(org=org, name="לומיקה", names=["לומיקה ישראל"], by=None, at=at)
    rival = add_brand(org=org, name="ברוניל", by=None, at=at)
    other = add_brand(org=org, name="אורית", by=None, at=at)
    client = Client()
    come_in(client)
    tell(client, "you", "org", "brand", "goals")
    assert Org.objects.get() == org
    org.refresh_from_db()
    assert (org.name, org.zone) == ("לומיקה בע״מ", "Asia/Jerusalem")
    assert org.teams.get().memberships.get().user.email == "noam@example.test"
    lumika.refresh_from_db()
    rival.refresh_from_db()
    assert lumika.names == ["לומיקה", "לומיקה ישראל", "Lumika", "@lumika.test"]
    assert (lumika.exclusions, lumika.languages, lumika.zone) == (["רחוב לומיקה"], ["he", "ar"], "Asia/Jerusalem")
    assert lumika.goals.count() == 3
    assert rival.kind == Brand.Kind.RIVAL
    assert set(org.brands.all()) == {lumika, rival, other}


def test_two_organisations_without_members_are_nobody_s_choice(db: None) -> None:
    for name in ("one", "two"):
        Org.objects.create(name=name)
    begin(beginning("noam@example.test"), at=timezone.now())
    assert Org.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_first_runs_at_once_found_one_organisation() -> None:
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def run(email: str) -> None:
        together.wait()
        try:
            begin(beginning(email), at=timezone.now())
            outcomes.append("founded")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"{n}@example.test",)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["founded", "refused"]
    assert Org.objects.count() == 1


def test_a_refusal_leaves_nothing_behind(db: None) -> None:
    told = beginning("noam@example.test")
    told.goals["no such layer"] = (1, "")  # type: ignore[index]
    with pytest.raises(KeyError):
        begin(told, at=timezone.now())
    assert not Org.objects.exists() and not User.objects.exists()
