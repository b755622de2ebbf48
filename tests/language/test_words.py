"""Words that matter: what marks posts out, what is nearly the same, what claims the same, what a summary may say."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.language.claims import claim_groups
from siach.language.similar import distance, fingerprint, near_groups
from siach.language.summary import sentences, summary
from siach.language.terms import Folding
from siach.language.words import Term, characteristic
from siach.world.storm import storm

BEGIN = datetime(2026, 11, 24, 8, 40, tzinfo=UTC)
NAMES = ("אלומה", "Aluma", "אלומה בייקרי")
PLAIN = [
    f"{opening} {thing} {ending}"
    for opening in ("קניתי היום", "אכלנו אתמול", "הבאתי הביתה", "טעמתי שוב")
    for thing in ("קרואסון של החנות", "עוגה של החנות", "בורקס של החנות", "לחמנייה של החנות")
    for ending in ("והיה נחמד", "בדרך לעבודה", "עם הילדים", "אחרי הגן", "לפני השיעור")
]


def shown(terms: list[Term]) -> list[str]:
    return [term.shown for term in terms]


# --- characteristic words ---------------------------------------------------------------------------------


def test_a_word_behind_prefixes_pointed_and_stretched_is_one_word_in_its_commonest_form() -> None:
    texts = [
        "הקופון לא עבד",
        "הקופון שלי",
        "יש קופון של החנות",
        "שקופון כזה יש",
        "ניסיתי את הקופון",
        "קופוןןןן מזויף",
        "סתם קופון",
        "לַקּוּפּוֹן הזה אין תוקף",
    ]
    (term, *_) = characteristic(texts, PLAIN)
    assert term.words == ("קופונ",)
    assert term.shown == "הקופון"
    assert (term.posts, term.others) == (8, 0)


def test_a_word_that_only_looks_prefixed_stays_whole() -> None:
    folding = Folding([("מאפייה", 40), ("המאפייה", 9), ("אפייה", 3), ("סניף", 4), ("בסניף", 9), ("הסניף", 9)])
    assert folding.of("ובמאפייה") == folding.of("המאפייה") == "מאפייה"
    assert folding.of("שבסניף") == folding.of("הסניף") == "סניפ"


def test_what_is_everywhere_and_the_names_of_the_brand_mark_nothing_out() -> None:
    texts = [f"אלומה {one} של החנות והתור ארוך" for one in ("שוב", "היום", "כרגיל", "באמת", "כאן")]
    found = shown(characteristic(texts, PLAIN, without=NAMES))
    assert found[0] in ("והתור ארוך", "התור ארוך", "תור ארוך")
    assert not {"אלומה", "של", "החנות", "של החנות"} & set(found)


def test_a_phrase_stands_for_the_words_that_are_hardly_said_without_it() -> None:
    times = ("אתמול", "אמש", "שוב", "כאן", "תמיד", "בערב")
    found = shown(characteristic([f"{one} זרקו לפח {one}" for one in times], PLAIN))
    assert "זרקו לפח" in found
    assert not {"זרקו", "לפח"} & set(found)


def test_a_wave_of_copies_does_not_fill_the_list() -> None:
    wave = ["תפסיקו לקנות שם, מרעילים אותנו, תשתפו לפני שימחקו את זה"] * 300
    people = [f"המקרר {one} מקולקל" for one in ("שלהם", "שלנו", "הגדול", "הקטן", "בכניסה", "בסניף")]
    found = shown(characteristic([*wave, *people], PLAIN))
    assert any("מקולקל" in one for one in found)
    assert not any("מרעילים" in one or "תשתפו" in one for one in found)


def test_order_changes_nothing_and_a_second_time_gives_the_same() -> None:
    said = [one.text for one in storm("safety", 3, begin=BEGIN).said]
    calm = [one.text for one in storm("coupon", 3, begin=BEGIN).said]
    first = characteristic(said, calm, without=NAMES)
    assert {"שומשום", "הוד השרון"} <= set(shown(first))
    assert all(term.posts >= 3 and term.z > 2 for term in first)
    random.Random(5).shuffle(said)
    random.Random(6).shuffle(calm)
    assert characteristic(said, calm, without=NAMES) == first


@pytest.mark.parametrize("texts", [[], [""], ["😂😂"], ["\0" * 50], ["אא" * 60_000], ["https://a.example @b"]])
def test_nothing_to_tell_is_told_as_nothing(texts: list[str]) -> None:
    assert characteristic(texts, PLAIN) == []
    assert characteristic(PLAIN, texts) == [] or texts
    assert near_groups([fingerprint(one) for one in texts]) == claim_groups(texts) == summary([("k", "")], []) == []


# --- nearly the same --------------------------------------------------------------------------------------


@given(st.data())
def test_a_fingerprint_knows_no_points_marks_or_stretching(data: st.DataObject) -> None:
    known = ["סניף", "קרוב", "מאכזב", "לחם", "שרוף", "תור", "ארוך", "עובד", "קופה"]
    words = data.draw(st.lists(st.sampled_from(known), min_size=5))
    text = " ".join(words)
    dressed = "".join(one + data.draw(st.sampled_from(["", "\u05b8", "\u05bc"])) if one != " " else " " for one in text)
    marks = data.draw(st.sampled_from(["!", " 😂", "...", " https://a.example/b", " @somebody"]))
    assert fingerprint(dressed.replace(" ", data.draw(st.sampled_from([" ", "  ", ", "]))) + marks) == fingerprint(text)


def test_numbers_do_not_tell_copies_apart_and_short_texts_are_no_copies() -> None:
    one, other = (f"הזמנה מספר {n} לא הגיעה כבר שבוע" for n in (18332, 5))
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint("תודה רבה לכם") is None


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40), st.randoms(use_true_random=False))
def test_all_within_three_bits_are_found_and_nothing_apart_is_joined(base: list[int], rng: random.Random) -> None:
    near = [one ^ sum(1 << bit for bit in rng.sample(range(64), rng.randint(0, 3))) for one in base]
    everything = [*base, *near, None]
    groups = near_groups(everything, 3)
    together = {pair for group in groups for pair in combinations(group, 2)}
    assert all((place, place + len(base)) in together for place in range(len(base)))
    for group in groups:
        for place in group:
            assert min(distance(everything[place], everything[one]) for one in group if one != place) <= 3


@pytest.mark.parametrize("grouped", [lambda texts: near_groups(list(map(fingerprint, texts))), claim_groups])
def test_copies_of_a_storm_are_found_and_only_they(grouped: Callable[[list[str]], list[list[int]]]) -> None:
    played = storm("values", 2, begin=BEGIN)
    texts = [one.text for one in played.said]
    pairs = {pair for group in grouped(texts) for pair in combinations(group, 2)}
    same = {pair for pair in combinations(range(len(texts)), 2) if len({played.truth[n].skeleton for n in pair}) == 1}
    assert len(pairs & same) >= 0.94 * len(pairs)
    copied = {n for n, one in enumerate(played.truth) if one.role == "ring" and fingerprint(texts[n]) is not None}
    of_copies = {pair for pair in same if copied.issuperset(pair)}
    assert len(of_copies & pairs) >= 0.95 * len(of_copies) > 100


def test_a_claim_is_known_in_other_words_and_another_order() -> None:
    texts = [
        "משרד הבריאות: 12 ילדים חולים אחרי ארוחה בגן",
        "אחרי הארוחה בגן 12 מהילדים חולים, כך משרד הבריאות",
        "במשרד הבריאות אומרים שחולים 12 ילדים מהגן",
        "משרד הבריאות: 30 בתי עסק נסגרו החודש",
        "הבריאות של הילדים חשובה לנו, ובגן יודעים את זה",
    ]
    assert claim_groups(texts) == [[0, 1, 2]]


# --- summaries --------------------------------------------------------------------------------------------


def test_a_summary_says_only_what_stands_in_the_posts_and_nothing_private() -> None:
    posts = {one.key: one.text for one in storm("rumour", 2, begin=BEGIN).said}
    for private in ("054-1234567", "@dana", "a@b.example", "AL-18332"):
        posts[f"p{private}"] = f"הסרטון מהמטבח של הרשת {private}"
    calm = [one.text for kind in ("coupon", "price", "staff") for one in storm(kind, 3, begin=BEGIN).said]
    terms = characteristic(list(posts.values()), calm, without=NAMES)
    told = summary(posts.items(), terms)
    assert len({one.text for one in told}) == 3
    assert all(one.text in posts[one.key] and one.key[0] != "p" for one in told)
    other_order = random.Random(1).sample(sorted(posts.items()), len(posts))
    assert [one.text for one in summary(other_order, terms)] == [one.text for one in told]


def test_a_summary_does_not_say_a_thing_twice() -> None:
    terms = [Term((word,), word, z, 9, 0) for word, z in (("תור", 9.0), ("ארוכ", 8.0), ("מקרר", 4.0))]
    posts = [("a", "התור כאן ארוך מאוד היום."), ("b", "היום התור כאן ארוך מאוד!"), ("c", "גם המקרר שלהם לא עובד.")]
    assert [one.key for one in summary(posts, terms, most=2)][1:] == ["c"]
    assert {one.key for one in summary(posts, terms)} in ({"a", "c"}, {"b", "c"})


def test_sentences_are_pieces_of_the_text() -> None:
    text = "איזה תור! חיכיתי 1.5 שעות...\nוזהו. www.a.example"
    assert sentences(text) == ["איזה תור!", "חיכיתי 1.5 שעות...", "וזהו.", "www.a.example"]
