"""Linear models over hashed features: many heads in one table of small integers, in a file that holds numbers alone.

A text's score for an output is x·w + z·v + b: x its features, log counts times inverse document frequency at length
one, over the columns that the model keeps; z = log(1 + tally), with two more columns (`TALLIED`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from siach.language.features import SIZE, Features, features, word_columns
from siach.language.tallies import TALLIES, tally
from siach.language.tokens import Floats, Indices, tokenize

FORMAT = 1  # another whenever features or tallies mean something else
TALLIED = len(TALLIES) + 2
BATCH = 256
_STEPS = 127
_WORDS_LEAST = 4


@dataclass(frozen=True, slots=True)
class Head:
    """What one group of outputs tells; `at` is the first of them. A head of a `domain` stands for the one of its name
    without, for texts of that domain."""

    name: str
    labels: tuple[str, ...]
    at: int
    domain: str = ""

    @property
    def outputs(self) -> slice:
        return slice(self.at, self.at + len(self.labels))


@dataclass(frozen=True, slots=True)
class Scored:
    """Of n texts: `outputs` (n, outputs) are the scores, `tallies` (n, len(TALLIES)), `known` (n) the share of their
    words and signs that a training text had, 1 for texts of fewer than four."""

    outputs: Floats
    tallies: Floats
    known: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """`weights` (SIZE, outputs) int8 with one scale an output, `idf` (SIZE) 0 where a column is not kept, `tallied`
    (TALLIED, outputs), `bias` (outputs). `header` tells version, data, licences, scores, temperatures."""

    heads: tuple[Head, ...]
    weights: npt.NDArray[np.int8]
    scales: Floats
    idf: Floats
    tallied: Floats
    bias: Floats
    header: Mapping[str, Any]

    def head(self, name: str, domain: str = "") -> Head | None:
        """The head of that name and domain."""
        return next((one for one in self.heads if one.name == name and one.domain == domain), None)

    def scores(self, texts: Sequence[str]) -> Scored:
        """The scores of the texts."""
        parts = [self._scored(texts[at : at + BATCH]) for at in range(0, len(texts) or 1, BATCH)]
        return Scored(*(np.concatenate([getattr(part, name) for part in parts]) for name in Scored.__slots__))

    def _scored(self, texts: Sequence[str]) -> Scored:
        tokens = tokenize(texts)
        found, tallies = features(len(texts), tokens), tally(len(texts), tokens)
        # In double, so that a text's score does not depend on which others stand beside it.
        by_tallies = (tallied(tallies).astype(np.float64) @ self.tallied.astype(np.float64)).astype(np.float32)
        known = np.bincount(tokens.row, self.idf[word_columns(tokens)] > 0, len(texts))
        words = np.bincount(tokens.row, minlength=len(texts))
        share = np.where(words >= _WORDS_LEAST, known / np.maximum(words, 1), 1.0).astype(np.float32)
        return Scored(self._summed(found) * self.scales + by_tallies + self.bias, tallies, share)

    def _summed(self, found: Features) -> Floats:
        """The sum of each text's rows of the table, by their values."""
        starts, columns, values = weighed(found, self.idf)
        sums = np.zeros((len(starts) - 1, self.weights.shape[1]), np.float32)
        rows = self.weights[columns].astype(np.float32)
        for at, (first, end) in enumerate(pairwise(starts.tolist())):
            sums[at] = values[first:end] @ rows[first:end]
        return sums


def weighed(found: Features, idf: Floats) -> tuple[Indices, Indices, Floats]:
    """(starts, columns, values) over the columns that `idf` keeps; the squares of a text's values sum to one."""
    kept = idf[found.columns] > 0
    starts = np.concatenate(([0], np.cumsum(kept)))[found.starts]
    columns = found.columns[kept]
    values = (1 + np.log(found.counts[kept])) * idf[columns]
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    norms = np.sqrt(np.bincount(rows, values.astype(np.float64) ** 2, len(starts) - 1))
    return starts, columns, (values / norms[rows]).astype(np.float32)


def tallied(tallies: Floats) -> Floats:
    """(n, TALLIED): log(1 + tally), which of good and bad prevails, and whether neither was found."""
    good, bad = tallies[:, 0], tallies[:, 1]
    more = [np.sign(good - bad), (good + bad == 0).astype(np.float32)]
    return np.concatenate((np.log1p(tallies), np.stack(more, axis=1)), axis=1).astype(np.float32)


def softmax(scores: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """(n, classes) probabilities that sum to one, each rising in its own score."""
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    p: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return p


def logistic(scores: Floats) -> Floats:
    p: Floats = (1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -30, 30)))).astype(np.float32)
    return p


# --- the file ---------------------------------------------------------------------------------------------


def quantized(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Weights (columns, outputs) in 127 steps to each side of zero, and the size of a step for each output."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / _STEPS
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


def save(model: Model, file: BinaryIO) -> None:
    """Write a model. Columns all of whose weights are zero are left out."""
    columns = np.flatnonzero((model.idf > 0) & (model.weights != 0).any(axis=1))
    heads = [{"name": one.name, "labels": one.labels, "at": one.at, "domain": one.domain} for one in model.heads]
    idf_step = float(model.idf.max()) / 255
    header = {**model.header, "format": FORMAT, "heads": heads, "idf_step": idf_step}
    np.savez_compressed(
        file,
        header=np.frombuffer(json.dumps(header, ensure_ascii=False, sort_keys=True).encode(), np.uint8),
        gaps=np.diff(columns, prepend=0).astype(np.uint16),
        weights=np.ascontiguousarray(model.weights[columns].T),
        idf=np.maximum(1, np.round(model.idf[columns] / idf_step)).astype(np.uint8),
        scales=model.scales,
        tallied=model.tallied.astype(np.float32),
        bias=model.bias.astype(np.float32),
    )


def load(path: Path) -> Model:
    """Read a model. ValueError when the file is none, or was made for other features."""
    with np.load(path, allow_pickle=False) as stored:
        header = json.loads(stored["header"].tobytes())
        if header["format"] != FORMAT:
            raise ValueError(f"{path.name} was trained for other features. Train it again: ./siach train")
        columns = np.cumsum(stored["gaps"].astype(np.int64))
        table = np.zeros((SIZE, stored["weights"].shape[0]), np.int8)
        table[columns] = stored["weights"].T
        idf = np.zeros(SIZE, np.float32)
        idf[columns] = stored["idf"].astype(np.float32) * np.float32(header["idf_step"])
        heads = tuple(Head(one["name"], tuple(one["labels"]), one["at"], one["domain"]) for one in header["heads"])
        return Model(heads, table, stored["scales"], idf, stored["tallied"], stored["bias"], header)
