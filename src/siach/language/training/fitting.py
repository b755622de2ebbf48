"""Fitting the heads of a linear model by penalised logistic regression.

Sentiment of a known domain: one copy of the features that all domains share and one for each domain (Daumé,
Frustratingly easy domain adaptation, 2007). Where the domain is unknown a head of its own speaks, fitted to all sets
and classes alike and held down harder: what is best where one knows the place is not best for strangers. Levels that
a crowd gave are soft targets: each row counts as yes with its level and as no with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from siach.language.features import SIZE, features
from siach.language.model import TALLIED, Head, Model, quantized, tallied, weighed
from siach.language.reading import EMOTIONS, INTENTS, LABELS, Domain
from siach.language.tallies import tally
from siach.language.tokens import Floats, tokenize
from siach.language.training.sets import EXPECTATION, Row

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SIGNS = ("provokes", "outrage", "offensive", "sarcasm")
LEVELS = (*EMOTIONS, EXPECTATION, *SIGNS)
LEAST_TEXTS = 2  # a column that fewer texts have is not kept
LEAST_ROWS = 40  # a head that fewer rows tell of is not trained


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen by the mean over left-out domains on development rows; docs/language.md tells what was tried.

    `strength`: C of a head; `own`: how much a domain's copy counts beside the shared one; `tallies`: the scale of the
    counts; `balance`: 1 makes classes weigh alike, 0 leaves them as they come. `stranger_`: of the head for unknown
    domains."""

    stranger_strength: float = 0.25
    stranger_balance: float = 1.0
    strength: float = 1.5
    own: float = 1.4
    tallies: float = 0.25
    balance: float = 0.75
    level_strength: float = 1.5
    level_balance: float = 0.5
    intent_strength: float = 8.0
    source_weights: tuple[tuple[str, float], ...] = (("corpus", 2.0), ("seed", 0.5))


Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Block:
    """Outputs fitted: weights (SIZE, k), tallied (TALLIED, k) and bias (k)."""

    weights: Floats
    tallied: Floats
    bias: Floats


class Trainer:
    """Fits the heads of one language on rows. The same rows and settings give the same model."""

    def __init__(self, rows: Sequence[Row], settings: Settings | None = None) -> None:
        from scipy.sparse import csr_matrix

        self.rows, self.settings = rows, settings or Settings()
        tokens = tokenize([row.text for row in rows])
        found = features(len(rows), tokens)
        texts = np.bincount(found.columns, minlength=SIZE)
        idf = np.log((1 + len(rows)) / (1 + texts)) + 1
        self.idf = np.where(texts >= LEAST_TEXTS, idf, 0).astype(np.float32)
        starts, columns, values = weighed(found, self.idf)
        self.kept = np.unique(columns)
        places = np.searchsorted(self.kept, columns)
        self.words = csr_matrix((values, places, starts), shape=(len(rows), len(self.kept)))
        self.tallied = csr_matrix(tallied(tally(len(rows), tokens)) * self.settings.tallies)

    def sentiment(self) -> list[tuple[Head, _Block]]:
        """A head for strangers, and one for each domain."""
        held = self._told(lambda row: row.sentiment is not None)
        labels = np.array([self.rows[at].sentiment for at in held])
        sources = [self.rows[at].source for at in held]
        alike = self._weighed(labels, sources, self.settings.stranger_balance, {})
        fitted, bias = _fit(self._both(held), labels, alike, self.settings.stranger_strength, len(LABELS))
        found = [(Head("sentiment", LABELS, 0), self._block(fitted, bias))]
        names = sorted({self.rows[at].domain for at in held} - {""})
        return [*found, *self._domains(held, labels, sources, names)] if names else found

    def _domains(
        self, held: npt.NDArray[np.int64], labels: npt.NDArray[Any], sources: Sequence[str], names: Sequence[Domain]
    ) -> list[tuple[Head, _Block]]:
        """One fit of what domains share and what each has of its own; a head is the sum of both."""
        from scipy.sparse import csr_matrix, hstack

        domains = np.array([self.rows[at].domain for at in held])
        own, width = self.settings.own, len(self.kept) + TALLIED
        parts = [self._both(held)]
        for name in names:
            inside = csr_matrix((domains == name).astype(np.float64)[:, None])
            parts += [self.words[held].multiply(inside) * own, self.tallied[held].multiply(inside), inside]
        weights = self._weighed(labels, sources, self.settings.balance, dict(self.settings.source_weights))
        fitted, bias = _fit(hstack(parts).tocsr(), labels, weights, self.settings.strength, len(LABELS))
        found = []
        for place, name in enumerate(names):
            at = width + place * (width + 1)
            block = fitted[at : at + width].copy()
            block[: len(self.kept)] *= own
            head = Head("sentiment", LABELS, 0, name)
            found.append((head, self._block(fitted[:width] + block, bias + fitted[at + width])))
        return found

    def intent(self) -> list[tuple[Head, _Block]]:
        """One head of all intents, if enough rows tell of them."""
        held = self._told(lambda row: row.intent is not None)
        if len(held) < LEAST_ROWS:
            return []
        labels = np.array([self.rows[at].intent for at in held])
        weights = self._weighed(labels, [self.rows[at].source for at in held], self.settings.balance, {})
        fitted, bias = _fit(self._both(held), labels, weights, self.settings.intent_strength, len(INTENTS))
        return [(Head("intent", INTENTS, 0), self._block(fitted, bias))]

    def levels(self) -> list[tuple[Head, _Block]]:
        """One head of all levels that enough rows tell of."""
        names, blocks = [], []
        for name in LEVELS:
            held = self._told(partial(_tells, name))
            values = np.array([self.rows[at].levels[name] for at in held])
            if len(held) >= LEAST_ROWS and 0 < values.sum() < len(values):
                names.append(name)
                blocks.append(self._level(held, values))
        if not names:
            return []
        whole = _Block(
            *(np.concatenate(parts, axis=-1) for parts in zip(*[_parts(one) for one in blocks], strict=True))
        )
        return [(Head("levels", tuple(names), 0), whole)]

    def _level(self, held: npt.NDArray[np.int64], values: Array) -> _Block:
        from scipy.sparse import vstack

        raters = np.array([min(6.0, self.rows[at].raters) ** 0.5 for at in held])
        yes, no = values * raters, (1 - values) * raters
        share = yes.sum() / (yes.sum() + no.sum())
        balance = self.settings.level_balance
        weights = np.concatenate((yes / share**balance, no / (1 - share) ** balance))
        both = self._both(held)
        labels = np.repeat([1, 0], len(held))
        fitted, bias = _fit(
            vstack((both, both)).tocsr(), labels, weights * len(held) / weights.sum(), self.settings.level_strength, 2
        )
        return self._block(fitted[:, 1:] - fitted[:, :1], bias[1:] - bias[:1])

    def _told(self, has: Callable[[Row], bool]) -> npt.NDArray[np.int64]:
        return np.array([at for at, row in enumerate(self.rows) if has(row)], np.int64)

    def _both(self, held: npt.NDArray[np.int64]) -> csr_matrix:
        from scipy.sparse import hstack

        return hstack((self.words[held], self.tallied[held])).tocsr()

    def _weighed(
        self, labels: npt.NDArray[Any], sources: Sequence[str], balance: float, given: Mapping[str, float]
    ) -> Array:
        """Sources alike but for what is `given`, and classes within each in part."""
        weights = np.ones(len(labels))
        names = np.array(sources)
        for name in sorted(set(sources)):
            inside = names == name
            shares = np.bincount(labels[inside]) / inside.sum()
            weights[inside] = shares[labels[inside]] ** -balance
            weights[inside] *= given.get(name, 1.0) / weights[inside].sum()
        scaled: Array = weights * len(labels) / weights.sum()
        return scaled

    def _block(self, fitted: Array, bias: Array) -> _Block:
        """Fitted weights over the kept columns and tallies as a block over all columns."""
        weights = np.zeros((SIZE, fitted.shape[1]), np.float32)
        weights[self.kept] = fitted[: len(self.kept)]
        tallies = fitted[len(self.kept) : len(self.kept) + TALLIED] * self.settings.tallies
        return _Block(weights, tallies.astype(np.float32), np.asarray(bias, np.float32).ravel())


def train(rows: Sequence[Row], header: dict[str, Any], settings: Settings | None = None) -> Model:
    """A model of all heads that the rows tell of."""
    trainer = Trainer(rows, settings)
    heads, blocks, at = [], [], 0
    for head, block in (*trainer.sentiment(), *trainer.intent(), *trainer.levels()):
        heads.append(Head(head.name, head.labels, at, head.domain))
        blocks.append(block)
        at += len(head.labels)
    weights, scales = quantized(np.concatenate([one.weights for one in blocks], axis=1))
    tallies = np.concatenate([one.tallied for one in blocks], axis=1)
    return Model(
        tuple(heads), weights, scales, trainer.idf, tallies, np.concatenate([one.bias for one in blocks]), header
    )


def _tells(name: str, row: Row) -> bool:
    return name in row.levels


def _parts(block: _Block) -> tuple[Floats, Floats, Floats]:
    return block.weights, block.tallied, block.bias


def _fit(
    matrix: csr_matrix, labels: npt.NDArray[Any], weights: Array, strength: float, classes: int
) -> tuple[Array, Array]:
    """(columns, classes) weights and (classes) biases; a class that does not occur gets none, and a low bias."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=400, tol=1e-4).fit(matrix, labels, sample_weight=weights)
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        coefficients, intercepts = np.vstack((-coefficients, coefficients)) / 2, np.r_[-intercepts, intercepts] / 2
    columns, biases = np.zeros((matrix.shape[1], classes)), np.full(classes, -8.0)
    columns[:, fitted.classes_] = coefficients.T
    biases[fitted.classes_] = intercepts
    return columns, biases
