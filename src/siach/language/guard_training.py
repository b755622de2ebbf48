"""Training of the context guard, and of the list of common words that goes with it.

The sentences are those of `he-brand-mentions`: NEMO (newspaper) and Knesset (parliament), with their names of
organisations marked. Every place where a known name stands is an example; it is the name where it begins within a
marked one. Beside them stand examples of customers' talk, see `_talk`. The regression is fitted by L-BFGS in double
precision: the same data and machine give the same weights.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siach.language.clean import key
from siach.language.frequency import FOLDER, Frequencies, everyday, written
from siach.language.guard import BITS, WORD, Around, Guard, column, features, packed, unpacked
from siach.language.match import Matcher
from siach.language.reading import BrandNames

FOLDS = 5
RIDGE = 1.0  # chosen by cross-validation, as are the weights of examples below
NATURAL, CLEAR = 3.0, 0.3  # of sentences taken as they came; of names that are no common word
BRANDED, WORDED, THINNED = 0.2, 0.1, 4  # of invented brands; of words of daily life, in one comment of so many
TALK = ("he-fb-sentiment/train.tsv", "he-hebemo-emotion/train.tsv")
SOURCES = (
    "NEMO corpus (Bareket and Tsarfaty, TACL 2021; CC BY 4.0), UD_Hebrew-IAHLTKnesset (IAHLT; CC BY 4.0)",
    "comments of Amram et al. 2018 (MIT) and HebEMO (Chriqui and Yahav; MIT), invented posts (Siach's own)",
)
# Posts that were invented for training, and the brands in them.
SEED = "he-brand-intent-seed/seed.tsv"
_INVENTED = """
שליחון פארמגל מובייליק פיקסל אוויריה אלגרו טרמינל אופנתיקה ביתילי טעמיה נובטל מרקטו טופסטור קונקט גרינליף סלטק רהיטון
"""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with the spans and names of its organisations. `natural` where its source was taken sentence by
    sentence, not only those that name someone."""

    corpus: str
    text: str
    spans: tuple[tuple[int, int], ...]
    names: tuple[str, ...]
    words: tuple[str, ...]  # the names without their article
    natural: bool
    split: str

    @property
    def fold(self) -> int:
        return zlib.crc32(self.text.encode()) % FOLDS

    def holds(self, start: int) -> bool:
        """Whether a place is within a marked name."""
        return any(first <= start < last for first, last in self.spans)


def sentences(data: Path) -> list[Sentence]:
    """All sentences of both corpora, from the folder of the data sets."""
    folder = data / "he-brand-mentions"
    return [*_of(folder / "nemo.jsonl", _nemo), *_of(folder / "knesset.jsonl", _knesset)]


def _of(path: Path, sentence: Callable[[dict[str, Any]], Sentence]) -> Iterator[Sentence]:
    with path.open(encoding="utf-8") as lines:
        yield from (sentence(json.loads(line)) for line in lines)


def _nemo(row: dict[str, Any]) -> Sentence:
    tokens, orgs = row["tokens"], row["orgs"]
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token) + 1)
    spans = tuple((starts[org["span"][0]], starts[org["span"][1]] - 1) for org in orgs)
    names = tuple(("ה" if org["art"] else "") + org["name"] for org in orgs)
    words = tuple(org["name"] for org in orgs)
    return Sentence("nemo", " ".join(tokens), spans, names, words, row["split"] != "train", row["split"])


def _knesset(row: dict[str, Any]) -> Sentence:
    spans = tuple((first, last) for first, last in row["orgs"])
    words = tuple(_without_article(row["text"][first:last]) for first, last in spans)
    return Sentence("knesset", row["text"], spans, words, words, True, row["split"])


def _without_article(name: str) -> str:
    """An article may lie inside a span of the Knesset; before fewer than four letters it is a letter of the name."""
    return name[1:] if name[:1] == "ה" and len(name) > 4 else name


def known_names(corpus: str, rows: Iterable[Sentence]) -> dict[str, str]:
    """The names of a corpus that are looked for, each with the same without its article: of three letters and more
    in newspapers, of two and more in the other, where acronyms are told by their gershayim."""
    least = 3 if corpus == "nemo" else 2
    return {
        name: word
        for row in rows
        if row.corpus == corpus
        for name, word in zip(row.names, row.words, strict=True)
        if len(re.sub(r"\W", "", word)) >= least
    }


def counted(data: Path, rows: Iterable[Sentence]) -> Counter[str]:
    """How often each word, by key, stands in the rows outside names of organisations, and in comments."""
    counts: Counter[str] = Counter()
    for name in TALK:
        for text in _texts(data / name):
            counts.update(_words(text))
    for row in rows:
        rest = row.text
        for first, last in row.spans:
            rest = rest[:first] + " " * (last - first) + rest[last:]
        counts.update(_words(rest))
    return counts


def _words(text: str) -> list[str]:
    text = re.sub(r"@\w+|https?://\S+", " ", text)
    return [word for word in WORD.findall(key(text)) if "א" <= word[0] <= "ת"]


def fitted(data: Path, rows: Sequence[Sentence]) -> tuple[Guard, Frequencies]:
    """The guard and the frequencies learnt from these sentences, as they would be shipped."""
    _counts, known, weights = _learnt(data, rows)
    return unpacked(packed(weights.tolist(), {})), known


def _learnt(data: Path, rows: Sequence[Sentence]) -> tuple[dict[str, int], Frequencies, Floats]:
    counts = {word: count for word, count in counted(data, rows).items() if count > 1}
    known = Frequencies(counts, everyday())
    examples = [*_marked(rows, known), *_talk(data, known)]
    return counts, known, _regression(examples)


def train(data: Path, made: str, scores: dict[str, float], to: Path = FOLDER) -> None:
    """Learn from all sentences and write `common.txt` and `guard.bin`; `made` is the day, `scores` those of the
    cross-validation, both for the head of the file."""
    rows = sentences(data)
    head = {"data": list(SOURCES), "made": made, "scores": scores, "version": 1}
    counts, _known, weights = _learnt(data, rows)
    (to / "common.txt").write_text(
        written(counts, "Words and how often they were counted.\n" + "\n".join(SOURCES)), "utf-8"
    )
    (to / "guard.bin").write_bytes(packed(weights.tolist(), head))


@dataclass(frozen=True, slots=True)
class _Example:
    columns: NDArray[np.int64]
    is_name: bool
    weight: float


def _example(here: Around, known: Frequencies, is_name: bool, weight: float) -> _Example:
    return _Example(np.unique([column(feature) for feature in features(here, known)]), is_name, weight)


def _marked(rows: Sequence[Sentence], known: Frequencies) -> Iterator[_Example]:
    """Each place where a name of either corpus stands in the sentences."""
    for corpus in ("nemo", "knesset"):
        matcher = _everywhere(known_names(corpus, rows), known)
        for row in rows:
            for match, here in matcher.surroundings(row.text):
                weight = (NATURAL if row.natural else 1.0) * (1.0 if known.is_common(key(match.name)) else CLEAR)
                yield _example(here, known, row.holds(match.start), weight)


def _talk(data: Path, known: Frequencies) -> Iterator[_Example]:
    """What the corpora lack, posts of customers: invented brands in invented posts, as if each were called after a
    word of daily life, and such words in comments, where they are what they say."""
    words = sorted(word for word in everyday() if len(word) > 2)
    brands, number = _everywhere(_INVENTED.split(), known), 0
    for text in _texts(data / SEED):
        for _match, here in brands.surroundings(text):
            word = words[number * 7919 % len(words)]
            number += 1
            yield _example(replace(here, written=word, name=word), known, True, BRANDED)
    matcher = _everywhere(words, known)
    for name in (*TALK, SEED):
        for text in _texts(data / name):
            if zlib.crc32(text.encode()) % THINNED == 0:
                for _match, here in matcher.surroundings(text):
                    yield _example(here, known, False, WORDED)


def _everywhere(names: Iterable[str], known: Frequencies) -> Matcher:
    nothing = Guard([0] * (1 << BITS), 1.0, 0.0, {})
    return Matcher([BrandNames(1, "", tuple(sorted(names)))], guard=(nothing, known))


def _texts(path: Path) -> Iterator[str]:
    """The texts of a set: its last column, below a line of headings."""
    with path.open(encoding="utf-8") as lines:
        next(lines)
        yield from (line.rstrip("\n").rpartition("\t")[2] for line in lines)


def _regression(examples: Sequence[_Example]) -> Floats:
    """Logistic regression with an L2 penalty on all but the bias, which is the last weight."""
    rows = [example.columns for example in examples]
    labels = np.array([example.is_name for example in examples], float)
    weights = np.array([example.weight for example in examples])
    of_row = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    used, at = np.unique(np.concatenate(rows), return_inverse=True)
    sign = 2 * labels - 1

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = np.bincount(of_row, weights=theta[at], minlength=len(rows)) + theta[-1]
        rest = (1 / (1 + np.exp(-z)) - labels) * weights
        slope = np.append(np.bincount(at, weights=rest[of_row], minlength=len(used)), rest.sum())
        slope[:-1] += RIDGE * theta[:-1]
        value = (np.logaddexp(0, -z * sign) * weights).sum() + RIDGE / 2 * (theta[:-1] ** 2).sum()
        return float(value), slope

    best = _least(loss, np.zeros(len(used) + 1))
    theta = np.zeros((1 << BITS) + 1)
    theta[used], theta[-1] = best[:-1], best[-1]
    return theta


def _least(loss: Callable[[Floats], tuple[float, Floats]], at: Floats, steps: int = 80, kept: int = 8) -> Floats:
    """Where a smooth loss is least, by L-BFGS with halved steps."""
    value, slope = loss(at)
    moves: list[tuple[Floats, Floats]] = []
    for _ in range(steps):
        way = _direction(slope, moves)
        length = 1.0 if moves else min(1.0, 1.0 / float(np.linalg.norm(slope)))
        while True:
            new_value, new_slope = loss(at - length * way)
            if new_value <= value - 1e-4 * length * float(slope @ way) or length < 1e-8:
                break
            length /= 2
        moves = [*moves, (-length * way, new_slope - slope)][-kept:]
        done = abs(value - new_value) < 1e-7 * abs(value)
        at, value, slope = at - length * way, new_value, new_slope
        if done:
            break
    return at


def _direction(slope: Floats, moves: list[tuple[Floats, Floats]]) -> Floats:
    """The slope times the inverse curvature that the last moves tell (the two loops of L-BFGS)."""
    way = slope.copy()
    shares = []
    for move, change in reversed(moves):
        share = float(move @ way) / float(move @ change)
        shares.append(share)
        way -= share * change
    if moves:
        move, change = moves[-1]
        way *= float(move @ change) / float(change @ change)
    for (move, change), share in zip(moves, reversed(shares), strict=True):
        way += (share - float(change @ way) / float(move @ change)) * move
    return way
