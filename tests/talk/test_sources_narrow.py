"""Sources on a phone, in a real browser: nothing covers what a source says."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Route, sync_playwright

from siach.launch.machine import chromium
from siach.talk.models import Source
from tests.world import World

OVERLAPS = """() => [...document.querySelectorAll('.source-account tbody tr')].flatMap(row => {
  const acts = row.querySelector('.source-acts').getBoundingClientRect()
  return [...row.querySelectorAll('th, td[data-label]')].filter(cell => {
    const box = cell.getBoundingClientRect()
    return box.top < acts.bottom && acts.top < box.bottom
  }).map(cell => cell.textContent)
})"""


def measured(html: str, width: int) -> dict[str, Any]:
    """The page as a phone of this width lays it out, its style sheets served from our own files."""

    def serve(route: Route) -> None:
        path = route.request.url.split("/", 3)[3]
        found = finders.find(path.removeprefix("static/")) if path.startswith("static/") else None
        if path == "":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif isinstance(found, str) and path.endswith(".css"):
            route.fulfill(path=found)
        else:
            route.fulfill(status=404)

    program = chromium()
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=unboxed)
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.route("**/*", serve)
        page.goto("http://siach.test/")
        page.locator(".source-acts summary").click()
        found = {
            "buttons": page.locator(".source-acts .btn").count(),
            "covered": page.evaluate(OVERLAPS),
            "width": page.evaluate("document.documentElement.scrollWidth"),
            "menu": page.locator(".source-acts .menu-body").bounding_box(),
        }
        browser.close()
    return found


@pytest.mark.parametrize("language", ["he", "en"])
@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_the_deeds_of_a_source_cover_nothing(world: World, width: int, language: str) -> None:
    if chromium() is None:
        pytest.skip("this machine lacks Chromium: name one in SIACH_CHROMIUM")
    world.noam.language = language
    world.noam.save()
    Source.objects.update(state=Source.State.BROKEN, error="The server answered 403: forbidden")
    html = world.client(world.noam, language).get("/sources/").text
    with ThreadPoolExecutor(1) as thread:  # a browser's loop and the database do not share one
        seen = thread.submit(measured, html, width).result()
    assert seen["buttons"] == 2 and seen["covered"] == []
    assert seen["width"] <= width
    assert seen["menu"]["x"] >= 0 and seen["menu"]["x"] + seen["menu"]["width"] <= width
