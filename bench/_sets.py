"""The labelled sets that readers are measured on, and training on a set alone: what the features can."""

from __future__ import annotations

import csv
import gzip
import io
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from siach.language.model import Model, softmax
from siach.language.own_posts import table
from siach.language.reading import LABELS, Domain
from siach.language.training.fitting import Settings, train
from siach.language.training.sets import Row, masked

Labels = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]

# One domain, one set: stronger. Chosen on fb's development rows and five folds of hebemo's.
ALONE = Settings(stranger_strength=4.0, stranger_balance=0.8)
_RU = {"speech": "positive", "skip": "neutral"}


def labelled(path: Path) -> tuple[list[str], Labels]:
    """Texts and sentiments of a set's file."""
    rows = list(table(path))
    return [masked(row["text"]) for row in rows], np.array([LABELS.index(row["label"]) for row in rows])  # type: ignore[arg-type]


def russian(path: Path) -> tuple[list[str], Labels]:
    """RuSentiment in three classes; `speech` (greetings, thanks) and `skip` are left out."""
    rows = [row for row in table(path) if row["label"] not in _RU]
    return [row["text"] for row in rows], np.array([LABELS.index(row["label"]) for row in rows])  # type: ignore[arg-type]


def airline(folder: Path) -> tuple[list[str], Labels]:
    """Tweets to airlines in the order of their time."""
    with gzip.open(folder / "airline-2015" / "tweets.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["tweet_created"])
    return [row["text"] for row in rows], np.array([LABELS.index(row["airline_sentiment"]) for row in rows])  # type: ignore[arg-type]


def complaints(folder: Path) -> tuple[list[str], Labels, list[str]]:
    """Texts, complaint or not, and the domain of each."""
    with gzip.open(folder / "complaints-acl19" / "complaints.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    labels = np.array([int(row["complaint"]) for row in rows])
    return [row["text"] for row in rows], labels, [row["domain"] for row in rows]


def tweeteval(folder: Path, part: str) -> tuple[list[str], Labels]:
    """Sentiment of a part (val, test)."""
    with tarfile.open(folder / "tweeteval" / "tweeteval_subset.tar.gz") as archive:
        texts, labels = (_lines(archive, f"sentiment_{part}_{kind}.txt") for kind in ("text", "labels"))
    return texts, np.array([int(label) for label in labels])


def _lines(archive: tarfile.TarFile, ending: str) -> list[str]:
    name = next(name for name in archive.getnames() if name.endswith(ending))
    found = archive.extractfile(name)
    assert found is not None
    return io.TextIOWrapper(found, "utf-8").read().rstrip("\n").split("\n")


def trained(texts: Sequence[str], labels: Labels, settings: Settings = ALONE) -> Model:
    """A model of one set alone."""
    return train([Row(text, "set", "", int(label)) for text, label in zip(texts, labels, strict=True)], {}, settings)


def probabilities(model: Model, texts: Sequence[str], domain: Domain = "", heat: float = 1.0) -> Probabilities:
    """(n, 3) of a model, by a domain."""
    scores = model.scores(texts).outputs
    head = model.head("sentiment", domain) or model.head("sentiment")
    assert head is not None
    return softmax(scores[:, head.outputs] / heat)


def only_sentiment(rows: Sequence[Row]) -> list[Row]:
    """Rows that train sentiment and nothing else."""
    return [replace(row, intent=None, levels={}) for row in rows]


def folds(groups: Sequence[str], count: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Which rows are held out, `count` times; a group stays together. Groups are dealt by size, the largest first."""
    names, sizes = np.unique(groups, return_counts=True)
    load, of_group = [0] * count, {}
    for at in np.argsort(-sizes, kind="stable"):
        least = load.index(min(load))
        of_group[str(names[at])] = least
        load[least] += int(sizes[at])
    fold = np.array([of_group[group] for group in groups])
    for one in range(count):
        yield fold == one
