"""Single sign-on against a real provider on this machine: who comes in, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from oidc_provider_mock import run_server_in_thread

from siach.org import inviting
from siach.org.models import Identity, Membership, Team, User
from tests.org.test_factors import guarded
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture
def provider(settings: SettingsWrapper) -> Iterator[str]:
    cache.clear()
    with run_server_in_thread(require_nonce=True) as server:
        issuer = f"http://localhost:{server.server_port}"
        settings.SIACH_OIDC = {"issuer": issuer, "client": "siach", "secret": "hush", "name": "Lumika ID"}
        yield issuer


def at_provider(provider: str, where: str, email: str, *, sub: str = "", **claims: object) -> str:
    """Sign in there as this person, whose account is `sub`; gives the address it sends back to, without the host."""
    known = {"email": email, "email_verified": True, "name": "Maya", **claims}
    assert httpx.put(f"{provider}/users/{sub or email}", json=known, timeout=5).is_success
    answer = httpx.post(where, data={"sub": sub or email}, timeout=5)
    return answer.headers["Location"].removeprefix("http://localhost:8000")


def begun(client: Client, **given: str) -> str:
    answer = client.post("/account/sso/", given)
    assert answer.status_code == 302
    return answer.headers["Location"]


def come(provider: str, email: str, **claims: object) -> tuple[Client, object]:
    client = Client(headers={"accept-language": "en"})
    return client, client.get(at_provider(provider, begun(client), email, **claims))


def test_a_member_comes_in_and_goes_on_to_the_page_asked_for(world: World, provider: str) -> None:
    client = Client(headers={"accept-language": "en"})
    assert "Lumika ID" in client.get("/account/login/").text
    where = begun(client, next="/settings/")
    asked = parse_qs(urlsplit(where).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"] and asked["state"]
    before = client.session.session_key
    answer = client.get(at_provider(provider, where, "Noam@example.test"))
    assert answer.headers["Location"] == "/settings/"
    assert client.session["_auth_user_id"] == str(world.noam.pk) and client.session.session_key != before


def test_elsewhere_is_not_gone_on_to(world: World, provider: str) -> None:
    client = Client()
    where = begun(client, next="https://elsewhere.example/")
    assert client.get(at_provider(provider, where, world.noam.email)).headers["Location"] == "/"


def test_a_stranger_makes_nobody(world: World, provider: str) -> None:
    client, answer = come(provider, "stranger@example.test")
    assert answer.status_code == 422 and "There is no invitation for this email" in answer.text  # type: ignore[attr-defined]
    assert "_auth_user_id" not in client.session
    assert not User.objects.filter(email="stranger@example.test").exists()


def test_whoever_was_invited_comes_in_with_the_role_of_the_invitation(world: World, provider: str) -> None:
    team = Team.objects.get(org=world.org)
    inviting.invite(team=team, role="lead", email="maya@example.test", by=world.noam, at=timezone.now())
    client, answer = come(provider, "maya@example.test")
    assert answer.headers["Location"] == "/"  # type: ignore[attr-defined]
    maya = User.objects.get(email="maya@example.test")
    assert (maya.name, maya.has_usable_password()) == ("Maya", False)
    assert Membership.objects.get(user=maya).role == "lead"
    assert client.session["_auth_user_id"] == str(maya.pk)


def test_a_changed_address_still_lets_them_in(world: World, provider: str) -> None:
    come(provider, world.noam.email, sub="n-1")
    for claims in ({"email": "noam.levi@example.test"}, {"email": "x@example.test", "email_verified": False}):
        client, answer = come(provider, claims.pop("email"), sub="n-1", **claims)
        assert answer.status_code == 302  # type: ignore[attr-defined]
        assert client.session["_auth_user_id"] == str(world.noam.pk)
    world.noam.refresh_from_db()
    assert world.noam.email == "noam@example.test" and Identity.objects.count() == 1


def test_a_reused_address_opens_nobodys_account(world: World, provider: str) -> None:
    come(provider, world.noam.email, sub="n-1")
    team = Team.objects.get(org=world.org)
    for email in (world.noam.email, "maya@example.test"):
        client, answer = come(provider, email, sub="n-2")
        assert "_auth_user_id" not in client.session
        assert answer.status_code == 422  # type: ignore[attr-defined]
        words = "another Lumika ID account" if email == world.noam.email else "There is no invitation"
        assert words in answer.text  # type: ignore[attr-defined]
    inviting.invite(team=team, role="lead", email="maya@example.test", by=world.noam, at=timezone.now())
    client, _answer = come(provider, "maya@example.test", sub="n-2")
    assert client.session["_auth_user_id"] == str(User.objects.get(email="maya@example.test").pk)


def test_a_subject_is_one_persons_at_each_provider(world: World, provider: str) -> None:
    Identity.objects.create(user=world.dana, issuer="https://another.example", subject="n-1", made_at=timezone.now())
    client, _answer = come(provider, world.noam.email, sub="n-1")
    assert client.session["_auth_user_id"] == str(world.noam.pk)


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_email_that_is_not_verified_opens_nothing(world: World, provider: str, verified: object) -> None:
    client, answer = come(provider, world.noam.email, email_verified=verified)
    assert answer.status_code == 422 and "has not verified" in answer.text  # type: ignore[attr-defined]
    assert "_auth_user_id" not in client.session


def test_the_second_factor_is_asked_all_the_same(world: World, provider: str) -> None:
    guarded(world.noam)
    client, answer = come(provider, world.noam.email)
    assert answer.headers["Location"] == "/account/second-step/"  # type: ignore[attr-defined]
    assert "_auth_user_id" not in client.session


def test_an_answer_fits_the_browser_that_asked_and_once(world: World, provider: str) -> None:
    mine = Client(headers={"accept-language": "en"})
    back = at_provider(provider, begun(mine), world.noam.email)
    other = Client(headers={"accept-language": "en"})
    assert other.get(back).status_code == 422, "somebody else's answer, never asked for"
    begun(other)
    assert other.get(back).status_code == 422, "somebody else's state"
    assert mine.get(back).status_code == 302
    assert Client().get(back).status_code == 422


def test_a_wrong_nonce_is_refused(world: World, provider: str) -> None:
    client = Client(headers={"accept-language": "en"})
    back = at_provider(provider, begun(client), world.noam.email)
    session = client.session
    session["oidc"] = session["oidc"] | {"nonce": "of-another-sign-in"}
    session.save()
    page = client.get(back)
    assert page.status_code == 422 and "does not match this sign-in" in page.text


def test_another_audience_is_refused(world: World, provider: str, settings: SettingsWrapper) -> None:
    client = Client(headers={"accept-language": "en"})
    back = at_provider(provider, begun(client), world.noam.email)
    settings.SIACH_OIDC = settings.SIACH_OIDC | {"client": "another"}
    page = client.get(back)
    assert page.status_code == 422 and "is not valid" in page.text


def test_a_refusal_there_is_told_here(world: World, provider: str) -> None:
    client = Client(headers={"accept-language": "en"})
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    page = client.get("/account/sso/back/", {"state": state, "error": "access_denied"})
    assert page.status_code == 422 and "did not approve" in page.text


def test_a_provider_that_is_gone_is_told(world: World, settings: SettingsWrapper) -> None:
    cache.clear()
    settings.SIACH_OIDC = {"issuer": "http://localhost:1", "client": "c", "secret": "s", "name": "Lumika ID"}
    page = Client(headers={"accept-language": "en"}).post("/account/sso/")
    assert page.status_code == 422 and "is not responding" in page.text


def test_without_a_provider_there_is_no_such_way(world: World) -> None:
    assert Client().post("/account/sso/").status_code == 404
    assert Client().get("/account/sso/back/").status_code == 404
