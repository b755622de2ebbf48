"""How talk looks in figures, to compare a world with what is known of real talk."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import quantiles

from siach.world.data import Said, World
from siach.world.rhythm import ZONE

_NOT_WORDS = re.compile(r"https?://\S+|@\w+|[\W_]+")
#: Threads from this size on are the tail.
_TAIL = 3


def figures(world: World) -> dict[str, object]:
    """Shares as fractions, minutes and sizes as quartiles; `hours` and `days` (Monday first) are of plain days against
    their mean, `tail` is the exponent of thread sizes from three answers on (Hill), `near_repeats` the share of posts
    whose words came before in the same order, whatever stood between them."""
    answers = [one for one in world.said if one.parent]
    roots = [one for one in world.said if not one.parent]
    return {
        "answers": round(len(answers) / len(world.said), 3),
        **_threads(world.said, answers, roots),
        "near_repeats": round(_repeats(one.text for one in world.said), 3),
        "near_repeats_first_posts": round(_repeats(one.text for one in roots), 3),
        **_authors(world),
        **_times(world),
        "letters": _quartiles([float(len(one.text)) for one in world.said]),
    }


def _threads(said: Sequence[Said], answers: Sequence[Said], roots: Sequence[Said]) -> dict[str, object]:
    at = {one.key: one.at for one in said}
    counts = Counter(one.root for one in answers)
    sizes = [counts[one.key] for one in roots]
    return {
        "minutes_to_answer": _quartiles([(one.at - at[one.parent]).total_seconds() / 60 for one in answers]),
        "unanswered_threads": round(sizes.count(0) / len(sizes), 3),
        "largest_threads": sorted(sizes)[-3:],
        "tail": round(_tail([size for size in sizes if size >= _TAIL]), 2),
        "in_the_largest_hundredth": _top(sizes),
    }


def _authors(world: World) -> dict[str, object]:
    counts = Counter(one.author for one in world.said if one.author != world.brand.key)
    return {
        "authors": len(counts),
        "authors_of_one_post": round(sum(count == 1 for count in counts.values()) / len(counts), 3),
        "by_the_loudest_hundredth": _top(list(counts.values())),
    }


def _times(world: World) -> dict[str, object]:
    """Of plain days: a story has hours of its own."""
    pairs = zip(world.said, world.truth, strict=True)
    plain = [one.at.astimezone(ZONE) for one, truth in pairs if not truth.story]
    return {
        "hours": _against_mean([at.hour for at in plain], 24),
        "days": _against_mean([at.weekday() for at in plain], 7),
    }


def _quartiles(values: Sequence[float]) -> list[float]:
    return [round(one, 1) for one in quantiles(values, n=4)]


def _tail(sizes: Sequence[int]) -> float:
    return 1 + len(sizes) / sum(math.log(size / (_TAIL - 0.5)) for size in sizes)


def _top(counts: Sequence[int]) -> float:
    """What the largest hundredth of them holds of all."""
    ordered = sorted(counts, reverse=True)
    return round(sum(ordered[: max(1, len(ordered) // 100)]) / max(1, sum(ordered)), 3)


def _repeats(texts: Iterable[str]) -> float:
    words = [_NOT_WORDS.sub(" ", text.casefold()).strip() for text in texts]
    said = [text for text in words if text]
    return 1 - (len(set(said)) + len(words) - len(said)) / len(words)


def _against_mean(values: Sequence[int], count: int) -> list[float]:
    found = Counter(values)
    return [round(found[one] * count / max(1, len(values)), 2) for one in range(count)]
