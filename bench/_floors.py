"""The floors that readers are compared with: VADER and TextBlob for English, AFINN for Hebrew, Arabic and Russian."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bench._sets import Labels
from bench.figures import Figure
from siach.language.clean import key, tokens
from siach.language.measures import macro_f1

COMMAND = "./siach bench language"
EDGE = 0.05  # within it a polarity of -1 to 1 is neutral, as VADER's authors advise


def english(name: str, texts: Sequence[str], labels: Labels) -> Iterator[Figure]:
    """VADER and TextBlob on a set."""
    yield from _figures(name, {"VADER": vader(), "TextBlob": textblob()}, texts, labels)


def afinn(name: str, path: Path, texts: Sequence[str], labels: Labels) -> Iterator[Figure]:
    """AFINN on a set, by single words without inflection."""
    with path.open(encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in list(lines)[1:])
        valences = {key(term): float(valence) for term, valence in rows}

    def polarity(text: str) -> float:
        return sum(valences.get(key(text[start:end]), 0.0) for start, end in tokens(text))

    yield from _figures(name, {"AFINN": polarity}, texts, labels)


def vader() -> Callable[[str], float]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda text: float(analyzer.polarity_scores(text)["compound"])


def textblob() -> Callable[[str], float]:
    from textblob import TextBlob

    return lambda text: float(TextBlob(text).sentiment.polarity)


def _figures(
    name: str, floors: dict[str, Callable[[str], float]], texts: Sequence[str], labels: Labels
) -> Iterator[Figure]:
    for floor, polarity in floors.items():
        values = np.array([polarity(text) for text in texts])
        said = np.where(values >= EDGE, 2, np.where(values <= -EDGE, 0, 1))
        yield Figure(f"{name}, {floor}: accuracy", round(float((said == labels).mean()), 3), "", None, COMMAND)
        yield Figure(f"{name}, {floor}: macro-F1", round(macro_f1(said, labels), 3), "", None, COMMAND)
