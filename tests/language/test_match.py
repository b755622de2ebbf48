"""Finding brands: the prefix grammar, tags, quotes, articles, exclusions, and what is no brand."""

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.language.guard import bias_of_marks
from siach.language.match import PREFIX, Matcher
from siach.language.reading import BrandNames, Match

BAKERY = BrandNames(1, "אלומה", ("Aluma", "מאפיית אלומה"), ("אלומה ניר", "נגיד אלומה"))
COFFEE = BrandNames(2, "בית קפה נמרוד", ("@nimrod.example",))
UNION = BrandNames(3, 'אג"ד', ("הבנק הטוב", "אל על"))
MATCHER = Matcher([BAKERY, COFFEE, UNION])

AND, THAT, IN, THE = ("", "ו"), ("", "ש", "כש", "לכש", "מש", "מכש"), ("", "ב", "כ", "ל", "מ"), ("", "ה")
PREFIXES = [a + b + c + d for a in AND for b in THAT for c in IN for d in THE if len(a + b + c + d) <= 5]


def only(text: str) -> Match:
    (found,) = MATCHER.find(text)
    return found


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_of_the_grammar_is_taken_off(prefix: str) -> None:
    for name, text in (("אלומה", f"{prefix}אלומה"), ("Aluma", f"{prefix}Aluma"), ("Aluma", f"{prefix}-Aluma")):
        found = only(f"אמרו {text} אתמול") if prefix or "-" not in text else only(f"אמרו {name}")
        assert (found.name, found.prefix) == (name, prefix)
        assert found.why == (f"prefix:{prefix}" if prefix else "exact")


@pytest.mark.parametrize(
    "text",
    [
        "אלומהל",
        "נאלומה",
        "שוובאלומה",
        "הבאלומה",
        "xאלומה",
        "5אלומה",
        "אלומה5",
        "Alumatic",
        "מיAluma",
        "x@aluma.example",
    ],
)
def test_a_name_is_never_found_inside_a_word(text: str) -> None:
    assert MATCHER.find(text) == []


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("#אלומה", "אלומה", "hashtag"),
        ("#באלומה", "אלומה", "hashtag prefix:ב"),
        ("@aluma תודה", "aluma", "handle"),
        ("@aluma.bsky.social", "aluma", "handle"),
        ("#מאפיית_אלומה", "מאפיית_אלומה", "hashtag"),
        ("#מאפייתאלומה", "מאפייתאלומה", "hashtag joined"),
        ("#תודה_אלומה", "אלומה", "hashtag"),
        ("@nimrod.example", "@nimrod.example", "handle"),
        ('ה"אלומה" הזאת', "אלומה", "prefix:ה"),
        ("ב\u05f4אלומה\u05f4", "אלומה", "prefix:ב"),
        ("ב\u05f3אלומה\u05f3", "אלומה", "prefix:ב"),
        ("קפה-אלומה", "אלומה", "exact"),
        ('מאפיית "אלומה"', 'מאפיית "אלומה', "exact"),
        ("Aluma's bread", "Aluma", "exact"),
        ("ALUMA!", "ALUMA", "exact"),
        ("בית הקפה נמרוד", "בית הקפה נמרוד", "article"),
        ("בבית-קפה-נמרוד", "בית-קפה-נמרוד", "prefix:ב"),
        ("בבנק הטוב", "בנק הטוב", "prefix:ב"),
        ("אגד איחרה", "אגד", "exact"),
        ("לאג\u05f4ד אין בושה", "אג\u05f4ד", "prefix:ל"),
        ("#אלעל", "אלעל", "hashtag joined"),
        ("א\u05b7ל\u05bcו\u05bcמ\u05b8ה טובה", "א\u05b7ל\u05bcו\u05bcמ\u05b8ה", "exact"),
        ("😀\u202eאלומה\u202c", "אלומה", "exact"),
    ],
)
def test_names_are_found_as_they_are_written(text: str, found: str, why: str) -> None:
    match = only(text)
    assert (text[match.start : match.end], match.why) == (found, why)


def test_exclusions_drop_the_hits_that_touch_them() -> None:
    assert MATCHER.find("פגשתי את אלומה ניר, נגיד אלומה") == []
    assert [found.start for found in MATCHER.find("אלומה ניר קנתה באלומה")] == [16]


def test_a_name_of_two_brands_is_found_for_both_and_the_longest_of_one_stands() -> None:
    found = Matcher([BAKERY, BrandNames(9, "אלומה")]).find("מאפיית אלומה")
    assert [(one.brand, one.name) for one in found] == [(1, "מאפיית אלומה"), (9, "אלומה")]


def test_a_short_word_of_a_name_is_no_hit_without_its_article_or_a_prefix() -> None:
    assert MATCHER.find("בנק הטוב") == []


def test_names_without_a_letter_find_nothing() -> None:
    assert Matcher([BrandNames(1, "", ("!!", "\0", " "))]).find("!! \0") == []
    assert Matcher([]).find("אלומה") == []


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=4), st.text(max_size=40))
def test_any_names_and_texts_give_spans_of_the_text(before: str, names: list[str], after: str) -> None:
    matcher = Matcher([BrandNames(1, "אלומה", tuple(names), tuple(names[:1]))])
    text = f"{before} {' '.join(names)} אלומה {after}"
    for found in matcher.find(text):
        assert 0 <= found.start < found.end <= len(text)
        assert PREFIX.fullmatch(found.prefix)


@given(st.sampled_from(PREFIXES), st.sampled_from(["", "\u05b7", "\u200f", "\u05bc\u05b8"]))
def test_niqqud_and_direction_marks_change_no_match(prefix: str, mark: str) -> None:
    written = mark.join(prefix + "אלומה")
    assert only(written).prefix == prefix


MARKED = ["", "\u05b7", "\u200f", "\u05bc\u05b8"]


@given(
    st.sampled_from(PREFIXES),
    st.sampled_from(MARKED),
    st.integers(0, 9),
    st.sampled_from(["אלומה", "מאפיית אלומה", "aluma", "לומיקולה", "זרם"]),
)
def test_marks_a_prefix_and_elongation_change_no_match(prefix: str, mark: str, more: int, name: str) -> None:
    """A name in its place is found however it is pointed, and behind any prefix; a letter drawn out beyond three
    reads as three."""
    matcher = Matcher([BrandNames(1, name)], leanings={(1, name): 9.0})
    drawn = Matcher([BrandNames(1, name[0] * 3 + name[1:])], leanings={(1, name[0] * 3 + name[1:]): 9.0})
    (plain,) = matcher.find(f"אמרו {name} אתמול")
    (pointed,) = matcher.find(f"אמרו {mark.join(prefix + name)} אתמול")
    (long,) = drawn.find(f"אמרו {name[0] * (3 + more)}{name[1:]} אתמול")
    assert (plain.name, plain.prefix) == (pointed.name, "") or pointed.prefix == prefix
    assert long.prefix == "" and long.end - long.start == len(name) + 2 + more


@pytest.mark.parametrize(
    ("name", "text", "found", "why"),
    [
        ("לומיקולה", "קניתי בלומיקלה אתמול", "לומיקלה", "prefix:ב spelling"),
        ("שווארמייה", "אכלנו בשוארמייה", "שוארמייה", "prefix:ב spelling"),
        ("לומיקולה", "קניתי בלומיכולה", "לומיכולה", "prefix:ב typo"),
        ("לומיקולה", "lumikola היו בסדר", "lumikola", "letters"),
        ("Bronil", "חזרתי לברוניל אחרי שנה", "ברוניל", "prefix:ל letters"),
        ("אלומה", "tkunv שוב איחרו", "tkunv", "layout"),
        ("אלומה", "קניתי ctkunv", "tkunv", "prefix:ב layout"),
        ("Bronil", "נםרמןך", "", ""),
        ("אלומה", "#תודהאלומה", "אלומה", "hashtag split"),
        ("אלומה", "#הלחםשלאלומה", "אלומה", "hashtag split"),
        ("בן-גוריון", "בבן - גוריון", "בן - גוריון", "prefix:ב"),
    ],
)
def test_other_spellings_and_slips_are_tried(name: str, text: str, found: str, why: str) -> None:
    matches = Matcher([BrandNames(1, name)]).find(text)
    assert [(text[one.start : one.end], one.why) for one in matches] == ([(found, why)] if found else [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("חשמליק", "נכנסנו לחנות החשמלית"),
        ("נגרינה", "ריח של נגרייה"),
        ("לומי", "קנינו לומה ולמי זה"),
        ("אלומה", "#נגאלומהקק"),
        ("אלומה", "עלומה ואלימה"),
    ],
)
def test_another_word_is_no_slip_of_a_name(name: str, text: str) -> None:
    assert Matcher([BrandNames(1, name)]).find(text) == []


def test_an_alternative_that_is_another_name_is_not_tried() -> None:
    matcher = Matcher([BrandNames(1, "לומיקולה"), BrandNames(2, "לומיכולה")])
    assert [one.brand for one in matcher.find("לומיכולה")] == [2]


def test_a_common_word_is_the_brand_by_its_context() -> None:
    matcher = Matcher([BrandNames(1, "זרם", ("חברת זרם", "@zerem"))])
    (found,) = matcher.find("הנציג של זרם לא חזר אליי")
    assert found.rule == "context" and found.p is not None and found.p >= 0.6
    assert set(found.context) <= {"הנציג", "של", "לא", "חזר", "אליי"} and found.context
    assert matcher.find("הַמְּחִירים של זרם עלו")[0].context == ("של", "הַמְּחִירים")
    assert matcher.find("בכל רגע נתון הזרם חזק, כמו בכל נהר") == []
    (aside,) = matcher.set_aside("בכל רגע נתון הזרם חזק, כמו בכל נהר")
    assert aside.rule == "context" and aside.p is not None and aside.p < 0.6
    assert [one.rule for one in matcher.find("חברת זרם ניתקה אותי, הזרם חזק כמו בכל נהר")] == ["name", "named"]
    assert [one.rule for one in matcher.find("@zerem הזרם חזק כמו בכל נהר")] == ["name", "named"]


def test_a_made_up_name_needs_no_context() -> None:
    for name in ("לומיקה", "ברוניל", "קרנצ'וקי", "אלומה", "Aluma"):
        for text in (f"בכל {name} נתון", f"{name}", f"ב{name} ירד גשם"):
            assert [one.rule for one in Matcher([BrandNames(1, name)]).find(text)] == ["name"]


def test_words_of_a_topic_are_what_they_say() -> None:
    words = [BrandNames(1, "זרם", ("לומיקולה",))]
    assert [one.rule for one in Matcher(words, as_words=True).find("בכל רגע נתון הזרם חזק")] == ["name"]
    assert Matcher(words, as_words=True).find("לומיכולה") == []


def test_the_owners_words_decide_before_the_guard() -> None:
    matcher = Matcher([BrandNames(1, "אלומה", (), (), ("מאפייה", "לחם"), ("של אור", "חיטה"))])
    (found,) = matcher.find("קניתי לַחם באלומה")
    assert (found.rule, found.context, found.why) == ("required", ("לַחם",), "prefix:ב")
    assert [one.rule for one in matcher.find("הלכתי למאפיה, אלומה סגורה")] == ["required"]
    assert matcher.find("פגשתי את אלומה") == []
    assert [(one.rule, one.context) for one in matcher.set_aside("פגשתי את אלומה")] == [("required", ())]
    assert matcher.find("לחם ואלומה של אור") == []
    assert [one.context for one in matcher.set_aside("לחם ואלומה של אור")] == [("של אור",)]
    far = "לחם אלומה " + "ועוד מילה " * 8 + "חיטה"
    assert [one.rule for one in matcher.find(far)] == ["required"]


def test_marks_by_hand_move_a_name() -> None:
    text = "פגשתי את אלומה בערב"
    assert bias_of_marks([]) == 0
    wrong, right = bias_of_marks([(0.9, False)] * 20), bias_of_marks([(0.4, True)] * 20)
    assert wrong < -2 < 1 < right
    assert Matcher([BrandNames(1, "אלומה")], leanings={(1, "אלומה"): -9.0}).find(text) == []
    assert Matcher([BrandNames(1, "אלומה")], leanings={(1, "אלומה"): 9.0}).find(text)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30), st.floats(0, 1))
def test_one_more_right_mark_never_lowers_a_name(marks: list[tuple[float, bool]], p: float) -> None:
    assert (
        bias_of_marks([*marks, (p, True)]) >= bias_of_marks(marks) - 1e-6 >= bias_of_marks([*marks, (p, False)]) - 2e-6
    )


@given(st.text(alphabet="אבהולמש זרם#_'\"-.tzrox", max_size=60))
def test_a_name_is_found_as_a_word_or_not_at_all(text: str) -> None:
    """Whatever is found stands behind a prefix that the grammar knows, or nothing, and before the end of a word."""
    for one in Matcher([BrandNames(1, "זרם"), BrandNames(2, "אלומה"), BrandNames(3, "zrox")]).find(text):
        assert PREFIX.fullmatch(one.prefix)
        if "split" not in one.why:
            assert not re.match(r"\w", text[one.end : one.end + 1].replace("_", " "))


def test_what_is_found_is_not_set_aside() -> None:
    matcher = Matcher([BrandNames(1, "זרם", (), ("זרם חשמלי",), (), ("ים",))])
    text = "בזרם, זרם חשמלי, הזרם בים. " + "ועוד מילים רבות באות כאן " * 3 + "הנציג של זרם"
    kept, aside = matcher.find(text), matcher.set_aside(text)
    assert not {one.start for one in kept} & {one.start for one in aside}
    assert {"exclusion", "forbidden"} <= {one.rule for one in aside}


def test_a_text_full_of_names_takes_bounded_time() -> None:
    started = time.process_time()
    assert len(MATCHER.find("אלומה " * 16_000)) == 16_000
    MATCHER.find("אלומה_" * 16_000)
    MATCHER.find("אלומה ניר " * 10_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "heap", ["זרם ", "זרם ים ", "לחם זרם ", "#תודהזרם ", "#זרםזרם", "zrox", "tkunv,", "#tkunvלחםזרם"]
)
def test_a_text_full_of_doubt_takes_bounded_time(heap: str) -> None:
    matcher = Matcher([BrandNames(1, "זרם", ("אלומה",), (), (), ("ים",)), BrandNames(2, "זרם", (), (), ("לחם",))])
    started = time.process_time()
    matcher.find((heap * 100_000)[:100_000])
    assert time.process_time() - started < 6


def test_a_huge_text_with_odd_characters_takes_bounded_time() -> None:
    started = time.process_time()
    assert len(MATCHER.find("הלחם של אלומה נהדר 😀 " * 50_000)) == 50_000
    assert time.process_time() - started < 4


def shared(name: str) -> Path:
    folder = Path(os.environ.get("SIACH_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data") / name
    if not folder.is_dir():
        pytest.skip(f"The shared data {name} are not on this machine.")
    return folder


def _met(matcher: Matcher, sentence: dict[str, Any]) -> tuple[int, int, int, int]:
    """Hits, hits inside a gold mention, gold mentions, gold mentions that were hit."""
    tokens = sentence["tokens"]
    starts = [sum(len(token) + 1 for token in tokens[:i]) for i in range(len(tokens) + 1)]
    gold = {(starts[org["span"][0]], starts[org["span"][1]]) for org in sentence["orgs"]}
    found = {match.start for match in matcher.find(" ".join(tokens))}
    inside = {(start, span) for start in found for span in gold if span[0] <= start < span[1]}
    return len(found), len({start for start, _span in inside}), len(gold), len({span for _start, span in inside})


def test_organisations_in_newspapers_are_found_behind_their_prefixes() -> None:
    """Recall and precision on sentences that no rule was made for: names of three letters and more."""
    lines = (shared("he-brand-mentions") / "nemo.jsonl").read_text("utf-8").splitlines()
    sentences = [json.loads(line) for line in lines]
    names = {("ה" if org["art"] else "") + org["name"] for one in sentences for org in one["orgs"]}
    kept = sorted(name for name in names if sum(map(str.isalpha, name)) >= 3)
    matcher = Matcher([BrandNames(i, name) for i, name in enumerate(kept)])
    counts = [_met(matcher, one) for one in sentences if one["split"] == "dev"]
    hits, right, wanted, reached = (sum(column) for column in zip(*counts, strict=True))
    assert reached / wanted > 0.88
    assert right / hits > 0.75
