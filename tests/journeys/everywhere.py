"""Every page in both languages, both themes, wide and on a phone: no finding of axe, no sideways scroll, no name
in the tree of a screen reader that runs two words into one.

Four looks hold every pair of language, theme and width.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = (
    "/",
    "/stream/",
    "/stream/?q=מנורה",
    "/stream/post/1/",
    "/inbox/",
    "/sources/",
    "/sources/connect/bluesky/",
    "/sources/import/",
    "/sources/places/",
    "/capture/",
    "/label/",
    "/reports/accuracy/",
    "/activity/",
    "/settings/",
    "/settings/brands/1/",
    "/settings/brands/1/hits/",
    "/settings/brands/1/try/",
    "/settings/new-brand/1/",
    "/stream/author/1/part/",
    "/stream/why/1/",
    "/stream/?sentiment=-1",
    "/stream/themes/",
    "/stream/views/",
    "/stream/post/1/share/",
    "/account/keys/",
    "/account/muted/",
    "/account/notices/",
    "/account/password/",
    "/account/roles/",
    "/account/sign-in/",
    "/accessibility/",
    "/approvals/",
    "/evidence/",
    "/hold/",
    "/notices/",
    "/settings/approvals/",
    "/settings/approvals/1/new/",
    "/settings/invitations/",
    "/settings/leaving/",
    "/settings/mandates/",
    "/settings/on-call/",
    "/settings/privacy/",
    "/settings/privacy/people/",
    "/settings/privacy/reads/",
    "/settings/services/",
    "/settings/team/",
    "/settings/ways-in/",
    "/welcome/",
)
LOOKS = (("he", "light", 1440), ("he", "dark", 390), ("en", "light", 390), ("en", "dark", 1440))
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # each thing that passed need not cross to us
}
#: "Waiting for you6": a number that the eye sees apart and the ear does not.
GLUED = re.compile(r'^ *- (?:heading|region|button) "([^"]*[a-z\u05d0-\u05ea]\d+(?: [^"]*)?)"', re.M)


def speak(page: Page, address: str, language: str) -> None:
    """Switch the product to a language, where the switch stands in sight."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{address}/activity/")
    if page.locator("html").get_attribute("lang") != language:
        page.locator("form[action='/language/'] button").first.click()
        page.wait_for_selector(f"html[lang={language}]")


def look(page: Page) -> list[str]:
    """What axe finds on the page as it stands, what is read wrongly aloud, and whether it is wider than its window."""
    violations = Axe().run(page, options=RULES).response["violations"]
    found = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in violations]
    found += [f"read as one word: {name}" for name in GLUED.findall(page.locator("body").aria_snapshot())]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than its window")
    return found


def findings(page: Page, address: str, pages: tuple[str, ...]) -> list[str]:
    """What axe finds, and where a page is wider than its window."""
    found: list[str] = []
    for language, theme, width in LOOKS:
        speak(page, address, language)
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        for path in pages:
            page.goto(f"{address}{path}")
            found += [f"{language} {theme} {width} {path}: {trouble}" for trouble in look(page)]
    return found
