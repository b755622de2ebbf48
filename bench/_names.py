"""Figures of finding brands: on two corpora with marked names, with plain rules beside, and the speed of matching.

For each sentence all known names of its corpus are looked for; a hit counts when it starts inside a marked name.
The guard that judges a sentence was trained on the other four fifths of both corpora.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from siach.language.clean import key
from siach.language.frequency import Frequencies, everyday
from siach.language.guard import BITS, Guard
from siach.language.guard_training import FOLDS, Sentence, fitted, known_names, sentences
from siach.language.match import Matcher
from siach.language.reading import BrandNames, Match

AMBIGUOUS = 4.0  # zipf frequency of a word from which a name is ambiguous, by wordfreq
KINDS = ("all", "unambiguous", "ambiguous")
# (corpus, kind, metric) -> gate, stretch
MARKS = {
    ("nemo", "all", "f1"): (0.90, 0.93),
    ("nemo", "ambiguous", "f1"): (0.72, 0.80),
    ("nemo", "unambiguous", "precision"): (0.90, None),
    ("nemo", "unambiguous", "recall"): (0.97, None),
    ("knesset", "all", "f1"): (0.94, 0.96),
    ("knesset", "ambiguous", "f1"): (0.91, 0.94),
    ("knesset", "unambiguous", "precision"): (0.96, None),
    ("knesset", "unambiguous", "recall"): (0.97, None),
}
Hits = list[tuple[int, str]]  # where a name begins, and which
Finder = Callable[[Sentence], Hits]


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a table. `gate` and `stretch` are None where it is only told."""

    task: str
    metric: str
    value: float
    gate: float | None = None
    stretch: float | None = None


@dataclass(slots=True)
class _Tally:
    hits: int = 0
    right: int = 0
    marked: int = 0
    reached: int = 0
    prefixed: int = 0
    prefixed_reached: int = 0

    def mark(self, row: Sentence, span: tuple[int, int], name: str, starts: Sequence[int]) -> None:
        """Count a marked name, and whether a hit begins within it."""
        reached = any(span[0] <= start < span[1] for start in starts)
        prefixed = not row.text[slice(*span)].startswith(name)
        self.marked += 1
        self.reached += reached
        self.prefixed += prefixed
        self.prefixed_reached += reached and prefixed

    def figures(self) -> dict[str, float]:
        precision, recall = self.right / max(1, self.hits), self.reached / max(1, self.marked)
        return {
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / max(1e-9, precision + recall),
            "prefixed recall": self.prefixed_reached / max(1, self.prefixed),
        }


def zipf(word: str) -> float:
    """How common a Hebrew word is, by wordfreq. ImportError where that package is not installed."""
    from wordfreq import zipf_frequency

    return float(zipf_frequency(word, "he"))


def rows(data: Path) -> list[Row]:
    """The table of finding names, from the folder of the data sets."""
    every = sentences(data)
    found: list[Row] = []
    guards = [fitted(data, [row for row in every if row.fold != fold]) for fold in range(FOLDS)]
    for corpus in ("nemo", "knesset"):
        names = known_names(corpus, every)
        asked = [row for row in every if row.corpus == corpus and row.natural]
        finders = {**_floors(names), "siach": _folded(names, guards)}
        for method, finder in finders.items():
            found += _rows(corpus, method, names, asked, finder)
        found += _rows(corpus, "siach, names never seen", names, asked, finders["siach"], _seen_in_folds(every))
    return found


def _rows(
    corpus: str,
    method: str,
    names: dict[str, str],
    asked: Sequence[Sentence],
    finder: Finder,
    seen: Sequence[frozenset[str]] = (),
) -> list[Row]:
    made = []
    for kind, tally in _tallies(names, asked, finder, seen).items():
        for metric, value in tally.figures().items():
            gate, stretch = MARKS.get((corpus, kind, metric), (None, None)) if method == "siach" else (None, None)
            made.append(Row(f"{corpus} {kind}, {method}", metric, value, gate, stretch))
    return made


def _tallies(
    names: dict[str, str], asked: Iterable[Sentence], finder: Finder, seen: Sequence[frozenset[str]] = ()
) -> dict[str, _Tally]:
    """With `seen`, by fold, only names that are not there count, as hits and as marked ones."""
    ambiguous = {name for name, word in names.items() if _is_ambiguous(word)}
    tallies = {kind: _Tally() for kind in KINDS}
    for row in asked:
        met = seen[row.fold] if seen else frozenset()
        hits = finder(row)
        starts = [start for start, _name in hits]
        for start, name in hits:
            for tally in _both(tallies, name in ambiguous) if name not in met else ():
                tally.hits += 1
                tally.right += row.holds(start)
        counted = ((span, name) for span, name in zip(row.spans, row.names, strict=True) if name in names.keys() - met)
        for span, name in counted:
            for tally in _both(tallies, name in ambiguous):
                tally.mark(row, span, name, starts)
    return tallies


def _both(tallies: dict[str, _Tally], is_ambiguous: bool) -> tuple[_Tally, _Tally]:
    return tallies["all"], tallies["ambiguous" if is_ambiguous else "unambiguous"]


def _is_ambiguous(word: str) -> bool:
    return not re.search(r"[\s-]", word) and zipf(re.sub("[\"'״׳]", "", word)) >= AMBIGUOUS


def _floors(names: dict[str, str]) -> dict[str, Finder]:
    """What plain rules find: the letters anywhere, whole words, and names behind prefixes."""
    keys = {key(name): name for name in names}
    longest = sorted(keys, key=lambda one: (-len(one), one))
    anywhere = re.compile("|".join(map(re.escape, longest)))
    alone = re.compile(rf"(?<![\w\"'])(?:{'|'.join(map(re.escape, longest))})(?![\w\"'])")
    nothing = Matcher([BrandNames(1, "", tuple(sorted(names)))], guard=(_silent(), Frequencies({})))

    def by(pattern: re.Pattern[str]) -> Finder:
        return lambda row: [(found.start(), keys[found.group()]) for found in pattern.finditer(_same_length(row.text))]

    return {
        "substring": by(anywhere),
        "exact token": by(alone),
        "prefix grammar": lambda row: [(one.start, one.name) for one in nothing.find(row.text)],
    }


def _same_length(text: str) -> str:
    """The key of a text letter by letter, so that offsets hold."""
    return "".join(key(letter)[:1] or " " for letter in text)


def _silent() -> Guard:
    return Guard([0] * (1 << BITS), 1.0, 9.0, {})


def _seen_in_folds(every: Sequence[Sentence]) -> list[frozenset[str]]:
    """The names that the guard of each fold met in training."""
    return [
        frozenset(name for row in every if row.fold != fold for name in (*row.names, *row.words))
        for fold in range(FOLDS)
    ]


def _folded(names: dict[str, str], guards: Sequence[tuple[Guard, Frequencies]]) -> Finder:
    """The product's matcher; the guard of a sentence never saw it."""
    brands = [BrandNames(number, name) for number, name in enumerate(sorted(names))]
    matchers = [Matcher(brands, guard=guard) for guard in guards]

    return lambda row: _longest(matchers[row.fold].find(row.text))


def _longest(matches: Iterable[Match]) -> Hits:
    """Of names that overlap the longest: each is a brand of its own."""
    hits, reached = [], -1
    for one in sorted(matches, key=lambda one: (one.start, -one.end)):
        if one.start >= reached:
            reached = one.end
            hits.append((one.start, one.name))
    return hits


# --- speed ------------------------------------------------------------------------------------------------

BRANDS = (1, 10, 50, 200)
POSTS = 5_000
_SOUNDS = ("בר", "גל", "דו", "זי", "טל", "כר", "לו", "מי", "נו", "סא", "פי", "צו", "קה", "רו", "שי", "תמ")
_TALK = (
    "הזמנתי מ{brand} לפני שבוע ועדיין לא הגיע כלום, מי עונה שם?",
    "מישהו יודע אם הסניף של {brand} פתוח בשבת",
    "ראיתי היום {word} אצל חברה בדרך הביתה מהעבודה ואחר כך נסענו לים",
    "כל הכבוד ל{brand} על השירות, חזרו אליי תוך שעה 🙂",
    "אחרי ארוחת הצהריים ישבנו ליד השולחן הגדול בסלון ודיברנו על {word}, לא קנינו שום דבר הפעם",
    "בסוף חזרנו באוטובוס כי ירד גשם חזק #{word}",
)


def speeds() -> list[Row]:
    """Posts a second that one core matches at several numbers of brands of three names each, one of which is a
    common word for each fifth brand: always the same posts, half of which name one of the first ten brands. And
    sentences a second with a thousand names, half of which hold one."""
    rng = random.Random(7)
    made = ["".join(rng.choices(_SOUNDS, k=3)) for _ in range(1_000)]
    words = rng.sample(sorted(word for word in everyday() if len(word) > 2), 200)
    called = [words[i // 5] if i % 5 == 4 else made[i] for i in range(max(BRANDS))]
    posts = [rng.choice(_TALK).format(brand=rng.choice(called[:10]), word=rng.choice(words)) for _ in range(POSTS)]
    found = []
    for count in BRANDS:
        brands = [BrandNames(i, called[i], (f"רשת {made[i]}", f"{made[i]} ישראל")) for i in range(count)]
        rate = _rate(Matcher(brands), posts)
        found.append(Row(f"matching, {count} brands", "posts/s", rate, 10_000 if count == 50 else None))
    thousand = Matcher([BrandNames(i, name) for i, name in enumerate(made)])
    posts = [rng.choice(_TALK).format(brand=rng.choice(made), word=rng.choice(words)) for _ in range(POSTS)]
    found.append(Row("matching, 1,000 names", "sentences/s", _rate(thousand, posts), 3_000))
    return found


def _rate(matcher: Matcher, posts: list[str]) -> float:
    """The best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        matcher.find_many(posts)
        best = min(best, time.perf_counter() - began)
    return len(posts) / best
