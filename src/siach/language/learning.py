"""What the posts that people judged in one place teach of its words, beside what a reader says.

q = softmax(a_k log p_k + b_k + x·w_k): p the reader's own score of a text, a and b a scale and a bias for each class as
in `calc.calibration`, x the text's features (`features`, log counts at length one; `tallies` as the shipped models are
given them), w what these words add. The fit is the most probable one (MAP) where a, b are as likely to be off as
`RIDGE` posts let them, and w comes from a normal distribution about nought that is narrow in two ways: each w alone
(`HELD`), and what they make together of usual posts, which are to stay as they are (`STILL`): what a place calls by
words of its own is learnt freely, words of everybody only as far as it needs. Without posts it is the reader's own
score, without words it is calibration. Minimised by L-BFGS (Nocedal and Wright, Numerical Optimization, 2006,
algorithms 7.4 and 7.5) with Armijo's rule; the loss is convex, so there is one answer.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from siach.language.features import SIZE, features
from siach.language.model import TALLIED, softmax, tallied, weighed
from siach.language.own_posts import own_posts
from siach.language.tallies import tally
from siach.language.tokens import Indices, tokenize

FORMAT = 1  # another whenever features or tallies mean something else
COLUMNS = SIZE + TALLIED  # the tallies stand behind the hashed features
LEAST_TEXTS = 2  # a column that fewer texts have teaches nothing
RIDGE, LEAST, MOST = 10.0, 0.2, 5.0  # as in calc.calibration
HELD, STILL = 0.5, (0.1, 1.0, 10.0)  # how they were chosen stands in docs/language.md
FLOOR = 0.0005  # of a reader's score, which is stored per mille
_TALLIES = 0.25  # their scale, as in training.fitting
_STEPS = 127
_MEMORY, _MOST_STEPS, _ENOUGH = 20, 200, 3e-5
_BATCH = 500
_USUAL = 1_000

Array = npt.NDArray[np.float64]
_Loss = Callable[[Array], tuple[float, Array]]  # its value and slopes


@dataclass(frozen=True, slots=True)
class Cells:
    """The features of n texts: text i has `values[starts[i] : starts[i + 1]]` in its `columns` (0 to COLUMNS - 1)."""

    starts: Indices
    columns: Indices
    values: Array

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def rows(self) -> Indices:
        """The text of each cell."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def of(self, inside: npt.NDArray[np.bool_]) -> Cells:
        """The texts that are marked (n), in order."""
        cells = inside[self.rows]
        starts = np.concatenate(([0], np.cumsum(np.diff(self.starts)[inside])))
        return Cells(starts, self.columns[cells], self.values[cells])

    def before(self, other: Cells) -> Cells:
        """These texts and then the others."""
        return Cells(
            np.concatenate((self.starts, self.starts[-1] + other.starts[1:])),
            np.concatenate((self.columns, other.columns)),
            np.concatenate((self.values, other.values)),
        )


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of one place: `scale` and `bias` (3), and of each of its `columns` (ascending) how much it moves
    negative and positive, in steps (n, 2) of the size `step`. The three classes together are never moved."""

    scale: Array
    bias: Array
    columns: Indices
    steps: npt.NDArray[np.int8]
    step: float

    def scores(self, p: Array, cells: Cells) -> Array:
        """(n, 3) that sum to one: the reader's scores p (n, 3) of these texts as this place means them."""
        return softmax(np.log(np.maximum(p, FLOOR)) * self.scale + self.bias + self._moved(cells))

    def words_alone(self) -> Learnt:
        """What the words add on the reader's own scale, without the place's shares of the classes."""
        step = self.step / float(self.scale.mean())
        return Learnt(np.ones(3), np.zeros(3), self.columns, self.steps, step)

    def _moved(self, cells: Cells) -> Array:
        moved = np.zeros((len(cells), 3))
        if len(self.columns):
            places = np.minimum(np.searchsorted(self.columns, cells.columns), len(self.columns) - 1)
            held = np.flatnonzero(self.columns[places] == cells.columns)
            rows, weights = cells.rows[held], self.steps[places[held]] * (cells.values[held] * self.step)[:, None]
            moved[:, 0], moved[:, 2] = (np.bincount(rows, weights[:, at], len(cells)) for at in range(2))
            moved[:, 1] = -moved[:, 0] - moved[:, 2]
        return moved


def cells_of(texts: Sequence[str]) -> Cells:
    """The features of texts, from which the names of their brands were taken (`leaving_out.unnamed`)."""
    parts = [_cells(texts[at : at + _BATCH]) for at in range(0, len(texts) or 1, _BATCH)]
    sizes = np.concatenate([np.diff(part.starts) for part in parts])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    return Cells(starts, *(np.concatenate([getattr(part, name) for part in parts]) for name in ("columns", "values")))


def _cells(texts: Sequence[str]) -> Cells:
    tokens = tokenize(texts)
    starts, columns, values = weighed(features(len(texts), tokens), np.ones(SIZE, np.float32))
    counts = tallied(tally(len(texts), tokens)).astype(np.float64) * _TALLIES
    rows, places = np.nonzero(counts)
    every = np.concatenate((np.repeat(np.arange(len(texts)), np.diff(starts)), rows))
    order = np.argsort(every, kind="stable")
    return Cells(
        np.searchsorted(every[order], np.arange(len(texts) + 1)),
        np.concatenate((columns, SIZE + places))[order],
        np.concatenate((values.astype(np.float64), counts[rows, places]))[order],
    )


@lru_cache(maxsize=2)
def usual(language: str) -> Cells:
    """The features of a thousand of our own posts of a language, spread over its corpus."""
    texts = [text for text, _sentiment in own_posts("corpus", language)]
    return cells_of(texts[:: max(1, len(texts) // _USUAL)][:_USUAL])


# --- the fit ----------------------------------------------------------------------------------------------


def fit(
    p: Array,
    truth: Array,
    weight: Array,
    cells: Cells | None = None,
    usual: Cells | None = None,
    *,
    still: float = STILL[0],
) -> Learnt:
    """What these posts teach: a reader's scores p (n, 3) of them beside what they are (n, 3, shares that sum to one),
    each for as many posts as its weight (n). `usual` posts are left as they are. Without cells no word is learnt. The
    same rows give the same bytes."""
    logs, count = np.log(np.maximum(p, FLOOR)), len(p)
    table = _Table(cells, usual, count)

    def loss(at: Array) -> tuple[float, Array]:
        scale, bias, words = at[:3], at[3:6], at[6:].reshape(-1, 3)
        moved = table.times(words)
        q, losses = _softmax_and_loss(logs * scale + bias + moved[:count], truth)
        off = weight[:, None] * (q - truth)
        held = RIDGE * (((scale - 1) ** 2).sum() + (bias**2).sum()) + HELD * (words**2).sum()
        value = (weight * losses).sum() + (held + still * (moved[count:] ** 2).sum()) / 2
        of_words = table.turned(np.concatenate((off, still * moved[count:]))) + HELD * words
        slopes = (off * logs).sum(0) + RIDGE * (scale - 1), off.sum(0) + RIDGE * bias, of_words.ravel()
        return float(value), np.concatenate(slopes)

    start = np.zeros(6 + 3 * len(table.columns))
    start[:3] = 1
    bends = (
        RIDGE + (weight[:, None] * logs**2).sum(0) / 4,
        np.full(3, RIDGE + weight.sum() / 4),
        np.repeat(HELD + table.squares(np.concatenate((weight / 4, np.full(table.count - count, still)))), 3),
    )
    found = _bounded(loss, start, np.concatenate(bends))
    return _rounded(found[:3], found[3:6], table.columns, found[6:].reshape(-1, 3))


class _Table:
    """The cells of the columns that are learnt, by text and by column: `count` texts, then the usual ones."""

    def __init__(self, cells: Cells | None, usual: Cells | None, count: int) -> None:
        self.count = count + (len(usual) if usual else 0)
        texts = np.bincount(cells.columns, minlength=COLUMNS) if cells else np.zeros(COLUMNS)
        self.columns = np.flatnonzero(texts >= LEAST_TEXTS)
        if cells is None or not len(self.columns):
            return
        both = cells.before(usual) if usual else cells
        inside = texts[both.columns] >= LEAST_TEXTS
        rows, self.values = both.rows[inside], both.values[inside]
        self.places = np.searchsorted(self.columns, both.columns[inside])
        self.filled, self.begins = np.unique(rows, return_index=True)
        order = np.argsort(self.places, kind="stable")
        self.rows_by_column, self.values_by_column = rows[order], self.values[order]
        self.begins_by_column = np.searchsorted(self.places[order], np.arange(len(self.columns)))

    def times(self, words: Array) -> Array:
        """(count, 3): what the words add to each text."""
        added = np.zeros((self.count, 3))
        if len(self.columns):
            for k in range(3):
                cells = np.ascontiguousarray(words[:, k])[self.places] * self.values
                added[self.filled, k] = np.add.reduceat(cells, self.begins)
        return added

    def turned(self, off: Array) -> Array:
        """(columns, 3): what is off in the texts of each column."""
        summed = np.zeros((len(self.columns), 3))
        if len(self.columns):
            for k in range(3):
                cells = np.ascontiguousarray(off[:, k])[self.rows_by_column] * self.values_by_column
                summed[:, k] = np.add.reduceat(cells, self.begins_by_column)
        return summed

    def squares(self, weight: Array) -> Array:
        """(columns): the squares of each column's cells, by the weights of their texts."""
        if not len(self.columns):
            return np.zeros(0)
        return np.add.reduceat(weight[self.rows_by_column] * self.values_by_column**2, self.begins_by_column)


def _softmax_and_loss(scores: Array, truth: Array) -> tuple[Array, Array]:
    shifted = scores - scores.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.exp(shifted - total), -(truth * (shifted - total)).sum(axis=1)


def _bounded(loss: _Loss, at: Array, bends: Array) -> Array:
    """The least loss where scales stay between `LEAST` and `MOST`: those that would not are held there, and the rest is
    sought again."""
    held = np.zeros(len(at), bool)

    def free(there: Array) -> tuple[float, Array]:
        value, slopes = loss(there)
        return value, np.where(held, 0, slopes)

    while True:
        at = _least(free, at, bends)
        beyond = (at[:3] < LEAST) | (at[:3] > MOST)
        if not beyond.any():
            return at
        held[:3] |= beyond
        at[:3] = np.clip(at[:3], LEAST, MOST)


def _least(loss: _Loss, at: Array, bends: Array) -> Array:
    """Where a smooth convex loss is least, from its values and slopes, and about how much it bends in each place."""
    value, slopes = loss(at)
    steps: list[tuple[Array, Array]] = []
    for _step in range(_MOST_STEPS):
        way = _way(slopes, steps, bends)
        downhill, size = _dot(slopes, way), 1.0
        while True:
            moved = at - size * way
            there, new = loss(moved)
            if there <= value - 1e-4 * size * downhill:
                break
            size /= 2
            if size < 1e-9:
                return at
        if _dot(moved - at, new - slopes) > 0:
            steps = [*steps[1 - _MEMORY :], (moved - at, new - slopes)]
        gained, at, value, slopes = value - there, moved, there, new
        if gained < _ENOUGH * max(1.0, abs(value)):
            break
    return at


def _way(slopes: Array, steps: Sequence[tuple[Array, Array]], bends: Array) -> Array:
    """The slopes times what bends and the last steps tell of the inverse of the second derivatives."""
    way, shares = slopes.copy(), []
    for moved, bent in reversed(steps):
        share = _dot(moved, way) / _dot(bent, moved)
        shares.append(share)
        way -= share * bent
    way /= bends
    if steps:
        moved, bent = steps[-1]
        way *= _dot(moved, bent) / _dot(bent, bent / bends)
    for (moved, bent), share in zip(steps, reversed(shares), strict=True):
        way += moved * (share - _dot(bent, way) / _dot(bent, moved))
    return way


def _dot(one: Array, other: Array) -> float:
    """Not by BLAS, whose threads would add in an order of their own and wait for each other."""
    return float(np.einsum("i,i->", one, other))


def _rounded(scale: Array, bias: Array, columns: Indices, words: Array) -> Learnt:
    """In steps of eight bits; columns that move nothing by a step are left out."""
    words = (words - words.mean(axis=1, keepdims=True))[:, [0, 2]]
    step = float(np.abs(words).max(initial=0)) / _STEPS or 1.0
    steps = np.round(words / step).astype(np.int8)
    kept = (steps != 0).any(axis=1)
    return Learnt(scale.copy(), bias.copy(), columns[kept], steps[kept], step)


# --- as bytes ---------------------------------------------------------------------------------------------


def packed(learnt: Learnt) -> bytes:
    """A few kilobytes that `unpacked` makes the same of."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        format=np.array([FORMAT], np.uint16),
        numbers=np.concatenate((learnt.scale, learnt.bias, [learnt.step])),
        gaps=np.diff(learnt.columns, prepend=0).astype(np.uint32),
        steps=np.ascontiguousarray(learnt.steps.T),
    )
    return file.getvalue()


def unpacked(data: bytes) -> Learnt:
    """What `packed` made. ValueError when it was learnt of other features."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        if int(stored["format"][0]) != FORMAT:
            raise ValueError("This was learnt of other features.")
        numbers: npt.NDArray[Any] = stored["numbers"]
        columns = np.cumsum(stored["gaps"].astype(np.int64))
        return Learnt(numbers[:3], numbers[3:6], columns, np.ascontiguousarray(stored["steps"].T), float(numbers[6]))
