"""The service worker in a real browser: what is pushed to it is shown in its language and leads to its page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ui.site import Site, running_site, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, CDPSession, Page

REGISTER = """async () => {
  const made = await navigator.serviceWorker.register("/static/ui/js/worker.js");
  await new Promise(go => {
    const look = () => made.active?.state === "activated" ? go() : setTimeout(look, 20);
    look();
  });
}"""
SHOWN = """async () => {
  const made = await navigator.serviceWorker.getRegistration("/static/ui/js/");
  return (await made.getNotifications()).map(({ title, body, dir, data }) => ({ title, body, dir, data }));
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as found:
        yield found


def pushed(page: Page, session: CDPSession, ids: list[str], site: Site, data: str) -> list[dict]:
    session.send("ServiceWorker.deliverPushMessage", {"origin": site.address, "registrationId": ids[0], "data": data})
    until(lambda: bool(page.evaluate(SHOWN)), 30)
    return page.evaluate(SHOWN)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            json.dumps({"words": "A case needs attention.", "language": "en", "url": "/notices/7/", "tag": "notice-7"}),
            {"title": "Siach", "body": "A case needs attention.", "dir": "ltr", "data": {"url": "/notices/7/"}},
        ),
        (
            json.dumps(
                {"words": "יש פנייה שדורשת תשומת לב.", "language": "he", "url": "/notices/8/", "tag": "notice-8"}
            ),
            {"title": "שיח", "body": "יש פנייה שדורשת תשומת לב.", "dir": "rtl", "data": {"url": "/notices/8/"}},
        ),
        ("no json", {"title": "שיח", "body": "", "data": {"url": "/notices/"}}),
    ],
)
def test_a_push_is_shown(context: BrowserContext, page: Page, site: Site, told: str, shown: dict) -> None:
    context.grant_permissions(["notifications"], origin=site.address)
    page.goto(site.address + "/settings/")
    session = context.new_cdp_session(page)
    ids: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: ids.extend(
            one["registrationId"] for one in event["registrations"] if one["scopeURL"].endswith("/static/ui/js/")
        ),
    )
    session.send("ServiceWorker.enable")
    page.evaluate(REGISTER)
    until(lambda: page.wait_for_timeout(20) or ids)
    (found,) = pushed(page, session, ids, site, told)
    assert found.items() >= shown.items()
