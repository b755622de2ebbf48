"""Passkeys in a real browser with an authenticator of its own: made, used to sign in, renamed, removed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from siach.org.models import Membership, Org, Team, User
from tests.world import PASSWORD, World

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def person() -> User:
    user = User.objects.create_user("dana@example.test", PASSWORD, name="Dana", language="en")
    team = Team.objects.create(org=Org.objects.create(name="Lumika"), name="Lumika")
    Membership.objects.create(user=user, team=team, role=Membership.Role.AGENT)
    return user


def by_password(page: Page, address: str) -> None:
    page.goto(f"{address}/account/login/")
    page.get_by_label("Email").fill("dana@example.test")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def watched(page: Page) -> list[str]:
    """What the content policy refuses from now on, as the browser tells it."""
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.context.set_extra_http_headers({"accept-language": "en"})
    return refused


def with_authenticator(page: Page) -> tuple[Any, str]:
    """The browser gets a key of its own, as a laptop has one; gives the way to command it and its number."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def test_a_passkey_is_made_and_opens_the_door(page: Page, live_server: LiveServer) -> None:
    cache.clear()
    user, address = person(), live_server.url.replace("127.0.0.1", "localhost")
    refused = watched(page)
    devices, device = with_authenticator(page)
    by_password(page, address)
    page.goto(f"{address}/account/factor/passkey/")
    page.get_by_label("Name of the passkey").fill("Office laptop")
    page.get_by_role("button", name="Create passkey").click()
    page.wait_for_url("**/account/codes/")
    page.goto(f"{address}/account/sign-in/")
    assert page.get_by_text("Office laptop").first.is_visible()

    # Signing in by the passkey alone: it is both factors at once.
    page.context.clear_cookies()
    page.goto(f"{address}/account/login/?next=/account/password/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/account/password/")
    assert Authenticator.objects.get(user=user, type="webauthn").last_used_at

    # And as the second step after the password.
    page.context.clear_cookies()
    by_password(page, address)
    page.wait_for_url("**/account/second-step/")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Continue with a passkey").click()
    page.get_by_text("did not work").wait_for()
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Continue with a passkey").click()
    page.wait_for_url(f"{address}/")

    page.goto(f"{address}/account/sign-in/")
    page.get_by_text("Rename").click()
    page.get_by_label("Name of the passkey").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The passkey has a new name.").wait_for()
    page.get_by_role("link", name=re.compile("Remove")).first.click()
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/account/sign-in/")
    assert not Authenticator.objects.filter(user=user).exists()

    page.context.clear_cookies()
    page.goto(f"{address}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("This passkey does not work").wait_for()
    assert not refused


ANSWERS: list[Any] = [{}, [], "x", None, 1, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}]
ANSWERS += [{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "AA", "clientDataJSON": "AA"}}]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_none_opens_nothing(world: World, answer: Any) -> None:
    cache.clear()
    client = Client()
    assert client.get("/account/passkey/").json()["publicKey"]["userVerification"] == "required"
    deep = client.post("/account/passkey/", {"credential": "[" * 20_000})
    page = client.post("/account/passkey/", {"credential": json.dumps(answer)})
    assert deep.status_code == 422
    assert page.status_code == 422 and "_auth_user_id" not in client.session
    inside = world.client(world.dana)
    inside.get("/account/factor/passkey/")
    assert inside.post("/account/factor/passkey/", {"credential": json.dumps(answer)}).status_code == 422
    assert not Authenticator.objects.exists()


def test_passkeys_that_do_not_fit_are_counted(world: World) -> None:
    cache.clear()
    statuses = [Client().post("/account/passkey/", {"credential": "{}"}).status_code for _try in range(22)]
    assert statuses[0] == 422 and statuses[-1] == 429
