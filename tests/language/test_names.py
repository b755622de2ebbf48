"""What finding names leans on: the other keyboard layout, hashtags, the other script, and training of the guard."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.language import guard_training
from siach.language.clean import key
from siach.language.frequency import frequencies
from siach.language.guard import packed, shipped, unpacked
from siach.language.hashtags import split
from siach.language.keyboard import by_hebrew_layout, by_latin_layout, unswitched
from siach.language.match import Matcher
from siach.language.reading import BrandNames
from siach.language.transliteration import in_hebrew, in_latin


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vnanuj tnr fh vakhj zv kt dshbu 3", "המשלוח אמר כי השליח זה לא גדינו 3"),
        ("akuo kfuko, nh hasg nv vnjhr?", "שלום לכולםת מי ידעג מה המחיר."),
        ("ןא ןד מםא עםםג, ן עןהק וט", None),
    ],
)
def test_a_text_of_the_wrong_layout_is_told(typed: str, meant: str | None) -> None:
    assert by_hebrew_layout(by_latin_layout("שלום מי שם")) == "שלום מי שם"
    read = unswitched(typed)
    assert read is not None and len(read) == len(typed)
    if meant is None:
        assert read.startswith("it is not good")


@pytest.mark.parametrize(
    "text",
    [
        "", "!!", "שלום לכולם, מי יודע מה המחיר?", "the order is late again", "Aluma Lumika", "@aluma https://aluma.example",
        "ok", "קניתי Aluma בקניון", "lol omg", "12:30", "aluma zerem lumika", "انا لا اعرف", "qwerty asdf",
    ],
)  # fmt: skip
def test_what_reads_well_stands(text: str) -> None:
    assert unswitched(text) is None


@given(st.text(max_size=80))
def test_any_text_may_be_asked_for_its_layout(text: str) -> None:
    read = unswitched(text)
    assert read is None or (len(read) == len(text) and read != text)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#תודהרבה", ["תודה", "רבה"]),
        ("#לאקונים_יותר", ["לא", "קונים", "יותר"]),
        ("#BoycottAluma2026", ["Boycott", "Aluma", "2026"]),
        ("#גזלצקפ", ["גזלצקפ"]),
        ("#תודהקרנצוקי", ["תודהקרנצוקי"]),
        ("#", []),
    ],
)
def test_a_hashtag_falls_into_known_words(tag: str, words: list[str]) -> None:
    assert split(tag, frequencies()) == words


def test_a_name_is_a_word_of_a_hashtag() -> None:
    assert split("#תודהקרנצוקי", frequencies(), {"קרנצוקי"}) == ["תודה", "קרנצוקי"]


@pytest.mark.parametrize(
    ("hebrew", "latin"),
    [("אלומה", "aluma"), ("ברוניל", "bronil"), ("לומיקה", "lumika"), ("זריז", "zariz"), ("בורגולה", "burgola")],
)
def test_names_cross_between_the_scripts(hebrew: str, latin: str) -> None:
    assert latin in in_latin(key(hebrew))
    assert key(hebrew) in in_hebrew(latin)
    assert in_latin(latin) == in_hebrew(key(hebrew)) == []


def _corpus(folder: Path) -> Path:
    """A data folder of a few invented sentences in the form of the real ones."""
    names, talk = folder / "he-brand-mentions", ("he-fb-sentiment", "he-hebemo-emotion", "he-brand-intent-seed")
    for one in (names, *(folder / name for name in talk)):
        one.mkdir()
    says, means = ["דובר", "חברת", "פינה", "אמר"], ["ישבנו", "בתוך", "פינה", "חמה"]
    marked = {"span": [2, 3], "name": "פינה", "prefix": "", "art": False}
    rows = [{"split": "train", "id": str(i), "tokens": says, "orgs": [marked]} for i in range(6)]
    rows += [{"split": "dev", "id": str(i), "tokens": means, "orgs": []} for i in range(6)]
    (names / "nemo.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    spoken = {"split": "train", "text": "אני פונה לוועדת הכנסת", "orgs": [[15, 21]], "other": []}
    (names / "knesset.jsonl").write_text(json.dumps(spoken), "utf-8")
    for name in ("he-fb-sentiment/train.tsv", "he-hebemo-emotion/train.tsv", "he-brand-intent-seed/seed.tsv"):
        (folder / name).write_text(
            "label\ttext\n0\tיש פינה יפה בגינה @dana 0501234567\n0\tהזמנתי משליחון אתמול\n", "utf-8"
        )
    return folder


def test_training_gives_the_same_bytes_twice_and_learns(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    data = _corpus(tmp_path / "data")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        guard_training.train(data, "2026-11-26", {"f1": 0.5}, tmp_path / name)
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert first == second and set(first) == {"common.txt", "guard.bin"}
    assert "dana" not in first["common.txt"].decode() and "0501234567" not in first["common.txt"].decode()
    learnt, known = guard_training.fitted(data, guard_training.sentences(data))
    matcher = Matcher([BrandNames(1, "פינה")])
    right, wrong = (
        next(learnt.logit(here, known) for _match, here in matcher.surroundings(text))
        for text in ("דובר חברת פינה אמר", "ישבנו בתוך פינה חמה")
    )
    assert right > wrong + 1


def test_the_shipped_guard_names_its_data_and_is_small() -> None:
    guard, known = shipped()
    assert "CC BY 4.0" in " ".join(guard.head["data"]) and guard.head["scores"] and guard.head["made"]
    assert known.is_common("בוקר") and not known.is_common("לומיקה")
    again = unpacked(packed([0.5, -1.0, 0.25, 2.0], {"made": "now"}))
    assert again.head["made"] == "now" and again.head["bias"] == 2.0
