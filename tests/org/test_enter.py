"""Signing in and out, the language switch, and what happens to whoever guesses."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from siach.org.actions import sign_in_link
from siach.org.models import Membership, Org, User
from tests.world import PASSWORD, World


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    cache.clear()
    return user


def test_email_and_password_open_the_page_that_was_asked_for(world: World) -> None:
    noam = with_password(world.noam)
    client = Client()
    asked = client.get("/settings/")
    assert asked.headers["Location"] == "/account/login/?next=/settings/"
    page = client.get(asked.headers["Location"])
    assert 'name="next" value="/settings/"' in page.text
    given = {"login": "NOAM@example.test", "password": PASSWORD, "next": "/settings/"}
    assert client.post("/account/login/", given).headers["Location"] == "/settings/"
    assert client.session["_auth_user_id"] == str(noam.pk)


def test_a_wrong_password_keeps_the_email_and_says_why(world: World) -> None:
    with_password(world.noam)
    for language, words in (("he", "הסיסמה שגויים"), ("en", "The email or the password is wrong.")):
        client = Client(headers={"accept-language": language})
        page = client.post("/account/login/", {"login": world.noam.email, "password": "wrong words here"})
        assert page.status_code == 422 and words in page.text and world.noam.email in page.text
        assert "wrong words here" not in page.text


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_way_to_set_up_is_told_only_while_nobody_is_here(db: None, is_demo: bool) -> None:
    english = Client(headers={"accept-language": "en"})
    assert "Siach is not set up yet." in english.get("/account/login/").text
    Org.objects.create(name="אלומה", is_demo=is_demo)
    assert "Siach is not set up yet." not in english.get("/account/login/").text


def test_an_inactive_person_stays_outside(world: World) -> None:
    noam = with_password(world.noam)
    noam.is_active = False
    noam.save()
    page = Client().post("/account/login/", {"login": noam.email, "password": PASSWORD})
    assert page.status_code == 422


def test_guessing_ends_after_a_few_attempts(world: World) -> None:
    """The attempts are counted in the database, so every web process counts the same ones."""
    with_password(world.noam)
    for _attempt in range(6):
        page = Client().post("/account/login/", {"login": world.noam.email, "password": "guess"})
    given = {"login": world.noam.email, "password": PASSWORD}
    page = Client(headers={"accept-language": "en"}).post("/account/login/", given)
    assert page.status_code == 422 and "Too many attempts" in page.text


def test_an_endless_flood_gets_a_page_of_its_own(world: World) -> None:
    cache.clear()
    for attempt in range(31):
        page = Client().post("/account/login/", {"login": f"{attempt}@example.test", "password": "guess"})
    assert page.status_code == 429
    assert 'href="/account/login/"' in page.text


def test_leaving_takes_a_press_of_a_button(world: World) -> None:
    client = world.client(world.dana)
    page = client.get("/account/logout/")
    assert page.status_code == 200 and 'action="/account/logout/"' in page.text
    assert "_auth_user_id" in client.session
    assert client.post("/account/logout/").headers["Location"] == "/account/login/"
    assert "_auth_user_id" not in client.session


def test_a_link_of_a_person_signs_in_once(world: World) -> None:
    client = Client()
    link = sign_in_link(at=timezone.now(), address="http://testserver")
    assert client.post(link).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(world.noam.pk)
    assert Client().post(link).status_code == 422


def test_whoever_may_not_read_today_begins_where_they_may(world: World) -> None:
    Membership.objects.filter(user=world.dana).update(role=Membership.Role.SCOUT)
    link = sign_in_link(at=timezone.now(), address="http://testserver", user=world.dana)
    assert Client().post(link).headers["Location"] == "/capture/"
    given = {"login": with_password(world.dana).email, "password": PASSWORD}
    assert Client().post("/account/login/", given).headers["Location"] == "/capture/"
    given["login"] = with_password(world.noam).email
    assert Client().post("/account/login/", given).headers["Location"] == "/"


def test_before_anybody_is_here_the_page_says_how_to_begin(db: None) -> None:
    assert "./siach link" in Client(headers={"accept-language": "en"}).get("/account/login/").text


def test_the_language_is_switched_before_and_after_signing_in(world: World) -> None:
    client = Client(headers={"accept-language": "he"})
    assert 'dir="rtl"' in client.get("/account/login/").text
    answer = client.post("/language/", {"language": "en", "next": "/account/login/"})
    assert answer.headers["Location"] == "/account/login/"
    assert 'dir="ltr"' in client.get("/account/login/").text
    client = world.client(world.noam)
    client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    world.noam.refresh_from_db()
    assert world.noam.language == "en"
    assert 'dir="ltr"' in client.get("/settings/").text
    assert client.post("/language/", {"language": "xx"}).status_code == 400


def test_nobody_signs_up_or_resets_by_themselves(db: None) -> None:
    for address in ("signup", "password/reset", "inactive", "reauthenticate", "forgotten"):
        assert Client().get(f"/account/{address}/").status_code == 404
