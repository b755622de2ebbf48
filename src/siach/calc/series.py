"""What is usual in a series of counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

LEAST_DAYS = 2
Z80 = 1.281552


def usual_band(days: Sequence[Sequence[float | None]], z: float = Z80) -> list[tuple[float, float]] | None:
    """The usual range (low, high) of each hour, from earlier days of the same kind; None below two days.

    Each day holds one count per hour, None where the day had no such hour (a clock change). An hour's mean
    leans on its neighbours, which weigh half, for four Mondays alone are few. Counts scatter more than
    Poisson's by one factor for the whole day (at least 1), so the band is the middle 80 % (`z`) of
    a new day on the square-root scale, where the spread of a count does not depend on its mean
    (Anscombe 1948: 2 sqrt(x + 3/8) has variance about 1).
    """
    if len(days) < LEAST_DAYS:
        return None
    size = len(days[0])
    hours = [[day[hour] for day in days] for hour in range(size)]
    means = [_mean([count for count in hour if count is not None]) for hour in hours]
    spread = z / 2 * sqrt(_dispersion(hours, means) * (1 + 1 / len(days)))
    return [_around(mean, spread) for mean in _smooth(means)]


def _mean(counts: Sequence[float]) -> float:
    return sum(counts) / len(counts) if counts else 0.0


def _smooth(means: Sequence[float]) -> list[float]:
    """Each value with half the weight of the two beside it; the ends have one neighbour."""
    smooth = []
    for at, value in enumerate(means):
        beside = [means[other] for other in (at - 1, at + 1) if 0 <= other < len(means)]
        smooth.append((value + sum(beside) / 2) / (1 + len(beside) / 2))
    return smooth


def _dispersion(hours: Sequence[Sequence[float | None]], means: Sequence[float]) -> float:
    """How much more than Poisson's the counts scatter (Pearson's chi-square over its degrees), at least 1."""
    terms = [
        (count - mean) ** 2 / mean
        for hour, mean in zip(hours, means, strict=True)
        if mean > 0
        for count in hour
        if count is not None
    ]
    free = len(terms) - sum(1 for mean in means if mean > 0)
    return max(1.0, sum(terms) / free) if free > 0 else 1.0


def _around(mean: float, spread: float) -> tuple[float, float]:
    """The band round a mean. An hour in which nothing is ever said has none."""
    if mean <= 0:
        return 0.0, 0.0
    root = sqrt(mean + 3 / 8)
    low = max(0.0, root - spread)
    return max(0.0, low * low - 3 / 8), (root + spread) ** 2 - 3 / 8
