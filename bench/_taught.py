"""A reader set right and trained by judged posts of one source, with the product's own arithmetic and guard."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench import _sets
from bench.figures import Figure
from siach.language.learning import cells_of, fit
from siach.language.own_posts import own_posts, table
from siach.language.proving import Posts, proven
from siach.language.training.scoring import Scores, read, scored

COMMAND = "./siach bench language"
_DRAWS = 5


def figures(data: Path) -> Iterator[Figure]:
    """The survey after 400 and 800 corrected posts, five draws, scored on rows of campaigns that none was drawn from:
    as shipped, calibrated, trained where the guard lets it be, and how often it does."""
    path = data / "he-survey-sentiment" / "dev.tsv"
    if not path.exists():
        return
    texts, labels = _sets.labelled(path)
    campaigns = np.array([row["campaign"] for row in table(path)])
    p, gold = read(texts), read([text for text, _sentiment in own_posts("gold", "he")], "service")
    for count in (400, 800):
        found, outcomes = defaultdict(list), Counter[str]()
        for draw in range(_DRAWS):
            inside, drawn = _drawn(campaigns, count, draw)
            for name, result in _taught(texts, labels, p, gold, inside=inside, drawn=drawn, outcomes=outcomes):
                found[name].append(result)
        told = ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items()))
        for name, results in found.items():
            yield from _means(f"he-survey-sentiment, {count} corrected, {name}", results, told)


def _means(name: str, results: list[Scores], told: str) -> Iterator[Figure]:
    note = told if name.endswith("by the guard") else ""
    for measure, label in (("accuracy", "accuracy"), ("f1", "macro-F1"), ("ece", "ECE")):
        value = round(float(np.mean([getattr(one, measure) for one in results])), 3)
        yield Figure(f"{name}: {label}", value, "", None, COMMAND, more_is_better=measure != "ece", note=note)


def _drawn(campaigns: np.ndarray, count: int, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of as few campaigns as have so many, and which of them were drawn."""
    generator = np.random.default_rng(draw)
    names = generator.permutation(np.unique(campaigns))
    enough = next(n for n in range(1, len(names)) if np.isin(campaigns, names[:n]).sum() >= count)
    inside = np.isin(campaigns, names[:enough])
    drawn = np.zeros(len(campaigns), bool)
    drawn[generator.permutation(np.flatnonzero(inside))[:count]] = True
    return inside, drawn


def _taught(
    texts: list[str],
    labels: _sets.Labels,
    p: _sets.Probabilities,
    gold: _sets.Probabilities,
    *,
    inside: np.ndarray,
    drawn: np.ndarray,
    outcomes: Counter[str],
) -> Iterator[tuple[str, Scores]]:
    some = Posts(
        [texts[at] for at in np.flatnonzero(drawn)], p[drawn], np.eye(3)[labels[drawn]], np.ones(int(drawn.sum()))
    )
    rows, cells = (some.p, some.truth, some.weight), cells_of(some.texts)
    plain = fit(*rows)
    out = ~inside
    asked, true = cells_of([texts[at] for at in np.flatnonzero(out)]), labels[out]
    told = proven(some, gold, "he")
    outcomes["trained" if told.learnt else "did not help" if told.helped else "forgot"] += 1
    yield "shipped", scored("", p[out], true)
    yield "calibrated", scored("", plain.scores(p[out], asked), true)
    yield "trained without a guard", scored("", fit(*rows, cells).scores(p[out], asked), true)
    yield "by the guard", scored("", (told.learnt or plain).scores(p[out], asked), true)
