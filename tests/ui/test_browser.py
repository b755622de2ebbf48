"""The frame in a real browser: keys by place, the palette, themes, drafts, undo, one live stream for all tabs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.ui.site import Site, running_site, until


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as found:
        yield found


@pytest.fixture
def open_page(page: Page, site: Site) -> Iterator[Page]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(site.address + "/settings/")
    expect(page.locator("#live")).to_have_attribute("data-state", "on")
    yield page
    assert said == [], "the console is silent"


def press(page: Page, code: str, key: str) -> None:
    """A key as a Hebrew layout sends it: the place of the letter, another letter."""
    page.evaluate(
        "([code, key]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {code, key, bubbles: true, cancelable: true}))",
        [code, key],
    )


def test_keys_act_by_place_on_a_hebrew_layout(open_page: Page) -> None:
    rows = open_page.locator("[data-item]")
    press(open_page, "KeyJ", "ח")
    expect(rows.nth(1)).to_have_class("wait is-at")
    press(open_page, "KeyK", "ל")
    expect(rows.nth(0)).to_have_class("wait is-at")
    press(open_page, "KeyJ", "ח")
    press(open_page, "KeyR", "ר")
    open_page.wait_for_url("**/reply/2/")


def test_keys_rest_while_someone_types_and_can_be_switched_off(open_page: Page) -> None:
    open_page.locator("textarea").focus()
    press(open_page, "KeyR", "ר")
    open_page.locator("textarea").blur()
    open_page.keyboard.press("?")
    open_page.locator("[data-keys-on]").uncheck()
    open_page.keyboard.press("Escape")
    press(open_page, "KeyJ", "ח")
    expect(open_page.locator("[data-item]").nth(0)).to_have_class("wait is-at")
    assert open_page.url.endswith("/settings/")


def test_the_palette_knows_the_row_at_hand_the_places_and_the_search(open_page: Page) -> None:
    open_page.keyboard.press("Control+k")
    options = open_page.locator(".palette [role=option]")
    expect(options.first).to_contain_text("Reply")
    assert options.count() > 3
    open_page.keyboard.type("שומשום <b>")
    expect(options).to_have_count(1)
    open_page.keyboard.press("Enter")
    open_page.wait_for_url("**?q=%D7%A9%D7%95%D7%9E%D7%A9%D7%95%D7%9D%20%3Cb%3E")


def test_the_palette_finds_words_on_the_wrong_layout_and_with_letters_left_out(open_page: Page) -> None:
    open_page.keyboard.press("Control+k")
    options = open_page.locator(".palette [role=option]")
    for typed in ("reply", "רקפךט", "rpy", "RE"):
        open_page.locator(".palette-input").fill(typed)
        expect(options.first).to_contain_text("Reply")
    open_page.locator(".palette-input").fill("akuo")
    expect(options).to_have_count(2)
    expect(options.nth(1)).to_contain_text("שלום")
    open_page.keyboard.press("ArrowUp")
    open_page.keyboard.press("Enter")
    open_page.wait_for_url("**?q=%D7%A9%D7%9C%D7%95%D7%9D")


def test_the_palette_tells_a_screen_reader_where_it_stands(open_page: Page) -> None:
    box = open_page.locator(".palette-input")
    expect(box).to_have_attribute("aria-expanded", "false")
    open_page.keyboard.press("Control+k")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert box.get_attribute("aria-controls") == open_page.locator(".palette [role=listbox]").get_attribute("id")
    for _step in range(2):
        at = open_page.locator(f"#{box.get_attribute('aria-activedescendant')}")
        expect(at).to_have_attribute("aria-selected", "true")
        expect(open_page.locator(".palette [aria-selected=true]")).to_have_count(1)
        open_page.keyboard.press("ArrowDown")
    groups = open_page.locator(".palette [role=group]")
    for index in range(groups.count()):
        title = groups.nth(index).get_attribute("aria-labelledby")
        assert open_page.locator(f"#{title}").inner_text()
    open_page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_the_row_at_hand_comes_first_with_its_keys(open_page: Page) -> None:
    open_page.keyboard.press("Control+k")
    options = open_page.locator(".palette [role=option]")
    assert [one.strip() for one in options.all_inner_texts()[:2]] == ["Reply\nR", "פתיחה\nEnter"]
    open_page.keyboard.press("ArrowDown")
    open_page.keyboard.press("Enter")
    open_page.wait_for_url("**/one/")


def test_keys_that_a_person_moved_act_and_are_shown(page: Page, site: Site) -> None:
    page.goto(site.address + "/settings/?moved")
    expect(page.locator("#live")).to_have_attribute("data-state", "on")
    expect(page.locator("[data-item].is-at kbd")).to_have_text("Q")
    page.keyboard.press("?")
    expect(page.locator("#keys .is-own kbd").last).to_have_text("Q")
    page.keyboard.press("Escape")
    press(page, "KeyR", "r")
    page.wait_for_timeout(200)
    assert "/reply/" not in page.url, "the letter it was moved from rests"
    press(page, "KeyQ", "q")
    page.wait_for_url("**/reply/1/")


def test_z_takes_the_offered_undo(open_page: Page, site: Site) -> None:
    open_page.goto(site.address + "/settings/?toast")
    expect(open_page.locator(".toast kbd")).to_have_text("Z")
    press(open_page, "KeyZ", "ז")
    open_page.wait_for_url("**/undo/")


def test_a_theme_is_kept_and_stands_before_the_first_paint(open_page: Page) -> None:
    root = open_page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    open_page.locator("[data-theme-toggle]").click()
    expect(root).to_have_attribute("data-theme", "dark")
    open_page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(open_page.locator("#live")).to_have_attribute("data-state", "on")


def test_a_draft_survives_a_closed_page_until_it_is_sent(open_page: Page, site: Site) -> None:
    open_page.locator("textarea").fill("היי דנה")
    assert until(lambda: open_page.evaluate("localStorage.getItem('siach-draft:case-7')"))
    open_page.goto(site.address + "/settings/?again")
    expect(open_page.locator("textarea")).to_have_value("היי דנה")
    open_page.locator("textarea").press("Control+Enter")
    open_page.wait_for_url("**/sent/")
    open_page.goto(site.address + "/settings/")
    expect(open_page.locator("textarea")).to_have_value("")
    expect(open_page.locator("#live")).to_have_attribute("data-state", "on")


def test_a_draft_that_siach_keeps_leaves_nothing_in_the_browser(page: Page, site: Site) -> None:
    page.goto(site.address + "/settings/?kept")
    page.locator("textarea").fill("היי דנה")
    assert until(lambda: "POST /draft/" in site.asked)
    assert until(lambda: page.evaluate("localStorage.getItem('siach-draft:case-7')") is None)
    page.route("**/draft/", lambda route: route.abort())
    page.locator("textarea").fill("היי דנה, אין רשת")
    assert until(lambda: page.evaluate("localStorage.getItem('siach-draft:case-7')"))
    page.wait_for_timeout(1500)
    assert "אין רשת" in page.evaluate("localStorage.getItem('siach-draft:case-7')"), "until Siach is there again"


def test_an_undo_counts_down_in_a_toast(open_page: Page, site: Site) -> None:
    open_page.goto(site.address + "/settings/?toast")
    expect(open_page.locator("[role=status] .toast")).to_contain_text("Done")
    expect(open_page.locator(".toast-left")).to_have_text("9")
    open_page.locator(".toast button").click()
    open_page.wait_for_url("**/undo/")
    assert "POST /undo/" in site.asked


def test_a_signal_refreshes_its_fragment(open_page: Page, site: Site) -> None:
    assert until(lambda: site.streams == 1)
    site.signal("inbox")
    expect(open_page.locator("#queue")).to_have_text("new")


def test_ten_tabs_share_one_stream_and_another_takes_over(context: BrowserContext, site: Site) -> None:
    assert until(lambda: site.streams == 0)
    tabs = [context.new_page() for _ in range(10)]
    for tab in tabs:
        tab.goto(site.address + "/settings/", wait_until="domcontentloaded")
    assert until(lambda: site.streams == 1)
    tabs[5].wait_for_timeout(500)
    assert site.streams == 1
    site.signal("inbox")
    for tab in tabs:
        expect(tab.locator("#queue")).to_have_text("new")
    tabs[0].close()
    assert until(lambda: site.streams == 1)
    tabs[1].reload()
    assert until(lambda: site.streams == 1)
    site.signal("inbox")
    expect(tabs[1].locator("#queue")).to_have_text("new")


def test_a_lost_stream_is_said_and_comes_back(page: Page, site: Site) -> None:
    live = page.locator("#live")
    page.route("**/live/", lambda route: route.abort())
    page.goto(site.address + "/settings/")
    expect(live).to_have_attribute("data-state", "lost")
    assert any(char.isdigit() for char in live.inner_text())
    page.unroute("**/live/")
    expect(live).to_have_attribute("data-state", "on", timeout=10_000)
