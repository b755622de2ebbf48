"""What every answer tells the browser: run only our own, frame us nowhere, send no address away, keep no copy."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as ours
from django.core.cache import cache
from django.test import Client

from siach.org.actions import sign_in_link
from siach.talk import pictures
from tests.house import SOURCE
from tests.org.test_enter import with_password
from tests.security.walking import address, browser, names
from tests.world import NOW, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from tests.org.test_routes import Lumika
    from tests.world import World

ADDRESS = "https://siach.example.com"
HOST = {"host": "siach.example.com"}
SAME = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def told(answer: HttpResponse) -> None:
    """Check what stands on every answer, whatever it is."""
    where = (answer.request["PATH_INFO"], answer.status_code)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert (
        policy["default-src"] == policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    ), where
    assert policy["script-src"] == policy["form-action"] == policy["connect-src"] == "'self'", where
    assert not any("unsafe" in value or "*" in value or "http" in value for value in policy.values()), where
    for name, value in SAME.items():
        assert answer.headers[name] == value, (where, name)
    assert not any(name.startswith("Access-Control") for name in answer.headers), where
    assert not {"Server", "X-Powered-By"} & set(answer.headers), where
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/"):
        assert kind.endswith("charset=utf-8"), where


def test_every_answer_of_every_route(lumika: Lumika) -> None:
    """Also of one that a foreign page asks for: it may read nothing."""
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    inside, outside = browser(lumika.world.noam, **foreign), Client(headers=foreign)
    omer = browser(lumika.world.omer)
    for name in names():
        url = address(lumika, name)
        for client in (inside, outside, omer):
            for answer in (client.get(url), client.post(url), client.options(url)):
                told(answer)
                # The service worker is a script without a word of anybody: a browser asks again before it uses it.
                assert "no-store" in answer.headers["Cache-Control"] or name == "worker", name


def test_answers_that_are_no_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(world.noam, csrf=True)
    client.raise_request_exception = False
    told(client.get("/nothing/"))
    told(client.post("/language/"))
    told(client.get("/", headers={"host": "evil.example"}))
    monkeypatch.setattr("siach.insight.pages.today.queries.today", None)
    broken = client.get("/")
    assert broken.status_code == 500
    told(broken)


def test_a_download_is_kept_as_a_file(lumika: Lumika) -> None:
    """What is no page is named and never drawn as one."""
    client = browser(lumika.world.noam)
    seen = set()
    for name in names():
        answer = client.get(address(lumika, name))
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if answer.status_code == 200 and kind in {"text/csv", "application/zip", "application/octet-stream"}:
            assert answer.headers["Content-Disposition"].startswith("attachment; filename"), name
            seen.add(name)
    assert "refused_rows" in seen


def test_a_picture_is_only_a_picture(lumika: Lumika) -> None:
    from siach.talk.models import Media

    media = Media.objects.get()
    pictures.path_of(media.sha256).parent.mkdir(parents=True, exist_ok=True)
    pictures.path_of(media.sha256).write_bytes(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>")
    answer = browser(lumika.world.noam).get(address(lumika, "picture"))
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/png"
    told(answer)
    pictures.path_of(media.sha256).unlink()


# --- over https -------------------------------------------------------------------------------------------


@pytest.fixture
def https(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The settings as they are for a Siach with an https address."""
    monkeypatch.setenv("SIACH_ADDRESS", ADDRESS)
    made = runpy.run_path(str(SOURCE / "settings.py"))
    for name, value in made.items():
        if name.isupper() and name.startswith(("SESSION_", "CSRF_", "LANGUAGE_COOKIE", "SECURE_", "ALLOWED")):
            setattr(settings, name, value)
    cache.clear()
    yield made


def test_over_https_every_answer_asks_for_https_for_a_year(world: World, https: dict[str, Any]) -> None:
    client = Client(headers=HOST)
    for path in ("/", "/account/login/", "/nothing/", "/static/ui/css/tokens.css"):
        answer = client.get(path, secure=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", path


def test_behind_a_proxy_https_is_known_by_its_header(world: World, https: dict[str, Any]) -> None:
    answer = Client(headers=HOST | {"x-forwarded-proto": "https"}).get("/account/login/")
    assert "Strict-Transport-Security" in answer.headers
    assert "Strict-Transport-Security" not in Client(headers=HOST).get("/account/login/").headers


def test_over_https_cookies_are_our_hosts_alone(world: World, https: dict[str, Any]) -> None:
    noam = with_password(world.noam)
    client = Client(headers=HOST)
    client.get("/account/login/", secure=True)
    client.post("/account/login/", {"login": noam.email, "password": PASSWORD}, secure=True)
    client.post("/language/", {"language": "en"}, secure=True)
    assert set(client.cookies) == {"__Host-siach_session", "__Host-siach_csrf", "__Host-siach_language"}
    for name, cookie in client.cookies.items():
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/" and not cookie["domain"], name
        assert len(name) + len(cookie.value) < 4096, name


def test_on_this_machine_cookies_are_as_closed_as_http_allows(world: World) -> None:
    client = Client()
    client.post(sign_in_link(at=NOW, address="http://testserver", user=world.noam))
    client.post("/language/", {"language": "en"})
    client.get("/account/password/")
    for name, cookie in client.cookies.items():
        assert cookie["httponly"] and cookie["samesite"] == "Lax", name


def test_debugging_is_off_unless_it_is_asked_for() -> None:
    made = runpy.run_path(str(SOURCE / "settings.py"))
    assert made["DEBUG"] is False and ours.DEBUG is False
