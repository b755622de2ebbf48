"""A session key that somebody else knew before is worth nothing after signing in; one that ended stays ended."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from siach.org.actions import change_password, sign_in_link
from siach.org.models import User
from tests.org.test_enter import with_password
from tests.world import PASSWORD

if TYPE_CHECKING:
    from tests.world import World


def planted(key: str = "") -> Client:
    """A browser that carries a session key which an attacker made and knows."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["planted"] = "by somebody else"
    store.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key or store.session_key
    return client


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def carrying(key: str) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def is_inside(client: Client) -> bool:
    return client.get("/account/password/").status_code == 200


def test_signing_in_makes_a_new_key(world: World) -> None:
    noam = with_password(world.noam)
    client = planted()
    known = key_of(client)
    client.post("/account/login/", {"login": noam.email, "password": PASSWORD})
    assert is_inside(client) and key_of(client) != known
    assert not is_inside(carrying(known))


def test_a_link_makes_a_new_key(world: World) -> None:
    client = planted()
    known = key_of(client)
    client.post(sign_in_link(at=timezone.now(), address="http://testserver", user=world.noam))
    assert is_inside(client) and key_of(client) != known
    assert not is_inside(carrying(known))


def test_the_first_run_makes_a_new_key(db: None) -> None:
    assert not User.objects.exists()
    client = planted()
    known = key_of(client)
    client.post(sign_in_link(at=timezone.now(), address="http://testserver"))
    assert client.get("/start/").status_code == 200 and key_of(client) != known
    assert carrying(known).get("/start/").status_code == 404


def test_a_key_that_was_never_made_is_not_taken(world: World) -> None:
    noam = with_password(world.noam)
    client = planted("a" * 32)
    client.post("/account/login/", {"login": noam.email, "password": PASSWORD})
    assert is_inside(client) and key_of(client) != "a" * 32


def test_going_out_ends_the_session_here_and_in_the_database(world: World) -> None:
    client = Client()
    client.force_login(world.noam, backend="django.contrib.auth.backends.ModelBackend")
    known = key_of(client)
    answer = client.post("/account/logout/")
    assert answer.headers["Clear-Site-Data"] == '"storage"', "drafts and the worker of pushes go too"
    assert not is_inside(client) and not is_inside(carrying(known))


def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    noam = with_password(world.noam)
    elsewhere = Client()
    elsewhere.force_login(noam, backend="django.contrib.auth.backends.ModelBackend")
    assert is_inside(elsewhere)
    change_password(user=noam, password="seven green lamps hum")
    assert not is_inside(elsewhere)


def test_whoever_is_made_inactive_is_out_at_once(world: World) -> None:
    client = Client()
    client.force_login(world.dana, backend="django.contrib.auth.backends.ModelBackend")
    world.dana.is_active = False
    world.dana.save()
    assert client.get("/inbox/").status_code == 302


def test_rights_that_end_end_at_once(world: World) -> None:
    client = Client()
    client.force_login(world.dana, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/inbox/").status_code == 200
    world.dana.memberships.all().delete()
    assert client.get("/inbox/").status_code == 404


def test_keys_are_long_and_never_the_same(world: World) -> None:
    keys = {key_of(planted()) for _ in range(50)}
    assert len(keys) == 50 and all(len(key) == 32 and key.isalnum() for key in keys)


def test_a_session_in_use_ends_at_last(world: World, monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    noam = with_password(world.noam)
    client = Client(headers={"accept-language": "en"})
    client.post("/account/login/", {"login": noam.email, "password": PASSWORD, "own": "on"})
    known, now = key_of(client), timezone.now()

    def later(days: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=days))

    for days in (10, 20, 29.9):  # in use: it never was idle for two weeks
        later(days)
        assert is_inside(client)
    later(30)
    answer = client.get("/account/password/", follow=True)
    assert answer.redirect_chain[0][0].startswith("/account/login/")
    assert "reached its time limit. Please sign in again" in answer.text
    assert not Session.objects.filter(session_key=known).exists() and not is_inside(carrying(known))
    client.post("/account/login/", {"login": noam.email, "password": PASSWORD, "own": "on"})
    later(40)
    assert is_inside(client)
    settings.SIACH_SESSION_DAYS = 1  # type: ignore[attr-defined]
    assert not is_inside(client)


def test_a_session_of_before_begins_when_it_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, now = world.client(world.noam), timezone.now()
    assert is_inside(client)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=31))
    assert not is_inside(client)


class Clock:
    """Moves the time, in hours from now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch, self.now = monkeypatch, timezone.now()

    def at(self, hours: float) -> None:
        self.patch.setattr(timezone, "now", lambda: self.now + timedelta(hours=hours))


def entered(user: User, **more: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.post("/account/login/", {"login": with_password(user).email, "password": PASSWORD} | more)
    return client


def test_a_shared_computer_that_nobody_uses_is_signed_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, client = Clock(monkeypatch), entered(world.dana)
    known = key_of(client)
    for hours in (11, 22):
        clock.at(hours)
        assert is_inside(client), "in use"
    fetched = {"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?view=mine"}
    for hours in (28, 33.9):
        clock.at(hours)
        assert client.get("/inbox/?part=queue", headers=fetched).status_code == 200
        client.get("/live/", headers={"Accept": "text/event-stream"})
    clock.at(34)
    answer = client.get("/inbox/?part=queue", headers=fetched)
    assert answer.text == "", "no sign-in page inside the page that is open"
    assert answer.headers["HX-Redirect"] == "/account/login/?next=/inbox/%3Fview%3Dmine"
    page = client.get(answer.headers["HX-Redirect"])
    assert "after a long time without activity" in page.text and 'value="/inbox/?view=mine"' in page.text
    assert "for an hour" not in page.text and "for 12 hours" in page.text
    assert not Session.objects.filter(session_key=known).exists() and not is_inside(carrying(known))


def test_who_sent_a_form_too_late_comes_back_to_its_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, client = Clock(monkeypatch), entered(world.dana)
    is_inside(client)
    clock.at(13)
    for page, back in (("http://testserver/stream/?q=x", "/stream/%3Fq%3Dx"), ("https://elsewhere.example/", "/")):
        sent = client.post("/stream/views/keep/", {"name": "x"}, headers={"Referer": page})
        assert sent.headers["Location"] == f"/account/login/?next={back}"


def test_a_device_of_ones_own_stays_for_two_weeks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, client = Clock(monkeypatch), entered(world.dana, own="on")
    assert "סימון כמכשיר משותף" in client.get("/account/sign-in/").text
    clock.at(13 * 24)
    assert is_inside(client)
    clock.at(13 * 24 + 14 * 24)
    assert not is_inside(client)


def test_a_device_becomes_ones_own_and_shared_again(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    settings.SIACH_IDLE_HOURS = 1  # type: ignore[attr-defined]
    clock, client = Clock(monkeypatch), entered(world.dana)
    assert "אחרי שעה ללא שימוש" in client.get("/account/sign-in/").text
    client.post("/account/sessions/own/", {"own": "1"})
    clock.at(20)
    assert is_inside(client)
    client.post("/account/sessions/own/", {"own": "0"})
    assert is_inside(client), "asked again who it is before that changes"
    client = entered(world.dana, own="on")
    client.post("/account/sessions/own/", {"own": "0"})
    clock.at(21.1)
    assert not is_inside(client)


def test_being_in_use_is_written_rarely(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, client = Clock(monkeypatch), entered(world.dana)
    is_inside(client)
    for minutes, writes in ((1, False), (4, False), (6, True), (7, False)):
        clock.at(minutes / 60)
        with CaptureQueriesContext(connection) as queries:
            assert is_inside(client)
        assert any("UPDATE" in one["sql"] for one in queries) is writes, minutes
