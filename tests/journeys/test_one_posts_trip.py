"""One post's trip, on a real network, in a real browser: heard, understood, answered, recorded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from atproto import models
from playwright.sync_api import expect

from tests.journeys.everywhere import PAGES, findings, look, speak
from tests.networks.bluesky_server.server import PASSWORD, BlueskyNetwork, published, wait_for

if TYPE_CHECKING:
    from atproto import Client
    from playwright.sync_api import Page

    from tests.running import RunningSiach

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("bluesky")]

COMPLAINT = "הזמנתי בלומיקה מנורה והיא הגיעה שבורה, כבר שבוע אף אחד לא עונה"
OPENING = "הזמנתי בלומיקה מנורה"  # no other test that shares this network says so
ANSWER = "שלום, צר לנו שהמנורה הגיעה שבורה. חדשה יוצאת אליך היום."
OLD_POSTS = """author,text,created_at
גלית,קניתי בלומיקה מנורת קריאה ואני מרוצה מאוד,2026-10-03 09:15
אבי,האם החנות של לומיקה פתוחה בשישי?,2026-10-04 18:40
רון,,2026-10-05 11:00
"""
SOON = 30_000
# A conversation for those who hear it: who said it, what, and who answered.
READ_ALOUD = """
- log "שיחה":
  - paragraph: /fan/
  - paragraph: /הזמנתי בלומיקה מנורה/
  - paragraph: /חדשה יוצאת אליך היום/
  - paragraph: /נועם .*מענה פומבי .*נשלח/
"""
HEBREW = [
    "פתיחה מחדש",
    "סיום הטיפול",
    "מענה פומבי",
    "לפי כלל",
    "חיבור חשבון",
    "הקמת הארגון",
]
ENGLISH = [
    "The customer wrote again",
    "resolved the",
    "answered in public",
    "By rule",
    "connected",
    "set up the organisation",
]


def test_from_an_empty_siach_to_a_story_in_two_languages(
    siach: RunningSiach, bluesky: BlueskyNetwork, quiet_page: Page
) -> None:
    page = quiet_page
    brand, fan = bluesky.person("lumika"), bluesky.person("fan")
    set_up(page, siach)
    connect(page, siach, bluesky, brand)
    complaint = published(fan, COMPLAINT)
    case = open_case_from_stream(page, siach)
    reply = answer(page, fan, complaint.uri)
    note(page)
    resolve(page)
    come_back(fan, complaint, reply)
    expect(page.locator("main")).to_contain_text("ומתי בדיוק היום", timeout=SOON)
    visits = [address.removeprefix(siach.address) for address in (case, *files(page, siach))]
    tell(page, siach, "he", HEBREW)
    tell(page, siach, "en", ENGLISH)
    assert siach.command("check", "--json").returncode == 0
    menu_of_a_phone(page, siach)
    trouble = findings(page, siach.address, (*PAGES, *visits))
    assert not trouble, "\n".join(trouble)
    sign_out(page, siach)


def set_up(page: Page, siach: RunningSiach) -> None:
    """The first run, in Hebrew, from the one-time link."""
    page.goto(siach.link)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    go_on(page)
    page.fill("[name=name]", "נועם")
    page.fill("[name=email]", "noam@lumika.example")
    page.fill("[name=password]", "a quiet morning paper")
    go_on(page)
    page.fill("[name=name]", "לומיקה בע״מ")
    go_on(page)
    page.fill("[name=name]", "לומיקה")
    page.fill("[name=names]", "Lumika")
    go_on(page)
    go_on(page)
    expect(page).to_have_url(re.compile("/welcome/"))


def go_on(page: Page) -> None:
    """Press the page's own button, not the demo's; what stands before the sign-in is looked at on the way."""
    trouble = look(page)
    assert not trouble, (page.url, trouble)
    page.locator("main button.primary:not(.ask-first *), main .ask-first ~ form .acts button").click()


def connect(page: Page, siach: RunningSiach, bluesky: BlueskyNetwork, brand: Client) -> None:
    """Connect the brand's account, and search for its name."""
    page.goto(f"{siach.address}/sources/connect/bluesky/")
    page.fill("[name=f_handle]", brand.me.handle)
    page.fill("[name=f_password]", PASSWORD)
    page.fill("[name=f_service]", bluesky.pds_url)
    go_on(page)
    expect(page.locator("main")).to_contain_text(brand.me.handle)
    expect(page.locator("main")).to_contain_text("לומיקה")


def open_case_from_stream(page: Page, siach: RunningSiach) -> str:
    """The complaint stands in the Stream, read and matched; its case is opened, by rule or by hand."""
    page.goto(f"{siach.address}/stream/")
    post = page.locator("article.post", has_text=OPENING)
    for _ in range(20):
        if post.count():
            break
        page.wait_for_timeout(1500)
        page.reload()
    expect(post).to_have_count(1)
    expect(post).to_contain_text("שלילי")
    expect(post).to_contain_text("תלונה")
    post.locator("details.why summary").click()
    expect(post.locator(".why-body mark").first).to_be_visible()
    page.goto(f"{siach.address}/inbox/")
    page.locator("a.queue-row", has_text=OPENING).click()
    page.wait_for_url(re.compile(r"/inbox/\d+/"))
    return page.url


def answer(page: Page, fan: Client, uri: str) -> str:
    """Answer in public under the exact post; it stands on the network, once."""
    page.fill("#reply-text", ANSWER)
    page.locator("#reply [data-send]").click()
    expect(page.locator(".msg.ours.queued")).to_contain_text("חדשה יוצאת")
    expect(page.locator(".msg.ours.sent")).to_be_visible(timeout=60_000)
    expect(page.locator("#talk")).to_match_aria_snapshot(READ_ALOUD)

    def answers() -> list[models.AppBskyFeedDefs.PostView]:
        thread = fan.get_post_thread(uri).thread
        return [reply.post for reply in thread.replies or []]

    (reply,) = wait_for(answers, "the answer stands under the post")
    assert reply.record.text == ANSWER
    return str(reply.uri)


def files(page: Page, siach: RunningSiach) -> tuple[str, str]:
    """Hand one file in and leave it at its columns; bring another one in, all but its row without words."""

    def handed_in(name: str) -> str:
        page.goto(f"{siach.address}/sources/import/")
        page.set_input_files("[name=file]", {"name": name, "mimeType": "text/csv", "buffer": OLD_POSTS.encode()})
        go_on(page)
        page.wait_for_url(re.compile(r"/sources/import/\d+/"))
        return page.url

    waiting, done = handed_in("waiting.csv"), handed_in("done.csv")
    page.fill("[name=network]", "facebook")
    page.select_option("[name=brand]", label="לומיקה")
    go_on(page)
    expect(page.locator("main .state")).to_have_text("הסתיים", timeout=SOON)
    expect(page.locator("dl.import-facts")).to_contain_text("פוסטים חדשים2כבר מוכרים0שורות שנדחו1")
    return waiting, done


def menu_of_a_phone(page: Page, siach: RunningSiach) -> None:
    """What has no room in the bar below is in its menu, by name, the other language too."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{siach.address}/")
    page.locator("button[popovertarget=more]").click()
    for words in ("Sources", "Settings", "My account", "עברית"):
        expect(page.locator("#more").get_by_text(words, exact=True)).to_be_visible()


def sign_out(page: Page, siach: RunningSiach) -> None:
    """Out again: the sign-in page in sight, and nothing of ours behind it."""
    page.context.clear_cookies()
    page.goto(f"{siach.address}/inbox/")
    expect(page).to_have_url(re.compile("/account/login/"))
    assert not look(page)


def note(page: Page) -> None:
    """Whoever opens the note by a click types words into it, and no key of the page is pressed by them."""
    page.locator("details.say-inside > summary").click()
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("email")
    expect(page.locator("#note-text")).to_have_value("email")
    page.locator("#note-text").fill("")
    page.locator("details.say-public > summary").click()
    expect(page.locator("#reply-text")).to_be_focused()


def resolve(page: Page) -> None:
    """By key, wherever the keyboard's layout puts the letter."""
    page.locator("main h1, main h2").first.click()
    page.keyboard.press("e")
    expect(page.locator("#reply-text")).to_have_count(0)


def come_back(fan: Client, complaint: models.AppBskyFeedPost.CreateRecordResponse, reply: str) -> None:
    """The customer answers without naming the brand."""
    parent = fan.get_posts([reply]).posts[0]
    root = models.create_strong_ref(complaint)
    reference = models.AppBskyFeedPost.ReplyRef(parent=models.create_strong_ref(parent), root=root)
    published(fan, "ומתי בדיוק היום?", reply_to=reference)


def tell(page: Page, siach: RunningSiach, language: str, sentences: list[str]) -> None:
    """Activity tells the whole story in the reader's language, newest first."""
    speak(page, siach.address, language)
    page.goto(f"{siach.address}/activity/")
    told = page.locator("main").inner_text()
    places = [told.find(sentence) for sentence in sentences]
    assert -1 not in places and places == sorted(places), (sentences, told)
