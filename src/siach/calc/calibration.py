"""Probabilities of three classes set right for one place, from posts of it that people judged.

Vector scaling (Guo and others 2017): q is the softmax of a_k log p_k + b_k, a scale and a bias for each class, fitted
by Newton's steps to the likelihood of what people said, with a ridge towards the identity (a = 1, b = 0) as heavy as
`RIDGE` posts, so that few posts move little. A scale stays between `LEAST` and `MOST`: more of a class before is never
less of it after, and the step can be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

Three = tuple[float, float, float]

LEAST, MOST = 0.2, 5.0
RIDGE = 10.0
_FLOOR = 0.0005  # a probability is stored per mille
_STEPS = 30
_KINDS = range(3)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What makes a reader's score one of this place: of negative, neutral and positive."""

    scale: Three = (1.0, 1.0, 1.0)
    bias: Three = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A reader's score `p` of a post beside what it is, as shares that sum to one: (0, 0, 1) where a person said
    positive. `weight`: how many posts it stands for."""

    p: Three
    truth: Three
    weight: float = 1.0


def apply(calibration: Calibration, p: Three) -> Three:
    """The score of this place; sums to one."""
    return _softmax([a * log(_kept(x)) + b for a, x, b in zip(calibration.scale, p, calibration.bias, strict=True)])


def undo(calibration: Calibration, q: Three) -> Three:
    """The reader's own score, from which `apply` made q (as far as its floor of .0005 was not reached)."""
    # p_k = exp((log q_k + c - b_k) / a_k) for the one c at which these sum to one; each grows with c.
    low, high = -50.0, 50.0
    for _step in range(80):
        middle = (low + high) / 2
        if sum(_undone(calibration, q, middle)) > 1:
            high = middle
        else:
            low = middle
    negative, neutral, positive = _undone(calibration, q, (low + high) / 2)
    total = negative + neutral + positive
    return negative / total, neutral / total, positive / total


def fit(rows: Sequence[Judged], *, ridge: float = RIDGE) -> Calibration:
    """The calibration that makes these rows likeliest; the identity of none."""
    seen = [([log(_kept(x)) for x in row.p], row) for row in rows]
    at = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    best = _loss(seen, at, ridge)
    for _step in range(_STEPS):
        move = _solved(*_slopes(seen, at, ridge))
        size = 1.0
        while size > 1e-4:
            tried = _bounded([x - size * d for x, d in zip(at, move, strict=True)])
            loss = _loss(seen, tried, ridge)
            if loss < best - 1e-9:
                break
            size /= 2
        else:
            break
        at, best = tried, loss
    return Calibration((at[0], at[1], at[2]), (at[3], at[4], at[5]))


_Seen = Sequence[tuple[list[float], Judged]]


def _loss(seen: _Seen, at: list[float], ridge: float) -> float:
    total = ridge / 2 * sum((a - 1) ** 2 for a in at[:3]) + ridge / 2 * sum(b * b for b in at[3:])
    for logs, row in seen:
        q = _softmax([at[k] * logs[k] + at[3 + k] for k in _KINDS])
        total -= row.weight * sum(share * log(max(x, 1e-12)) for share, x in zip(row.truth, q, strict=True))
    return total


def _slopes(seen: _Seen, at: list[float], ridge: float) -> tuple[list[list[float]], list[float]]:
    """Second and first derivatives of the loss by the six numbers."""
    first = [ridge * (a - 1) for a in at[:3]] + [ridge * b for b in at[3:]]
    second = [[ridge * (i == j) for j in range(6)] for i in range(6)]
    for logs, row in seen:
        q = _softmax([at[k] * logs[k] + at[3 + k] for k in _KINDS])
        for k in _KINDS:
            off = row.weight * (q[k] - row.truth[k])
            first[k] += off * logs[k]
            first[3 + k] += off
            for j in _KINDS:
                bend = row.weight * q[k] * ((k == j) - q[j])
                second[k][j] += bend * logs[k] * logs[j]
                second[k][3 + j] += bend * logs[k]
                second[3 + k][j] += bend * logs[j]
                second[3 + k][3 + j] += bend
    return second, first


def _solved(matrix: list[list[float]], vector: list[float]) -> list[float]:
    """x of matrix x = vector, by Gauss; the ridge keeps the matrix from being singular."""
    rows = [[*line, value] for line, value in zip(matrix, vector, strict=True)]
    size = len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda j: abs(rows[j][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(i + 1, size):
            factor = rows[j][i] / rows[i][i]
            rows[j] = [x - factor * y for x, y in zip(rows[j], rows[i], strict=True)]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (rows[i][size] - sum(rows[i][j] * found[j] for j in range(i + 1, size))) / rows[i][i]
    return found


def _bounded(at: list[float]) -> list[float]:
    return [min(MOST, max(LEAST, a)) for a in at[:3]] + at[3:]


def _undone(calibration: Calibration, q: Three, c: float) -> list[float]:
    return [
        exp(min(50.0, (log(_kept(x)) + c - b) / a))
        for a, x, b in zip(calibration.scale, q, calibration.bias, strict=True)
    ]


def _kept(p: float) -> float:
    return max(p, _FLOOR)


def _softmax(values: Sequence[float]) -> Three:
    most = max(values)
    negative, neutral, positive = (exp(value - most) for value in values)
    total = negative + neutral + positive
    return negative / total, neutral / total, positive / total
