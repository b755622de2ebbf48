"""A first visit: what a browser that was never here fetches to show Today, as it comes over the wire."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, browsers, fresh_siach, lacking

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

COMMAND = "./siach bench visit"
TARGET = 100  # kB
_LATE = 2_000  # milliseconds in which what a page asks for after it has loaded has come, too


def measure() -> list[Figure]:
    """Kilobytes, compressed; no figure where the machine lacks a part."""
    if missing := lacking("playwright", "atproto", "axe_playwright_python"):
        print(f"This machine lacks {missing}: a first visit was not measured.", file=sys.stderr)
        return []
    with ExitStack() as after:
        sizes = _fetched(_never_here(after))
    note = f"Today of a new brand in Hebrew, {len(sizes)} requests"
    return [Figure("first visit, compressed", round(sum(sizes) / 1000, 1), "kB", TARGET, COMMAND, False, note)]


def _never_here(after: ExitStack) -> BrowserContext:
    """A browser with a session on a Siach that was just set up, and nothing of it in its cache."""
    from tests.journeys.test_one_posts_trip import set_up

    siach = fresh_siach(after)
    browser = browsers(after, 1)[0]
    page = browser.new_page(locale="he-IL", viewport={"width": 1440, "height": 960})
    set_up(page, siach)
    session = page.context.storage_state()
    return browser.new_context(base_url=siach.address, storage_state=session, locale="he-IL")


def _fetched(browser: BrowserContext) -> list[float]:
    """The bytes of each answer, its headers too, as the browser counts them."""
    sizes: list[float] = []

    def count(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    page = browser.new_page()
    wire = browser.new_cdp_session(page)
    wire.on("Network.loadingFinished", count)
    wire.send("Network.enable")
    page.goto("/")
    page.wait_for_timeout(_LATE)
    return sizes
