"""Whether what was learnt of a place may be in force there: it must help there, and must not forget the language.

It helps where, by cross-validation over the posts that people judged, its log loss is less than that of calibration
alone (the same fit without words) by more than chance does once in twenty times, and no fewer posts are read right.
Posts that are nearly the same stand in the same fold, else a copy would tell its label.

Judged posts of one place may be many of one kind: a queue of thanks, one campaign. What they teach of a word may be
wrong of the language, and the next kind of post would be read by it; no fold of theirs shows that. So a gold set of the
language (`gold/`), which no reader is trained on, is read with what the words add, and by the reader as it is. The
place's own scale and bias are left out: they are in force by calibration either way, and gold posts have other shares
of tones. Of posts that only one of both reads right, as many are lost as won by chance where nothing was forgotten
(McNemar); a loss that chance brings about less often than `LOST` is taken for one. Macro-F1, which tells of rare
tones, may not fall by more than `LESS_F1`: what six posts of 300 move, within what chance does when twenty change.
What forgets is learnt anew with usual posts held stiller (`learning.STILL`), three times in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from siach.language.clean import key
from siach.language.learning import STILL, Array, Cells, Learnt, cells_of, fit, usual
from siach.language.measures import macro_f1
from siach.language.own_posts import own_posts
from siach.language.similar import fingerprint, near_groups

FOLDS = 5
SURE = 1.64  # standard errors, one-sided
LOST = 0.1
LESS_F1 = 0.02

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Posts:
    """Texts without their brands' names, the reader's own scores of them (n, 3), what they are (n, 3, shares), and for
    how many posts each stands (n)."""

    texts: Sequence[str]
    p: Array
    truth: Array
    weight: Array


@dataclass(frozen=True, slots=True)
class Helped:
    """By cross-validation: the shares read right `before`, by calibration alone, and `after`; by how much less the log
    loss of a post is, and the standard error of that."""

    before: float
    after: float
    gain: float
    error: float

    @property
    def holds(self) -> bool:
        return self.gain > SURE * self.error and self.after >= self.before


@dataclass(frozen=True, slots=True)
class Remembered:
    """Of gold posts: how many only the reader as it is reads right (`lost`), how many only with what was learnt
    (`won`), and macro-F1 without and with it."""

    lost: int
    won: int
    before: float
    after: float

    @property
    def holds(self) -> bool:
        return at_least(self.lost, self.lost + self.won) >= LOST and self.after >= self.before - LESS_F1


@dataclass(frozen=True, slots=True)
class Proven:
    """`learnt`: what may be in force, or None. `helped` None: it forgot the language, however still that was held."""

    learnt: Learnt | None
    helped: Helped | None
    remembered: Remembered


def proven(posts: Posts, gold: Array, language: str) -> Proven:
    """What these posts teach, if it may be in force. `gold` (m, 3) are the reader's own scores of the gold posts of
    their language. ValueError for a language that has none."""
    if not len(gold):
        raise ValueError(f"There are no gold posts in {language!r}.")
    cells, rows = cells_of(posts.texts), (posts.p, posts.truth, posts.weight)
    held = usual(language)
    for still in STILL:
        learnt = fit(*rows, cells, held, still=still)
        memory = remembered(learnt, gold, language)
        if memory.holds:
            help_ = helped(posts, cells, held, still=still)
            return Proven(learnt if help_.holds else None, help_, memory)
    return Proven(None, None, memory)


def helped(posts: Posts, cells: Cells, held: Cells, *, still: float = STILL[0]) -> Helped:
    """What learning from these posts, whose features are the cells, is worth on posts like them; usual posts are `held`
    so `still`."""
    groups = _groups(posts.texts)
    fold = _folds(groups, posts.weight)
    plain, taught = np.zeros_like(posts.p), np.zeros_like(posts.p)
    for one in np.unique(fold).tolist():
        out, rest = fold == one, fold != one
        rows = (posts.p[rest], posts.truth[rest], posts.weight[rest])
        plain[out] = fit(*rows).scores(posts.p[out], cells.of(out))
        taught[out] = fit(*rows, cells.of(rest), held, still=still).scores(posts.p[out], cells.of(out))
    total, label = posts.weight.sum(), posts.truth.argmax(1)
    less = (posts.truth * (np.log(taught) - np.log(plain))).sum(1)
    gain = float((posts.weight * less).sum() / total)
    by_group = np.bincount(groups, posts.weight * (less - gain))
    right = [float((posts.weight * (q.argmax(1) == label)).sum() / total) for q in (plain, taught)]
    return Helped(right[0], right[1], gain, float(np.sqrt((by_group**2).sum()) / total))


def remembered(learnt: Learnt, p: Array, language: str) -> Remembered:
    """What the words that were learnt make of the gold posts, of which the reader's own scores are p (n, 3)."""
    told = own_posts("gold", language)
    labels = np.array([sentiment + 1 for _, sentiment in told])
    said = [p.argmax(1), learnt.words_alone().scores(p, cells_of([text for text, _ in told])).argmax(1)]
    before, after = (one == labels for one in said)
    f1 = [macro_f1(one, labels) for one in said]
    return Remembered(int((before & ~after).sum()), int((after & ~before).sum()), f1[0], f1[1])


def at_least(count: int, of: int) -> float:
    """How likely a fair coin falls on one side so many times or more (exact, one-sided)."""
    return float(sum(comb(of, k) for k in range(count, of + 1)) / 2**of)


def _groups(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """The group of each text: of those nearly the same, or the same without signs where they are short."""
    group = np.arange(len(texts))
    for places in near_groups([fingerprint(text) for text in texts]):
        group[places] = places[0]
    first: dict[str, int] = {}
    for at, text in enumerate(texts):
        group[at] = group[first.setdefault(key(text), at)]
    return np.unique(group, return_inverse=True)[1]


def _folds(groups: npt.NDArray[np.int64], weight: Array) -> npt.NDArray[np.int64]:
    """The fold of each post. Groups are dealt by weight, the heaviest first, to the lightest fold."""
    heavy = np.bincount(groups, weight)
    load, fold = [0.0] * FOLDS, np.zeros(len(heavy), np.int64)
    for one in np.argsort(-heavy, kind="stable").tolist():
        fold[one] = load.index(min(load))
        load[fold[one]] += float(heavy[one])
    dealt: npt.NDArray[np.int64] = fold[groups]
    return dealt
