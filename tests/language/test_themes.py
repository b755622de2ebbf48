"""Themes: what is found among posts, what never names a theme, and that neither order nor copies change it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siach.language.frequency import plain
from siach.language.summary import summary
from siach.language.terms import FUNCTION_WORDS
from siach.language.theme_words import singular
from siach.language.themes import LEAST_POSTS, NAMES, Theme, themes
from siach.world.storm import storm
from tests.language.test_words import BEGIN

BRAND = ("אלומה", "Aluma")
FRIDGE = [
    f"{opening} {fridge} {ending}"
    for opening in ("ראיתי ש", "שוב", "למה", "אוף,", "שימו לב:")
    for fridge in ("המקרר אצלכם מקולקל", "המקרר, הוא מקולקל", "יש מקרר די מקולקל", "מקררים שוב מקולקלים")
    for ending in ("באלומה", "והגלידה נמסה", "כל השבוע", "שוב גלידה נמסה")
]
PARKING = [
    f"{opening} {ending}"
    for opening in ("אין חניה, החניון סגור", "החניה בחניון מלאה", "חיפשתי חניה ליד החניון", "החניון נעול ואין חניה")
    for ending in ("כבר שעה", "עם שלושה ילדים", "בגשם הזה", "ליד התחנה", "מאז יום ראשון", "אבל נחמד")
]
SUBJECTS = (
    *("קרואסון", "עוגה", "בורקס", "לחמנייה", "קפה", "פיצה", "סלט", "מרק"),
    *("גבינה", "ריבה", "שוקולד", "תותים", "קינמון", "אגוז", "דבש", "שקד"),
)
CALM = [
    f"{opening} {subject} {ending}"
    for opening, ending in (("קניתי היום", "והיה נחמד"), ("אכלנו", "עם החברים"), ("הבאתי", "הביתה"))
    for subject in SUBJECTS
]


def posts(*texts: str) -> list[tuple[str, str]]:
    return [(f"p{n:04}", text) for n, text in enumerate(texts)]


def named(theme: Theme) -> set[str]:
    return {name.word for name in theme.names}


def test_two_matters_are_two_themes_and_everyday_talk_is_none() -> None:
    said = posts(*FRIDGE, *PARKING, *CALM)
    found = themes(said, CALM, without=BRAND)
    texts = dict(said)
    fridge, parking = (next(one for one in found if word in named(one)) for word in ("מקרר", "חניה"))
    assert {texts[key] for key in fridge.keys} == set(FRIDGE)
    assert {texts[key] for key in parking.keys} == set(PARKING)
    assert not any(set(SUBJECTS) & named(one) for one in found)
    assert fridge.share == pytest.approx(len(FRIDGE) / len(said))
    assert fridge.before == 0 and fridge.grew and fridge.grew > 10
    assert all(2 <= len(one.names) <= NAMES for one in found)


def test_prefixes_and_plurals_are_one_word_in_its_commonest_form() -> None:
    (theme, *_) = themes(posts(*FRIDGE, *CALM), CALM, without=BRAND)
    fridge = next(name for name in theme.names if name.word == "מקרר")
    assert "מקולקל" in named(theme)
    assert fridge.shown == "המקרר"
    assert fridge.forms == ("מקרר", "מקררים"), "a search knows prefixes, and no plurals"
    assert not any("ראיתי" in name.shown or "אלומה" in name.shown for name in theme.names)
    known = {"עוגה": 9, "עוגות": 4, "קופונ": 3, "קופונימ": 2, "שירות": 90, "שירה": 9, "חנות": 5, "חנויות": 1}
    assert [singular(one, known) for one in ("עוגות", "קופונימ", "שירות", "חנויות", "ימימ")] == [
        "עוגה",
        "קופונ",
        "שירות",
        "חנויות",
        "ימימ",
    ]


def test_the_order_of_posts_changes_nothing() -> None:
    said = posts(*(one.text for one in storm("coupon", 3, begin=BEGIN).said))
    before = [one.text for one in storm("price", 3, begin=BEGIN).said]
    first = themes(said, before, without=BRAND)
    assert len(first) >= 3 and any("קופונ" in named(one) for one in first)
    for seed in (1, 2):
        random.Random(seed).shuffle(said)
        random.Random(seed).shuffle(before)
        assert themes(said, before, without=BRAND) == first


def test_a_wave_of_copies_is_no_theme() -> None:
    wave = [f"תפסיקו לקנות שם, מרעילים אותנו ומשקרים לציבור, תשתפו לפני המחיקה {'!' * (n % 4)}" for n in range(200)]
    found = themes(posts(*wave, *FRIDGE, *CALM), CALM, without=BRAND)
    assert any("מקרר" in named(one) for one in found)
    assert not any(named(one) & {"מרעילימ", "ציבור", "מחיקה", "משקרימ"} for one in found)


def test_fewer_than_forty_posts_have_no_themes() -> None:
    assert themes(posts(*FRIDGE[: LEAST_POSTS - 1]), CALM) == []
    assert themes(posts(*FRIDGE[:16], *CALM)[:LEAST_POSTS], CALM)


def test_growth_is_told_where_it_is_no_chance() -> None:
    said = posts(*FRIDGE, *CALM)
    assert all(theme.grew is None for theme in themes(said, [], without=BRAND))
    assert all(theme.grew is None for theme in themes(said, [*FRIDGE, *CALM], without=BRAND))
    (theme, *_) = themes(said, [*FRIDGE[:6], *CALM, *CALM], without=BRAND)
    assert theme.grew and 5 < theme.grew < 12


def test_nobodys_handle_number_or_address_names_a_theme() -> None:
    private = ("@dana_levi", "054-1234567", "dana@mail.example", "https://a.example/dana", "d_levi84", "AL-18332")
    texts = [f"{one} המקרר המקולקל של {private[n % 6]} {private[(n + 1) % 6]}" for n, one in enumerate(FRIDGE)]
    (theme, *_) = themes(posts(*texts, *CALM), CALM, without=BRAND)
    for name in theme.names:
        told = " ".join((name.shown, *name.forms)).lower()
        assert not any(sign in told for sign in ("dana", "levi", "054", "18332", "example", "@", "http"))


def test_a_theme_is_told_by_a_sentence_of_its_own() -> None:
    said = posts(*FRIDGE, *PARKING, *CALM)
    for theme in themes(said, CALM, without=BRAND):
        (sentence,) = summary([(key, text) for key, text in said if key in theme.keys], theme.terms, most=1)
        assert sentence.key in theme.keys and sentence.text in dict(said)[sentence.key]


@given(st.lists(st.text(max_size=60), max_size=60), st.lists(st.text(max_size=30), max_size=5))
@settings(max_examples=25, deadline=None)
def test_whatever_is_written_is_taken(texts: list[str], names: list[str]) -> None:
    said = posts(*texts, *["\0" * 50, "", "אא" * 5_000, "😂😂", '|| -"', "' OR 1=1 --"] * 8)
    for theme in themes(said, texts, without=names):
        assert set(theme.keys) <= {key for key, _text in said}


def test_plain_words_are_words_and_are_no_matters() -> None:
    assert len(plain()) > 600
    assert not plain() & {"לחמ", "מחיר", "תור", "משלוח", "קופונ", "שירות", "refund", "delivery", "price", "queue"}
    assert len(plain() & FUNCTION_WORDS) < 40, "those are known already"


def test_a_phrase_alone_is_a_theme_when_it_is_new() -> None:
    broken = [f"{opening} מסך מגע {ending}" for opening in ("יש", "שוב", "רואים") for ending in ("פה", "שם", "כאן", "")]
    (theme,) = themes(posts(*broken, *CALM), CALM, without=BRAND)
    assert [name.shown for name in theme.names] == ["מסך מגע"]
    assert themes(posts(*broken, *CALM), [*broken, *CALM], without=BRAND) == []
