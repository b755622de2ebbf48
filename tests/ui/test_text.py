"""Direction, isolation and safety of what people write."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.ui.text import Span, brief_text, marked_text, quoted_text, rich_text, text_dir

HARD = [
    ("@aluma_bakery חיכיתי ארבעים דקות ואף אחד לא ענה", "rtl"),
    ("ASMR: פריסת חלה בשש בבוקר", "rtl"),
    ("RT @ynet אלומה מעלה מחירים", "rtl"),
    ("https://www.example.com/very/long/path?utm_source=share מה זה הדבר הזה", "rtl"),
    ("iPhone נפל לי לתוך הבצק והם צחקו עליי", "rtl"),
    ("#alumagate מישהו יודע מה קרה שם?", "rtl"),
    ("AL-20931 לא הגיע", "rtl"),
    ("★★ הקפה מצוין אבל חיכינו 25 דקות", "rtl"),
    ("هل كعك التمر عندكم حلال؟ شكرًا", "rtl"),
    ("@אלומה Do you ship to Eilat?", "ltr"),
    ("Почему магазин закрыт?", "ltr"),
    ("Hi! Do you have gluten-free challah this Friday? תודה", "ltr"),
    ("שלום", "rtl"),
    ("ok", "ltr"),
    ("#אלומה", "rtl"),
    ("@aluma_bakery", "ltr"),
    ("12:30 🥐", "rtl"),
    ("", "rtl"),
    ("\u202eevil text here", "ltr"),
]


@pytest.mark.parametrize(("text", "side"), HARD)
def test_the_majority_of_letters_decides_the_side(text: str, side: str) -> None:
    assert text_dir(text) == side


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("של @aluma_bakery? כן", '<bdi dir="ltr" class="t-handle">@aluma_bakery</bdi>'),
        ("ראו #אלומה!", '<bdi dir="rtl" class="t-tag">#אלומה</bdi>'),
        ("ראו #alumagate.", '<bdi dir="ltr" class="t-tag">#alumagate</bdi>'),
        ("הזמנה AL-20931, דחוף", '<bdi dir="ltr" class="t-order">AL-20931</bdi>'),
        ("חייגו 050-1234567 עכשיו", '<bdi dir="ltr" class="t-phone">050-1234567</bdi>'),
        ("חייגו +972-54-123-4567", '<bdi dir="ltr" class="t-phone">+972-54-123-4567</bdi>'),
        ("מוקד *2800", '<bdi dir="ltr" class="t-phone">*2800</bdi>'),
        ("עלה ב-+12% השנה", '<bdi dir="ltr" class="t-amount">+12%</bdi>'),
        ("כתבו ל info@aluma.example בבקשה", '<bdi dir="ltr" class="t-email">info@aluma.example</bdi>'),
        ("קוד 884213", '<bdi dir="ltr" class="t-order">884213</bdi>'),
        ("@dana@mastodon.example היי", '<bdi dir="ltr" class="t-handle">@dana@mastodon.example</bdi>'),
    ],
)
def test_handles_tags_orders_and_phones_are_isolated(text: str, piece: str) -> None:
    assert piece in rich_text(text)


def test_a_link_is_safe_and_ends_before_the_full_stop() -> None:
    html = rich_text("ראו https://aluma.example/p?a=1&b=2.")
    assert '<a href="https://aluma.example/p?a=1&amp;b=2" target="_blank" rel="noopener nofollow ugc">' in html
    assert html.endswith("</bdi>.")


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,<b>", "vbscript:x", "www.aluma.example", "ftp://x.example"]
)
def test_only_http_and_https_become_links(text: str) -> None:
    assert "<a " not in rich_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        'https://x.example/"onmouseover=alert(1)',
        "https://x.example/'><svg/onload=alert(1)>",
        "@a<b>c #<i>",
    ],
)
def test_markup_is_words(text: str) -> None:
    seen = _elements(rich_text(text))
    assert set(seen) <= {"bdi", "a", "br", "mark"}
    assert all(name in {"dir", "class", "href", "target", "rel"} for attributes in seen.values() for name in attributes)


def test_controls_that_reorder_the_page_are_dropped_and_lines_kept() -> None:
    html = rich_text("שורה\u202e אחת\u0000\r\nשורה\u2066 שתיים\u200f")
    assert html == "שורה אחת<br>שורה שתיים"


def test_deciding_words_are_marked_by_their_offsets() -> None:
    text = "שירות גרוע של @aluma, באמת גרוע"
    html = marked_text(text, [(6, 10, "neg"), Span(14, 20, "brand"), (28, 99)])
    assert '<mark class="mark-neg">גרוע</mark>' in html
    assert '<bdi dir="ltr" class="t-handle"><mark class="mark-brand">@aluma</mark></bdi>' in html
    assert '<mark class="mark-word">רוע</mark>' in html


def test_overlapping_marks_stay_well_formed() -> None:
    assert marked_text("abcdef", [(0, 4), (2, 6, "x")]) == (
        '<mark class="mark-word">abcd</mark><mark class="mark-x">ef</mark>'
    )


@given(st.text(max_size=200), st.lists(st.tuples(st.integers(-5, 210), st.integers(-5, 210)), max_size=5))
def test_any_text_with_any_marks_is_well_formed_and_says_the_same(text: str, spans: list[tuple[int, int]]) -> None:
    reader = _Reader()
    reader.feed(marked_text(text, spans))
    assert reader.open == []
    assert _letters(reader.text) == _letters(text)


def test_a_very_long_post_is_drawn_at_once() -> None:
    for text in ("@" * 100_000, "@a." * 33_000, "#" * 100_000, "https://" * 12_000, "+1-" * 33_000, "a@b" * 33_000):
        began = time.perf_counter()
        rich_text(text)
        text_dir(text)
        assert time.perf_counter() - began < 3, text[:10]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def _elements(html: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}

    class Names(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.setdefault(tag, set()).update(name for name, _ in attrs)

    Names().feed(html)
    return found


def test_a_preview_is_cut_between_words_isolated_and_without_links() -> None:
    assert brief_text("@aluma_bakery? יש\nשומשום, או אין", 24) == (
        '<bdi dir="ltr" class="t-handle">@aluma_bakery</bdi>? יש…'
    )
    assert brief_text("קצר", 24) == "קצר"
    assert "<a " not in brief_text("ראו https://example.com/a עכשיו", 80)


def test_a_quote_closes_behind_its_ellipsis_in_the_marks_of_its_language() -> None:
    assert quoted_text("קניתי אצלכם הבוקר רוגלך", 12) == "״קניתי אצלכם…״"
    assert quoted_text("I bought it this morning", 12) == "“I bought it…”"
    assert quoted_text("תודה.", 12) == "״תודה.״"
