"""A link that begins with our address must not end at somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from tests.org.test_enter import with_password
from tests.security.walking import address, browser, names
from tests.world import PASSWORD

if TYPE_CHECKING:
    from tests.org.test_routes import Lumika
    from tests.world import World

WAYS_BACK = ("next", "back", "to", "url", "return", "redirect", "redirect_to", "continue", "from", "goto")
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "https:///evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "/\t/evil.example/",
    "\x08//evil.example/",
    "javascript:alert(1)",
    "data:text/html,evil.example",
)


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_route_leads_elsewhere(lumika: Lumika, method: str) -> None:
    """Each route with one of the targets in turn; those known to look at `next` get all of them below."""
    client = browser(lumika.world.noam)
    for number, name in enumerate(names()):
        if name == "account_logout":
            continue
        for target in {ELSEWHERE[number % len(ELSEWHERE)], ELSEWHERE[1]}:
            told = dict.fromkeys(WAYS_BACK, target) | {"language": "he"}
            url = address(lumika, name)
            url = f"{url}?{urlencode(told)}"
            answer = client.get(url) if method == "get" else client.post(url, told)
            assert _stays(answer.headers.get("Location", "")), (name, target, answer.headers["Location"])
            if "html" in answer.headers.get("Content-Type", ""):
                assert 'href="' + target.replace("&", "&amp;") not in answer.text, name


def test_signing_in_leads_to_our_own_pages_only(world: World) -> None:
    noam = with_password(world.noam)
    for target in ELSEWHERE:
        cache.clear()
        given = {"login": noam.email, "password": PASSWORD, "next": target}
        answer = Client().post(f"/account/login/?{urlencode({'next': target})}", given)
        assert answer.status_code == 302 and _stays(answer.headers["Location"]), answer.headers["Location"]


@pytest.mark.parametrize("name", ["set_language", "view_brand", "author_part", "correct"])
def test_those_that_lead_back_lead_back_to_us(lumika: Lumika, name: str) -> None:
    client = browser(lumika.world.noam)
    for target in ELSEWHERE:
        told = {"next": target, "language": "en", "part": "unknown", "sentiment": "1"}
        answer = client.post(address(lumika, name), told)
        assert answer.status_code == 302 and _stays(answer.headers["Location"])


def test_going_out_leads_to_the_door(world: World) -> None:
    answer = browser(world.noam).post("/account/logout/?next=//evil.example/", {"next": "//evil.example/"})
    assert _stays(answer.headers["Location"])


def _stays(location: str) -> bool:
    """Whether a browser that follows this stays with us: it takes a backslash for a slash and drops tabs."""
    seen = "".join(c for c in location if c > " ").replace("\\", "/")
    parts = urlsplit(seen)
    return not (parts.scheme or parts.netloc or seen.startswith("//") or "evil" in parts.path.split("?")[0])
