"""A person changes their own password in the browser."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from siach.org.models import Membership
from tests.world import PASSWORD, World

NEW = "an evening by the old lamp"


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_password_changes_and_only_this_browser_stays(world: World, language: str) -> None:
    cache.clear()
    dana = world.dana
    dana.language = language
    dana.set_password(PASSWORD)
    dana.save()
    here, elsewhere = world.client(dana), world.client(dana)
    assert 'href="/account/password/"' in here.get("/account/sign-in/").text
    answer = here.post("/account/password/", {"old": PASSWORD, "new": NEW})
    assert answer.headers["Location"] == "/account/password/"
    assert here.get("/account/password/").status_code == 200
    assert elsewhere.get("/").headers["Location"].startswith("/account/login/")
    dana.refresh_from_db()
    assert dana.check_password(NEW)
    entered = Client().post("/account/login/", {"login": dana.email, "password": NEW})
    assert entered.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"old": "not this one", "new": NEW}, "The current password is wrong."),
        ({"old": PASSWORD, "new": "short"}, "too short: at least 10 characters"),
        ({"old": PASSWORD, "new": "1234567890"}, "one of the easiest to guess"),
        ({"old": "", "new": NEW}, 'aria-invalid="true"'),
    ],
)
def test_an_error_says_why_and_changes_nothing(world: World, given: dict[str, str], words: str) -> None:
    cache.clear()
    world.dana.set_password(PASSWORD)
    world.dana.language = "en"
    world.dana.save()
    page = world.client(world.dana).post("/account/password/", given)
    assert page.status_code == 422 and words in page.text
    assert NEW not in page.text and PASSWORD not in page.text
    world.dana.refresh_from_db()
    assert world.dana.check_password(PASSWORD)


def test_whoever_came_by_a_link_sets_a_first_password(world: World) -> None:
    """Also a scout, who may do little else."""
    cache.clear()
    Membership.objects.filter(user=world.dana).update(role=Membership.Role.SCOUT)
    client = world.client(world.dana)
    assert 'name="old"' not in client.get("/account/password/").text
    assert client.post("/account/password/", {"new": NEW}).status_code == 302
    world.dana.refresh_from_db()
    assert world.dana.check_password(NEW)


def test_guessing_the_old_password_ends_after_a_few_attempts(world: World) -> None:
    cache.clear()
    world.dana.set_password(PASSWORD)
    world.dana.language = "en"
    world.dana.save()
    client = world.client(world.dana)
    for _attempt in range(6):
        page = client.post("/account/password/", {"old": "guess", "new": NEW})
    assert page.status_code == 422 and "Too many attempts" in page.text
    assert "Too many attempts" in client.post("/account/password/", {"old": PASSWORD, "new": NEW}).text
