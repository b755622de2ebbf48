"""A page elsewhere sends a reader's browser to us: nothing is done without the token of our own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.test import Client

from tests.house import SIGNED
from tests.org.test_routes import patterns
from tests.security.walking import address, browser, names, rows

if TYPE_CHECKING:
    from tests.org.test_routes import Lumika


def test_no_route_does_anything_without_its_token(lumika: Lumika) -> None:
    inside, outside = browser(lumika.world.noam, csrf=True), Client(enforce_csrf_checks=True)
    before = rows()
    for name in names():
        for client in (inside, outside):
            for send in (client.post, client.put, client.patch, client.delete):
                # What a system signs is found by its signature alone, and a browser has none.
                refused = {404, 405} if name in SIGNED else {403}
                assert send(address(lumika, name)).status_code in refused, name
    assert rows() == before


def test_a_token_of_another_browser_is_worth_nothing(lumika: Lumika) -> None:
    theirs = browser(lumika.world.omer, csrf=True)
    theirs.get("/account/password/")
    stolen = theirs.cookies[settings.CSRF_COOKIE_NAME].value
    client = browser(lumika.world.noam, csrf=True)
    client.get("/account/password/")
    for name in names():
        answer = client.post(address(lumika, name), {"csrfmiddlewaretoken": stolen})
        assert answer.status_code == (404 if name in SIGNED else 403), name


def test_a_token_from_a_foreign_origin_is_refused(lumika: Lumika) -> None:
    client = browser(lumika.world.noam, csrf=True)
    client.get("/account/password/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    for origin in ("https://evil.example", "http://testserver.evil.example", "null"):
        for name in names():
            answer = client.post(address(lumika, name), {"csrfmiddlewaretoken": token}, headers={"origin": origin})
            assert answer.status_code == (404 if name in SIGNED else 403), (name, origin)


def test_no_view_is_exempt_but_what_systems_sign() -> None:
    assert {found.name for found in patterns() if getattr(found.callback, "csrf_exempt", False)} == SIGNED


def test_reading_changes_nothing(lumika: Lumika) -> None:
    """GET and HEAD are safe: a link or a picture on a foreign page does no deed."""
    client = browser(lumika.world.noam)
    before = rows()
    for name in names():
        client.get(address(lumika, name))
        client.head(address(lumika, name))
    assert {label: (before[label], n) for label, n in rows().items() if n != before[label]} == {}
