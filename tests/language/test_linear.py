"""The numbers under the embedded reader: features, tallies, models and their file, and that training repeats itself."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.language import readers
from siach.language.facts import facts
from siach.language.features import SIZE, features
from siach.language.model import TALLIED, Head, Model, load, logistic, quantized, save, softmax
from siach.language.reading import EMOTIONS, LABELS, BrandNames
from siach.language.tallies import TALLIES, tally
from siach.language.tokens import Floats, tokenize
from siach.language.training.fitting import train
from siach.language.training.sets import masked, rows_of

TEXT = st.text(max_size=60) | st.text(alphabet="אבגלםן טוב רע!?. it's\"'@#1:)(\u05b8\u200f😡👍\n", max_size=60)


@pytest.fixture(scope="module", autouse=True)
def _lists_are_read() -> None:
    """Before a test is timed."""
    told("")


def told(text: str) -> dict[str, float]:
    values = tally(1, tokenize([text]))[0]
    return {name: float(value) for name, value in zip(TALLIES, values, strict=True) if value}


def cells(texts: list[str]) -> list[dict[int, float]]:
    found = features(len(texts), tokenize(texts))
    spans = zip(found.starts[:-1], found.starts[1:], strict=True)
    return [dict(zip(found.columns[a:b].tolist(), found.counts[a:b].tolist(), strict=True)) for a, b in spans]


@given(st.lists(TEXT, max_size=5))
def test_a_text_has_the_same_features_whoever_stands_beside_it(texts: list[str]) -> None:
    assert cells(texts) == [cells([text])[0] for text in texts]
    together = tally(len(texts), tokenize(texts))
    alone = [tally(1, tokenize([text]))[0] for text in texts]
    assert together.shape == (len(texts), len(TALLIES))
    assert all(np.array_equal(row, one) for row, one in zip(together, alone, strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("שֵׁרוּת טוֹב", "שרות טוב"),
        ('צה"ל', "צהל"),
        ("GREAT Service", "great service"),
        ("טוווווווב", "טוווב"),
        ("הזמנה 4471", "הזמנה 9023"),
        ("\u202bשלום\u202c", "שלום"),
    ],
)
def test_what_tells_nothing_changes_nothing(one: str, other: str) -> None:
    assert cells([one]) == cells([other])


def test_word_lists_are_tallied() -> None:
    assert told("השירות לא טוב")["negated_good"] > 0 or told("השירות לא טוב")["bad"] > 0
    assert "negated_good" not in told("לא רציתי. טוב")  # a stop ends what a negation reaches
    assert told("בשירות המעולה")["good"] > 0  # behind prefixes
    assert told("ужасное обслуживание")["bad"] > 0  # by its stem
    assert told("הזמנתי ושילמתי")["own"] == 2
    assert told("שילמנו ולא קיבלנו")["ours"] == 2
    assert told("יא אידיוטים")["insult"] >= 2
    assert told("מתי?! עכשיו!!") == {"exclaims": 3, "asks": 1, "words": 2, "urgency": 1, "question": 0.8} | {
        name: value for name, value in told("מתי?! עכשיו!!").items() if name in ("alarms", "question", "urgency")
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("חייגו אליי 054-7712345", {"personal"}),
        ("הזמנה מספר 4471823 לא הגיעה", {"order"}),
        ("בסניף חיפה אין אף אחד", {"place"}),
        ("הייתי ברמת-גן אתמול", {"place"}),
        ("write to dana@example.com about order #55671", {"personal", "order"}),
        ("בשנת 2024 שילמתי 1500 שקל", set()),
        ("רמת הגולן יפה בחורף", set()),
    ],
)
def test_facts_are_found_by_their_form(text: str, expected: set[str]) -> None:
    assert facts(text) == expected


def small_model() -> Model:
    generator = np.random.default_rng(1)
    weights: Floats = np.zeros((SIZE, 5), np.float32)
    columns = generator.choice(SIZE, 3_000, replace=False)
    weights[columns] = generator.normal(size=(3_000, 5))
    table, scales = quantized(weights)
    heads = (Head("sentiment", LABELS, 0), Head("levels", ("anger", "joy"), 3))
    idf = np.where((table != 0).any(axis=1), np.float32(2.5), np.float32(0))
    tallied: Floats = generator.normal(size=(TALLIED, 5)).astype(np.float32)
    return Model(heads, table, scales, idf, tallied, np.zeros(5, np.float32), {"rows": 7})


def test_a_model_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model()
    path = tmp_path / "xx.npz"
    with path.open("wb") as file:
        save(model, file)
    again = load(path)
    texts = ["שירות טוב", "", "זה לא נעים בכלל!"]
    assert np.allclose(model.scores(texts).outputs, again.scores(texts).outputs, atol=1e-3)
    assert again.scores([]).outputs.shape == (0, 5)
    assert again.heads == model.heads
    assert again.header["rows"] == 7
    monkeypatch.setattr("siach.language.model.FORMAT", 0)
    with pytest.raises(ValueError, match="Train it again"):
        load(path)


@given(st.lists(st.floats(-30, 30, width=32), min_size=3, max_size=3), st.floats(0, 5, width=32))
def test_probabilities_sum_to_one_and_rise_with_their_own_evidence(scores: list[float], more: float) -> None:
    one = softmax(np.array([scores], np.float32))[0]
    raised = softmax(np.array([[scores[0] + more, *scores[1:]]], np.float32))[0]
    assert abs(one.sum() - 1) < 1e-9
    assert raised[0] >= one[0] - 1e-12
    assert (raised[1:] <= one[1:] + 1e-12).all()
    assert (np.diff(logistic(np.array(sorted(scores), np.float32))) >= 0).all()


def test_training_repeats_itself_to_the_byte() -> None:
    rows = [replace(row, levels={"anger": row.levels["anger"]}) for row in rows_of("en", Path())[:150]]
    written = []
    for _time in range(2):
        file = io.BytesIO()
        save(train(rows, {}), file)
        written.append(file.getvalue())
    assert written[0] == written[1]


def test_what_tells_who_wrote_is_masked() -> None:
    assert masked("@dana_k כתבו ל dana@example.com או 054-7712345") == "@ כתבו ל @ או 000"


def test_what_decided_stands_in_the_text_and_moved_the_reading() -> None:
    linear = readers.load("linear")
    text = "חיכיתי שעה, השירות היה מזעזע, אבל הקפה טעים"
    reading = linear.explain(text, BrandNames(1, "אלומה"), "service")
    said = {text[one.start : one.end]: one for one in reading.deciding}
    assert said["מזעזע"].kind == "negative"
    assert said["טעים"].weight > 0
    assert replace(reading, deciding=()) == linear.read([text], [None], ["service"])[0]


def test_a_text_says_more_than_its_sentiment() -> None:
    furious, grateful, sly = readers.load("linear").read(
        [
            "בושה וחרפה, גנבים! מחרימים אתכם, שתפו!!",
            "תודה רבה לצוות המקסים, שירות מעולה",
            "איזה יופי, רק שלוש שעות על הקו",
        ],
        [None] * 3,
        ["service"] * 3,
    )
    anger, joy = EMOTIONS.index("anger"), EMOTIONS.index("joy")
    assert furious.emotions[anger] > 0.5 > grateful.emotions[anger]
    assert grateful.emotions[joy] > 0.5 > furious.emotions[joy]
    assert furious.arousal > grateful.arousal
    assert furious.provokes > grateful.provokes
    assert sly.sarcasm > grateful.sarcasm
    assert "strange" not in furious.flags
    assert "strange" in readers.load("linear").read(["שלום"], [None])[0].flags
