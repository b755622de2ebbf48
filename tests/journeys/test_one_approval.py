"""One approval, played by two and by the keyboard alone: the lead of an agency answers at a desk, the client's
spokesperson approves in a narrow window, and the words stand on a real network. No hand touches a mouse, and what
is at hand is always seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.everywhere import look
from tests.journeys.test_one_posts_trip import connect, set_up
from tests.networks.bluesky_server.server import BlueskyNetwork, published, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.running import RunningSiach

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("bluesky")]

COMPLAINT = "קניתי בלומיקה אהיל והוא הגיע סדוק, השירות גרוע ואף אחד לא עונה"
OPENING = "קניתי בלומיקה אהיל"  # no other test that shares this network says so
ANSWER = "שלום, צר לנו שהאהיל הגיע סדוק. אהיל חדש יוצא אליך מחר בבוקר."
# What is asked, about whose words, in answer to what, and the two ways to decide, in this order.
READ_ALOUD = """
- heading "אישור הנוסח?" [level=1]
- paragraph: /קניתי בלומיקה אהיל/
- paragraph: /אהיל חדש יוצא אליך/
- button /אישור/
- group: דחייה
- textbox "הערה"
"""
PASSWORD = "a quiet morning paper"
#: What a keyboard is at: its words, and whether the eye sees that it is at hand; None while it is at nothing.
AT_HAND = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const shows = element => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const box = at.getBoundingClientRect();
  const isInView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const isSeen = isInView && [at, at.closest(".compose-box, .find")].some(element => element && shows(element));
  return { words: at.ariaLabel || at.textContent.trim(), id: at.id, isSeen };
}"""
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


def at_hand(page: Page) -> dict[str, str]:
    """What the keyboard is at; the eye sees where that is."""
    found = page.evaluate(AT_HAND)
    assert found and found["isSeen"], (page.url, found)
    return found


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str) -> None:
    """Tab on until the keyboard is there, seeing each step of the way."""
    for _step in range(60):
        page.keyboard.press("Tab")
        if page.locator(selector).first.evaluate("element => element === document.activeElement"):
            break
        at_hand(page)
    expect(page.locator(selector).first).to_be_focused()
    at_hand(page)


def walk_to(page: Page, row: Locator) -> None:
    """J until this row is at hand."""
    for _step in range(30):
        press(page, "j")
        if row.evaluate("row => row.contains(document.activeElement)"):
            break
    at_hand(page)


def person(browser: Browser, siach: RunningSiach, name: str, width: int) -> Page:
    """A browser of their own in which this person has signed in."""
    page = browser.new_context(locale="he-IL", viewport={"width": width, "height": 844}).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{siach.address}/account/login/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(f"{name}@lumika.example")
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    expect(page).not_to_have_url(re.compile("/account/login/"))
    return page


def test_the_client_approves_what_the_agency_wrote(
    siach: RunningSiach, bluesky: BlueskyNetwork, quiet_page: Page, browser: Browser
) -> None:
    brand, fan = bluesky.person("lumika"), bluesky.person("fan")
    set_up(quiet_page, siach)
    connect(quiet_page, siach, bluesky, brand)
    made = siach.command("manage", "shell", "-c", PEOPLE)
    assert made.returncode == 0, made.stderr
    complaint = published(fan, COMPLAINT)
    ido, yael = person(browser, siach, "ido", 1440), person(browser, siach, "yael", 390)
    write(ido)
    approve(yael)
    comes_back(ido)

    def answers() -> list[str]:
        thread = fan.get_post_thread(complaint.uri).thread
        return [reply.post.record.text for reply in thread.replies or []]

    assert wait_for(answers, "the answer stands under the post") == [ANSWER]
    look_back(yael)


def write(page: Page) -> None:
    """The agency's lead opens the case as it comes, answers, and sees for whom the words wait."""
    press(page, "g", "i")
    expect(page).to_have_url(re.compile(r"/inbox/$"))
    row = page.locator("a.queue-row", has_text=OPENING)
    expect(row).to_be_visible(timeout=60_000)
    walk_to(page, row)
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/inbox/\d+/"))
    press(page, "r")
    assert at_hand(page)["id"] == "reply-text"
    page.keyboard.type(ANSWER)
    press(page, "Control+Enter")
    expect(page.locator(".msg.ours.waiting")).to_contain_text("Yael")
    assert not look(page)
    tab_to(page, ".msg.ours .fate-edit > summary")


def approve(page: Page) -> None:
    """The notice, and the answer."""
    press(page, "Control+k")
    page.keyboard.type("התראות")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/notices/$"))
    walk_to(page, page.locator("main [data-item]", has_text="ממתין לאישורך").first)
    press(page, "Enter")
    expect(page.locator(".ask-words")).to_contain_text("אהיל חדש יוצא")
    expect(page.locator(".ask-thread")).to_contain_text(OPENING)
    assert not look(page)
    expect(page.locator("main")).to_match_aria_snapshot(READ_ALOUD)
    tab_to(page, ".ask-no > summary")
    press(page, "Enter", "Tab")
    assert at_hand(page)["id"] == "reason"
    press(page, "Shift+Tab", "Enter", "a")
    expect(page).to_have_url(re.compile(r"/approvals/$"))
    expect(page.locator("main .ask-row")).to_have_count(0)


def comes_back(page: Page) -> None:
    """The words leave while his keyboard is at changing them: it is put where they stand, not back to the start."""
    expect(page.locator(".msg.ours.sent")).to_be_visible(timeout=60_000)
    assert page.evaluate("document.querySelector('#thread').contains(document.activeElement)")
    at_hand(page)


def look_back(page: Page) -> None:
    tab_to(page, "nav.chips a[href$=history]")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("view=history"))
    row = page.locator(".ask-row")
    expect(row).to_contain_text("אהיל חדש יוצא")
    assert not look(page)
    walk_to(page, row)
    press(page, "Enter")
    expect(page.locator(".ask-words")).to_contain_text("אהיל חדש יוצא")
