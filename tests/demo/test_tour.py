"""The tour of the demo: offered once, stop by stop over real pages, and never anywhere else."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Route, sync_playwright

from siach.insight.models import PutAway
from siach.launch.machine import chromium
from siach.org.demos import note_loaded
from siach.org.models import Org, User
from tests.demo.test_demo import founded, signed_in, walked
from tests.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def demo() -> Org:
    """A demo that is loaded, of no posts: nothing waits in it."""
    org = founded()
    note_loaded(org=org, posts=0, at=NOW)
    return org


def of(demo: Org, role: str, language: str) -> Client:
    """The browser of whoever holds this role in the demo."""
    user = User.objects.get(memberships__team__org=demo, memberships__role=role)
    user.language = language
    user.save()
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_it_is_offered_until_it_is_skipped_or_taken(demo: Org) -> None:
    for language, words in (("he", "סיור של חמש דקות"), ("en", "A five-minute tour")):
        client = of(demo, "owner", language)
        assert words in client.get("/").text and words not in client.get("/stream/").text
    assert client.post("/demo/tour/end/", {"next": "/stream/"}).headers["Location"] == "/stream/"
    page = client.get("/").text
    assert words not in page and 'href="/demo/tour/"' in page, "the strip begins it anew"
    assert walked(client) == ["brief", "filters", "hold", "blind", "deeds", "own"], "no case waits"
    last = client.get("/?tour=own").text
    assert "stop 6 of 6" in last and "/demo/own/" in last and "Skip the tour" not in last
    assert PutAway.objects.get(what="tour").is_done is False
    client.post("/demo/tour/end/", {"done": "1"})
    assert PutAway.objects.get(what="tour").is_done is True


def test_whoever_left_it_midway_may_go_on(demo: Org) -> None:
    client = signed_in(demo)
    assert "of 6" in client.get("/stream/?tour=filters").text
    assert 'href="/stream/?tour=filters#tour"' in client.get("/").text
    for elsewhere in ("/activity/?tour=filters", "/?tour=nothing", "/stream/?tour=grave"):
        assert 'id="tour"' not in client.get(elsewhere).text


def test_a_demo_that_is_still_being_loaded_offers_none() -> None:
    assert "tour-offer" not in signed_in(founded()).get("/").text


def test_stops_that_a_role_does_not_reach_are_left_out(demo: Org) -> None:
    client = of(demo, "agent", "en")
    assert walked(client) == ["brief", "filters", "blind", "own"]
    page = client.get("/inbox/?tour=hold").text
    assert 'id="tour"' not in page and "/demo/own/" not in client.get("/?tour=own").text


def test_nobody_elses_pages_know_it(demo: Org, world: World) -> None:
    for who in (world.noam, world.dana, world.omer, world.ido):
        client = world.client(who, "en")
        assert client.get("/demo/tour/").status_code == client.post("/demo/tour/end/").status_code == 404
        page = client.get("/?tour=brief", follow=True).text
        assert 'id="tour"' not in page and "tour-offer" not in page and "/demo/" not in page
    assert not PutAway.objects.exists()


def pressed(html: str) -> dict[str, Any]:
    """Where each key asks to go, of a browser on the page of the second stop; what it asks for leaves it there."""
    asked: dict[str, str] = {}

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix("http://siach.test")
        found = finders.find(path.removeprefix("/static/")) if path.endswith((".css", ".js")) else None
        if path == "/stream/?tour=filters":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif isinstance(found, str):
            route.fulfill(path=found)
        else:
            route.fulfill(status=204)

    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=unboxed)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.route("**/*", serve)
        page.goto("http://siach.test/stream/?tour=filters#tour")
        page.wait_for_function("document.activeElement.id === 'tour'")
        card, part = (page.locator(one).bounding_box() for one in ("#tour", '[data-tour="filters"]'))
        for key in ("ArrowLeft", "ArrowRight", "Escape"):
            with page.expect_request(lambda sent: sent.is_navigation_request()) as sent:
                page.keyboard.press(key)
            asked[key] = f"{sent.value.method} {sent.value.url.removeprefix('http://siach.test')}"
        browser.close()
    return {"card": card, "part": part, "asked": asked}


def test_by_keyboard_in_the_direction_of_reading(demo: Org) -> None:
    if chromium() is None:
        pytest.skip("this machine lacks Chromium: name one in SIACH_CHROMIUM")
    html = of(demo, "owner", "he").get("/stream/?tour=filters").text
    with ThreadPoolExecutor(1) as thread:  # a browser's loop and the database do not share one
        seen = thread.submit(pressed, html).result()
    assert seen["card"]["y"] >= seen["part"]["y"] + seen["part"]["height"], "it stands below what it speaks of"
    back, on = "GET /?tour=brief", "GET /inbox/?tour=hold"
    assert seen["asked"] == {"ArrowLeft": on, "ArrowRight": back, "Escape": "POST /demo/tour/end/"}
