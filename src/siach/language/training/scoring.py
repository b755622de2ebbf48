"""How right a reader is on labelled rows: the measures, and the sets that the model card reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from siach.language import readers
from siach.language.measures import f1, macro_f1
from siach.language.own_posts import table
from siach.language.reading import LABELS, Domain

BINS = 15
Probabilities = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Of a set: accuracy, macro-F1 over the classes that occur, AUC of the first class against the rest, and ECE."""

    name: str
    rows: int
    accuracy: float
    f1: float
    auc: float
    ece: float
    f1_of_first: float = 0.0


# The public sets that a card reports: folder, file, domain as known to the reader.
CARD_SETS: tuple[tuple[str, str, Domain], ...] = (
    ("he-fb-sentiment", "test.tsv", "person"),
    ("he-hebemo-emotion", "test.tsv", "news"),
    ("he-survey-sentiment", "dev.tsv", ""),
    ("ar-arsarcasm-v2", "test.tsv", ""),
)


def scored(name: str, p: Probabilities, labels: Labels) -> Scores:
    """The scores of probabilities (n, classes) against labels (n)."""
    said = p.argmax(1)
    return Scores(
        name,
        len(labels),
        float((said == labels).mean()),
        macro_f1(said, labels),
        auc(p[:, 0], labels == 0),
        calibration_error(p, labels),
        f1(said == 0, labels == 0),
    )


def scores(data: Path) -> list[Scores]:
    """The embedded reader on the sets of the card, as far as the folder has them."""
    found = []
    for folder, file, domain in CARD_SETS:
        if (data / folder / file).exists():
            rows = list(table(data / folder / file))
            labels = np.array([LABELS.index(row["label"]) for row in rows])
            name = f"{folder} {file.removesuffix('.tsv')}{', place known' if domain else ''}"
            found.append(scored(name, read([row["text"] for row in rows], domain), labels))
    return found


def read(texts: Sequence[str], domain: Domain = "", reader: str = "linear") -> Probabilities:
    """(n, 3) probabilities of a reader."""
    readings = readers.load(reader).read(texts, [None] * len(texts), [domain] * len(texts))
    return np.array([reading.p for reading in readings])


def auc(scores: npt.NDArray[np.floating], true: npt.NDArray[np.bool_]) -> float:
    """The share of pairs that are put in order, ties by half (Mann and Whitney)."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_ranks = np.bincount(place, ranks) / counts
    yes, no = int(true.sum()), int((~true).sum())
    return float((mean_ranks[place][true].sum() - yes * (yes + 1) / 2) / max(1, yes * no))


def calibration_error(p: Probabilities, labels: Labels) -> float:
    """Expected calibration error over 15 bins of the likeliest class's probability (Naeini et al. 2015)."""
    top, right = p.max(1), p.argmax(1) == labels
    places = np.minimum((top * BINS).astype(int), BINS - 1)
    gaps = np.abs(np.bincount(places, top - right, BINS))
    return float(gaps.sum() / len(labels))
