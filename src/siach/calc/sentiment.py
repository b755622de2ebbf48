"""Sentiment of many mentions as one number, with what it may be worth."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

Z95 = 1.959964


class Net(NamedTuple):
    """Net sentiment, -100 to 100, between `low` and `high` with 95 % confidence. `n` counts the mentions
    with an opinion; without any, `value` is None and the interval says nothing (-100 to 100)."""

    value: float | None
    n: int
    low: float
    high: float


def net_sentiment(negative: int, positive: int) -> Net:
    """(positive - negative) / (positive + negative), times 100. Neutral mentions say nothing either way.

    The interval is Wilson's (1927) for the positive share p, carried over by 2p - 1: unlike the normal one
    it stays inside the scale and is honest at small n. ValueError for a negative count.
    """
    low, high = wilson(positive, negative + positive)
    n = negative + positive
    value = 100 * (positive - negative) / n if n else None
    return Net(value, n, 100 * (2 * low - 1), 100 * (2 * high - 1))


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of the share hits / n; (0, 1) when n is 0. ValueError unless 0 <= hits <= n."""
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n}")
    if not n:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
