"""Keys, offsets, search terms, languages, and what may be stored."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.language.clean import (
    CUT_MARK,
    TEXT_LIMIT,
    Origin,
    detect_language,
    key,
    text_guard,
    tokens,
)
from siach.language.search import LEXEME_LENGTH, LEXEME_LIMIT, answer, parse_query, query_terms, search_terms

NIQQUD = "\u05b7\u05bc\u05b8"
ODD = "אבםן'\"\u05f3\u05f4\u00b4`\u05be- \n\t#@aAİßﬁΣ\u03c2\u05b8\u05bc\u200f\u202e\u0640\u0301a11!!😀\0"
texts = st.text(max_size=60) | st.text(alphabet=ODD, max_size=60)


@given(texts)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert key(key(text)) == key(text)


@given(texts)
def test_every_character_of_a_key_comes_from_the_text(text: str) -> None:
    folded, origin = key(text), Origin(text)
    reached = 0
    for at in range(len(folded)):
        start, end = origin.span(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert start >= reached
        reached = start


@given(texts)
def test_terms_and_language_take_any_text(text: str) -> None:
    terms = search_terms(text)
    assert len(terms) <= LEXEME_LIMIT
    assert all(term and len(term) <= LEXEME_LENGTH and "\0" not in term for term in terms)
    assert len(set(terms)) == len(terms)
    assert detect_language(text) in {"he", "en", "ar", "ru", "und"}
    parse_query(text)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("א\u05b7ל\u05bcו\u05bcמ\u05b8ה", "אלומה"),
        ("ש\u05f4ס", 'ש"ס'),
        ("ש''ס", 'ש"ס'),
        ("צ\u05f3ק", "צ'ק"),
        ("צ\u2019ק", "צ'ק"),
        ("בית\u05beספר", "בית-ספר"),
        ("בית\u2013ספר", "בית-ספר"),
        ("שלום", "שלומ"),
        ("\u200fALUMA\u200e", "aluma"),
        ("שוווווווה", "שווווה"),
        ("\ufb2aלום", "שלום"),
        ("קפה\n  חם", "קפה חם"),
    ],
)
def test_what_writers_vary_is_folded(written: str, same: str) -> None:
    assert key(written) == key(same)


def test_digits_are_never_squeezed() -> None:
    assert key("100000") == "100000"


def test_offsets_lead_back_over_marks_and_runs() -> None:
    text = "קפה   א\u05b7ל\u05bcוּמ\u05b8ה!"
    start = key(text).index("אלומה")
    assert text[slice(*Origin(text).span(start, start + 5))].startswith("א")
    assert text[slice(*Origin(text).span(start, start + 5))].endswith("ה")


def test_tokens_are_spans_of_the_text() -> None:
    text = 'ש"ס, ב-Aluma #קפה @aluma.bsky.social 😀 https://aluma.example/x?y=1!!'
    assert [text[start:end] for start, end in tokens(text)] == [
        'ש"ס',
        "ב-Aluma",
        "#קפה",
        "@aluma.bsky.social",
        "😀",
        "https://aluma.example/x?y=1!!",
    ]


@pytest.mark.parametrize("text", ["אלומה", "באלומה", "לאלומה", "ולאלומה", "שבאלומה", "#אלומה", "ה\u05f4אלומה\u05f4"])
def test_a_search_finds_a_word_behind_prefixes(text: str) -> None:
    asked = query_terms("אלומה")
    terms = set(search_terms(f"הייתי אתמול {text} בערב"))
    assert all(terms.intersection(word) for word in asked)


def test_a_query_with_a_prefix_finds_the_bare_word() -> None:
    assert set(query_terms("בחנות")[0]) & set(search_terms("חנות יפה"))
    assert not set(query_terms("שלום")[0]) & set(search_terms("חלום יפה"))


def test_acronyms_hashtags_and_hyphens_stand_whole_and_in_parts() -> None:
    terms = search_terms('ש"ס #מאפיית_אלומה בית-ספר ב-Aluma')
    assert {'ש"ס', "שס", "#מאפיית_אלומה", "אלומה", "בית-ספר", "ספר", "aluma"} <= set(terms)


@pytest.mark.parametrize(
    ("asked", "text"),
    [("תכנית", "התוכנית החדשה"), ("תוכנית", "תכנית"), ("שירות", "בשרות"), ("מאפייה", "למאפיה"), ("לצהריים", "צהרים")],
)
def test_a_search_finds_a_word_spelt_otherwise(asked: str, text: str) -> None:
    assert set(query_terms(asked)[0]) & set(search_terms(text))


@pytest.mark.parametrize(("asked", "text"), [("אחריות", "אחרות"), ("מחיר", "מחר"), ("שיר", "שר"), ("חברה", "חיברה")])
def test_a_letter_more_is_another_word(asked: str, text: str) -> None:
    assert not set(query_terms(asked)[0]) & set(search_terms(text))


@pytest.mark.parametrize(
    ("asked", "token", "how"),
    [
        ("סניף", "בַּסְּנִיף", "prefix"),
        ("לומיקה", "לומיקה", ""),
        ("לומיקה", "לוֹמיקה", ""),
        ("בחנות", "חנות", "prefix"),
        ("אלומה", "#מאפיית_אלומה", "part"),
        ("aluma", "ALUMA", ""),
        ("תוכנית", "שהתכנית", "spelling"),
        ('ש"ס', "ש״ס", ""),
    ],
)
def test_a_hit_is_explained(asked: str, token: str, how: str) -> None:
    assert answer(token, parse_query(f"{asked} זברה")) == (asked, how)


def test_what_was_not_asked_for_is_no_hit() -> None:
    assert answer("חלום", parse_query("שלום -חלום")) is None


@given(texts, texts)
def test_whatever_the_index_finds_is_explained(text: str, asked: str) -> None:
    query = parse_query(asked)
    found = {lexeme for word in query.words for lexeme in word}.intersection(search_terms(text))
    told = [answer(text[start:end], query) for start, end in tokens(text)]
    assert bool(found) == any(told)


def test_a_query_has_words_phrases_and_exclusions() -> None:
    query = parse_query('קפה "שירות גרוע" -תודה -"לא טעים" ש"ס')
    assert [word[0] for word in query.words] == ["קפה", "שירות", "גרוע", 'ש"ס']
    assert query.phrases == ("שירות גרוע",)
    assert query.excluded == ("תודה",)
    assert query.phrases_hold("קפה ושירות גרוע")
    assert not query.phrases_hold("שירות גרוע וגם לא טעים")
    assert not query.phrases_hold("שירות לא גרוע")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("הקפה קר", "he"),
        ("Aluma Bakery זה חרא", "he"),
        ("תודה @aluma_bakery_tel_aviv https://aluma.example/very/long/path", "he"),
        ("I love אלומה so much", "en"),
        ("Pizza", "en"),
        ("it\u2019s cold", "en"),
        ("hola que tal el servicio", "und"),
        ("قهوة باردة", "ar"),
        ("این قهوه سرد است", "und"),
        ("Кофе холодный", "ru"),
        ("Де моє замовлення, це жах що", "und"),
        ("🤢🤢 123", "und"),
        ("", "und"),
    ],
)
def test_the_language_is_told_by_script_then_by_words(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_what_cannot_be_stored_is_replaced_and_what_is_too_long_is_cut() -> None:
    assert text_guard("a\0b\ud800") == ("a\ufffdb\ufffd", False)
    text, cut = text_guard("ש" * (TEXT_LIMIT + 1))
    assert cut and len(text) == TEXT_LIMIT and text.endswith(CUT_MARK)
    assert text_guard("ש" * TEXT_LIMIT) == ("ש" * TEXT_LIMIT, False)


@pytest.mark.parametrize(
    "heap", ["a\u0300\u0316", "\u0300\u0316", "\u05b8\u05bc", "\ufdfa", "\"'", "-a", "@", "😀", "א\u0301", "!?"]
)
def test_heaps_of_marks_take_bounded_time(heap: str) -> None:
    text = (heap * TEXT_LIMIT)[:TEXT_LIMIT]
    started = time.process_time()
    key(text)
    search_terms(text)
    detect_language(text)
    assert time.process_time() - started < 3
