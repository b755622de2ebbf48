"""The labelled sets that shipped weights are trained on, as rows of one form. Only sets whose licence allows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from siach.language.own_posts import file_of, table
from siach.language.reading import EMOTIONS, INTENTS, LABELS, Domain

# What is asked of a crowd beside our emotions: trained, since measured, but not shown.
EXPECTATION = "expectation"
FEELINGS = (*EMOTIONS, EXPECTATION)
CORPUS_LANGUAGES = ("he", "en", "ru", "ar")

_MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "@"),
    (re.compile(r"@\w+"), "@"),
    (re.compile(r"\+?\d[\d -]{7,}\d"), "000"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A text and what is known of it: `sentiment` 0, 1, 2 as in LABELS, `intent` a position in INTENTS, None where
    not told; `levels` of 0 to 1 for FEELINGS, provokes, outrage, offensive, sarcasm, as far as told; `raters`
    weighs them."""

    text: str
    source: str
    domain: Domain
    sentiment: int | None = None
    intent: int | None = None
    levels: dict[str, float] = field(default_factory=dict)
    raters: float = 1.0


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A set of one language: its licence and the words that name its makers, for NOTICE and the model card."""

    name: str
    language: str
    licence: str
    credit: str
    read: Callable[[Path], Iterator[Row]]


def masked(text: str) -> str:
    """Without handles, mail addresses and long numbers."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


def _fb(folder: Path) -> Iterator[Row]:
    for row in table(folder / "he-fb-sentiment" / "train.tsv"):
        yield Row(masked(row["text"]), "fb", "person", LABELS.index(row["label"]))


CROWD = {"anger": "anger", "disgust": "disgust", "fear": "fear", "sadness": "sadness", "happy": "joy",
          "trust": "trust", "surprise": "surprise", "expectation": EXPECTATION}  # fmt: skip


def _hebemo(folder: Path) -> Iterator[Row]:
    for row in table(folder / "he-hebemo-emotion" / "train.tsv"):
        levels = {ours: float(row[theirs]) for theirs, ours in CROWD.items() if row[theirs]}
        label = LABELS.index(row["label"])
        yield Row(masked(row["text"]), "hebemo", "news", label, levels=levels, raters=float(row["n_raters"]))


def _seed(folder: Path) -> Iterator[Row]:
    """Sarcasm is an intent there; here it is a complaint that means the opposite of its words."""
    for row in table(folder / "he-brand-intent-seed" / "seed.tsv"):
        sarcastic = row["intent"] == "sarcasm"
        intent = INTENTS.index("complaint" if sarcastic else row["intent"])
        levels = {"anger": 0.7 * float(row["anger"]), "sarcasm": float(sarcastic)}
        label = LABELS.index(row["sentiment"])
        yield Row(masked(row["text"]), "seed", "service", label, intent, levels)


def _arsarcasm(folder: Path) -> Iterator[Row]:
    for row in table(folder / "ar-arsarcasm-v2" / "train.tsv"):
        label = LABELS.index(row["label"])
        yield Row(masked(row["text"]), "arsarcasm", "", label, levels={"sarcasm": float(row["sarcasm"])})


def _corpus(name: str, domain: Domain = "") -> Callable[[Path], Iterator[Row]]:
    def read(_folder: Path) -> Iterator[Row]:
        for row in table(file_of("corpus", name)):
            yield corpus_row(row, domain)

    return read


def _corpus_of_news(folder: Path) -> Iterator[Row]:
    """Their sentiment is towards whoever the news is about, not how a crowd rated such comments as a whole: taught
    beside that it made the reading of news a point and a half worse, and nothing better."""
    for row in _corpus("he-news", "news")(folder):
        yield replace(row, sentiment=None)


def corpus_row(row: dict[str, str], domain: Domain) -> Row:
    """A row of our own corpus; its README says what the columns mean. A domain is told where a language has several."""
    shown = row["emotions"].split(",")
    levels: dict[str, float] = {name: float(name in shown) for name in EMOTIONS}
    levels["anger"] = max(levels["anger"] * 0.5, int(row["anger"]) / 3)
    levels["provokes"] = int(row["provokes"]) / 2
    levels |= {name: float(row[name]) for name in ("outrage", "offensive", "sarcasm")}
    intent = INTENTS.index(row["intent"])
    return Row(masked(row["text"]), "corpus", domain, int(row["sentiment"]) + 1, intent, levels)


SETS = (
    TrainingSet("he-fb-sentiment", "he", "MIT", "Amram, Ben-David and Tsarfaty, COLING 2018 (omilab)", _fb),
    TrainingSet("he-hebemo-emotion", "he", "MIT", "HebEMO: Chriqui and Yahav, INFORMS J. Data Science 2022", _hebemo),
    TrainingSet("he-brand-intent-seed", "he", "Apache-2.0", "invented for Siach", _seed),
    TrainingSet("ar-arsarcasm-v2", "ar", "MIT", "Abu Farha, Zaghouani and Magdy, WANLP 2021", _arsarcasm),
    TrainingSet("corpus-he", "he", "Apache-2.0", "written for Siach", _corpus("he", "service")),
    TrainingSet("corpus-he-news", "he", "Apache-2.0", "written for Siach", _corpus_of_news),
    TrainingSet("corpus-en", "en", "Apache-2.0", "written for Siach", _corpus("en")),
    TrainingSet("corpus-ru", "ru", "Apache-2.0", "written for Siach", _corpus("ru")),
    TrainingSet("corpus-ar", "ar", "Apache-2.0", "written for Siach", _corpus("ar")),
)


def rows_of(language: str, folder: Path) -> list[Row]:
    """All rows of a language. FileNotFoundError when a set is not in the folder."""
    return [row for one in SETS if one.language == language for row in one.read(folder)]
