"""One approval, played by two: the lead of an agency answers at a desk, the client's spokesperson approves on a phone
in two taps, and the words stand on a real network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.everywhere import look
from tests.journeys.test_one_posts_trip import connect, set_up
from tests.networks.bluesky_server.server import BlueskyNetwork, published, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.running import RunningSiach

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("bluesky")]

COMPLAINT = "קניתי בלומיקה אהיל והוא הגיע סדוק, השירות גרוע ואף אחד לא עונה"
OPENING = "קניתי בלומיקה אהיל"  # no other test that shares this network says so
ANSWER = "שלום, צר לנו שהאהיל הגיע סדוק. אהיל חדש יוצא אליך מחר בבוקר."
# What is asked, about whose words, in answer to what, and the two ways to decide, in this order.
READ_ALOUD = """
- heading "האם זה יכול לצאת?" [level=1]
- paragraph: /קניתי בלומיקה אהיל/
- paragraph: /אהיל חדש יוצא אליך/
- button /אישור/
- group: דחייה
- textbox "הערה"
"""
PASSWORD = "a quiet morning paper"
PEOPLE = f"""
from django.utils import timezone
from siach.org.approval_rules import Draft, Step, set_rule
from siach.org.models import Brand, Membership, Org, Team, User
from tests.world import lend
at = timezone.now()
brand, noam, ours = Brand.objects.get(), User.objects.get(), Team.objects.get()
agency = Org.objects.create(name="סוכנות ארגמן", kind="agency")
theirs = Team.objects.create(org=agency, name="מוקד ארגמן", kind="agency")
for name, role, team in (("ido", "lead", theirs), ("yael", "spokesperson", ours)):
    user = User.objects.create_user(name + "@lumika.example", "{PASSWORD}", name=name.title(), language="he")
    Membership.objects.create(user=user, team=team, role=role)
lend(brand, theirs, by=noam, mode="leads", reply_approval="all")
draft = Draft("לפי ההסמכה", {{"by_mandate": True}}, (Step(roles=["spokesperson"], minutes=30),))
set_rule(brand=brand, draft=draft, by=noam, at=at)
"""


def person(browser: Browser, siach: RunningSiach, name: str, width: int) -> Page:
    """A browser of their own in which this person has signed in."""
    page = browser.new_context(locale="he-IL", viewport={"width": width, "height": 844}).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{siach.address}/account/login/")
    page.fill("[name=login]", f"{name}@lumika.example")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.primary").click()
    expect(page).not_to_have_url(re.compile("/account/login/"))
    return page


def test_the_client_approves_on_a_phone_what_the_agency_wrote(
    siach: RunningSiach, bluesky: BlueskyNetwork, quiet_page: Page, browser: Browser
) -> None:
    brand, fan = bluesky.person("lumika"), bluesky.person("fan")
    set_up(quiet_page, siach)
    connect(quiet_page, siach, bluesky, brand)
    made = siach.command("manage", "shell", "-c", PEOPLE)
    assert made.returncode == 0, made.stderr
    complaint = published(fan, COMPLAINT)
    ido, yael = person(browser, siach, "ido", 1440), person(browser, siach, "yael", 390)
    write(ido, siach)
    approve(yael, siach)
    expect(ido.locator(".msg.ours.sent")).to_be_visible(timeout=60_000)

    def answers() -> list[str]:
        thread = fan.get_post_thread(complaint.uri).thread
        return [reply.post.record.text for reply in thread.replies or []]

    assert wait_for(answers, "the answer stands under the post") == [ANSWER]
    yael.goto(f"{siach.address}/approvals/?view=history")
    expect(yael.locator(".ask-row")).to_contain_text("אהיל חדש יוצא")
    assert not look(yael)


def write(page: Page, siach: RunningSiach) -> None:
    """The agency's lead answers; the words wait, and he sees for whom."""
    row = page.locator("a.queue-row", has_text=OPENING)
    for _ in range(30):
        page.goto(f"{siach.address}/inbox/")
        if row.count():
            break
        page.wait_for_timeout(1500)
    row.click()
    page.fill("#reply-text", ANSWER)
    page.locator("#reply [data-send]").click()
    expect(page.locator(".msg.ours.waiting")).to_contain_text("Yael")
    assert not look(page)


def approve(page: Page, siach: RunningSiach) -> None:
    """Two taps: the notice, and the answer."""
    page.goto(f"{siach.address}/notices/")
    page.locator("main a", has_text="ממתין לאישורך").first.click()
    expect(page.locator(".ask-words")).to_contain_text("אהיל חדש יוצא")
    expect(page.locator(".ask-thread")).to_contain_text(OPENING)
    assert not look(page)
    expect(page.locator("main")).to_match_aria_snapshot(READ_ALOUD)
    page.locator(".ask-yes").click()
    expect(page).to_have_url(re.compile(r"/approvals/$"))
    expect(page.locator("main .ask-row")).to_have_count(0)
