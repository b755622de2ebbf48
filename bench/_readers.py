"""How right readers are: on Siach's own posts, and on public sets by the protocols of docs/language.md."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench import _floors, _sets, _taught
from bench._sets import Labels, Probabilities
from bench.figures import Figure
from siach.calc.calibration import Judged, apply, fit
from siach.commands import ROOT
from siach.language import readers
from siach.language.measures import f1, macro_f1
from siach.language.model import logistic
from siach.language.own_posts import table
from siach.language.readers import linear
from siach.language.reading import INTENTS, Domain, Reading
from siach.language.training.fitting import Settings
from siach.language.training.making import TEMPERATURES, made
from siach.language.training.scoring import Scores, auc, read, scored
from siach.language.training.sets import CROWD, rows_of

COMMAND = "./siach bench language"
OWN = ROOT / "tests" / "data" / "own-he"
_LEXICON, _LINEAR = "lexicon", "linear"


def figure(name: str, value: float, gate: float | None = None, note: str = "", *, more: bool = True) -> Figure:
    return Figure(name, round(value, 3), "", gate, COMMAND, more_is_better=more, note=note)


# --- Siach's own posts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Own:
    posts: list[dict[str, str]]
    one: list[dict[str, str]]
    two: list[dict[str, str]]

    def kept(self, at: Sequence[int]) -> _Own:
        return _Own([self.posts[i] for i in at], [self.one[i] for i in at], [self.two[i] for i in at])


def own(part: str = "frozen") -> Iterator[Figure]:
    """The frozen part: rows on which both passes of labels agree, and all rows by the first pass."""
    whole = _own(part)
    for name in (_LINEAR, _LEXICON):
        readings = _read(name, whole.posts)
        yield from _own_sentiment(name, whole, readings)
        same = [at for at, (one, two) in enumerate(_pairs(whole)) if one["intent"] == two["intent"]]
        said = np.array([INTENTS.index(readings[at].intent) for at in same])
        true = np.array([INTENTS.index(whole.one[at]["intent"]) for at in same])  # type: ignore[arg-type]
        yield figure(
            f"own posts, intent of 11, agreed, {name}: accuracy", (said == true).mean(), note=f"{len(same)} rows"
        )
        yield figure(f"own posts, intent of 11, agreed, {name}: macro-F1", macro_f1(said, true))
        if name == _LINEAR:
            yield from _own_levels(whole, readings)


def _own(part: str) -> _Own:
    tables = {name: _rows(OWN / f"{name}.tsv") for name in ("posts", "split", "labels-1", "labels-2")}
    kept = [key for key, row in tables["split"].items() if row["part"] == part]
    return _Own(*([tables[name][key] for key in kept] for name in ("posts", "labels-1", "labels-2")))


def _rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


def _pairs(own_: _Own) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    return zip(own_.one, own_.two, strict=True)


def _read(name: str, posts: Sequence[dict[str, str]]) -> list[Reading]:
    texts = [post["text"].replace("\\n", "\n").replace("\\t", "\t") for post in posts]
    domains: list[Domain] = ["news" if post["network"] == "talkback" else "service" for post in posts]
    return readers.load(name).read(texts, [None] * len(texts), domains)


def _own_sentiment(name: str, whole: _Own, readings: Sequence[Reading]) -> Iterator[Figure]:
    told = [at for at, row in enumerate(whole.one) if row["sentiment"] != "u"]
    agreed = [at for at in told if whole.two[at]["sentiment"] == whole.one[at]["sentiment"]]
    for kind, rows in (("agreed", agreed), ("all told", told)):
        p = np.array([readings[at].p for at in rows])
        result = scored(name, p, np.array([int(whole.one[at]["sentiment"]) + 1 for at in rows]))
        yield figure(f"own posts, sentiment, {kind}, {name}: accuracy", result.accuracy, note=f"{len(rows)} rows")
        yield figure(f"own posts, sentiment, {kind}, {name}: macro-F1", result.f1)
        if kind == "agreed":
            yield figure(f"own posts, sentiment, {kind}, {name}: AUC of negative", result.auc)
            yield figure(f"own posts, sentiment, {kind}, {name}: ECE", result.ece, more=False)
            sure = [at for at in rows if readings[at].is_sure]
            right = np.mean([readings[at].sentiment == int(whole.one[at]["sentiment"]) for at in sure])
            note = f"{len(sure) / len(rows):.0%} are sure"
            yield figure(f"own posts, sentiment, where {name} is sure: accuracy", float(right), note=note)


def _own_levels(whole: _Own, readings: Sequence[Reading]) -> Iterator[Figure]:
    anger = np.array([(int(one["anger"]) + int(two["anger"])) / 2 for one, two in _pairs(whole)])
    yield figure("own posts, anger: Spearman", spearman(np.array([one.emotions[0] for one in readings]), anger))
    sarcastic = np.array([one["sarcasm"] == two["sarcasm"] == "y" for one, two in _pairs(whole)])
    yield figure("own posts, sarcasm: AUC", auc(np.array([one.sarcasm for one in readings]), sarcastic))


def spearman(one: np.ndarray, two: np.ndarray) -> float:
    ranks = [np.unique(each, return_inverse=True, return_counts=True) for each in (one, two)]
    means = [(np.cumsum(counts) - (counts - 1) / 2)[place] for _, place, counts in ranks]
    return float(np.corrcoef(means[0], means[1])[0, 1])


# --- public sets ------------------------------------------------------------------------------------------


def public(data: Path) -> Iterator[Figure]:
    """The shipped model, the same training without a set, and each set alone; gates of docs/language.md."""
    yield from _shipped(data)
    yield from _left_out(data)
    yield from _alone(data)
    yield from _corrected(data)
    yield from _taught.figures(data)
    yield from _emotions(data)
    yield from _other_languages(data)


def _lines(name: str, result: Scores, **gates: float) -> Iterator[Figure]:
    """The scores that have a gate, in the order given; `ece` is better when less."""
    for measure, gate in gates.items():
        value = getattr(result, measure)
        label = {"accuracy": "accuracy", "f1": "macro-F1", "f1_of_first": "F1 of negative", "auc": "AUC of negative",
                 "ece": "ECE"}[measure]  # fmt: skip
        yield figure(f"{name}: {label}", value, gate or None, note=f"{result.rows:,} rows", more=measure != "ece")


def _shipped(data: Path) -> Iterator[Figure]:
    for folder, file, domain, gates in (
        ("he-fb-sentiment", "test.tsv", "person", {"accuracy": 0.89, "f1": 0.71}),
        ("he-hebemo-emotion", "test.tsv", "news", {"accuracy": 0.73, "f1": 0.60}),
        ("he-survey-sentiment", "dev.tsv", "", {"f1": 0.56, "auc": 0.80, "ece": 0.05}),
    ):
        if not (data / folder).exists():
            continue
        texts, labels = _sets.labelled(data / folder / file)
        for name in (_LINEAR, _LEXICON):
            readings = readers.load(name).read(texts, [None] * len(texts), [domain] * len(texts))  # type: ignore[list-item]
            p = np.array([reading.p for reading in readings])
            told = gates if name == _LINEAR else dict.fromkeys(gates, 0.0)
            yield from _lines(f"{folder}, {name}{', place known' if domain else ''}", scored(name, p, labels), **told)
        yield from _floors.afinn(folder, data / "afinn-he-ar-ru" / "he.tsv", texts, labels)


def _left_out(data: Path) -> Iterator[Figure]:
    rows = _sets.only_sentiment(rows_of("he", data))
    for source, folder, gates in (
        ("fb", "he-fb-sentiment", {"f1": 0.50, "auc": 0.87}),
        ("hebemo", "he-hebemo-emotion", {"f1": 0.52, "auc": 0.70}),
    ):
        model = made("he", [row for row in rows if row.source != source])
        texts, labels = _sets.labelled(data / folder / "test.tsv")
        p = _sets.probabilities(model, texts, heat=TEMPERATURES.get("he", {}).get("", 1.0))
        yield from _lines(f"{folder}, trained without it", scored(source, p, labels), **gates)


def _alone(data: Path) -> Iterator[Figure]:
    for folder, gates in (
        ("he-fb-sentiment", {"accuracy": 0.895, "f1": 0.70, "f1_of_first": 0.74, "ece": 0.03}),
        ("he-hebemo-emotion", {"accuracy": 0.75, "f1": 0.575, "ece": 0.05}),
    ):
        texts, labels = _sets.labelled(data / folder / "train.tsv")
        asked, true = _sets.labelled(data / folder / "test.tsv")
        p = _sets.probabilities(_sets.trained(texts, labels), asked)
        yield from _lines(f"{folder}, trained on it alone", scored(folder, p, true), **gates)
    path = data / "he-survey-sentiment" / "dev.tsv"
    texts, labels = _sets.labelled(path)
    campaigns = [row["campaign"] for row in table(path)]
    p = _in_folds(texts, labels, campaigns, 5, replace(_sets.ALONE, stranger_strength=2.0))
    yield from _lines("he-survey-sentiment, five folds of campaigns", scored("", p, labels), accuracy=0.65, f1=0.61)


def _in_folds(
    texts: Sequence[str], labels: Labels, groups: Sequence[str], count: int, settings: Settings
) -> Probabilities:
    p = np.zeros((len(texts), 3))
    for held in _sets.folds(groups, count):
        model = _sets.trained([texts[at] for at in np.flatnonzero(~held).tolist()], labels[~held], settings)
        p[held] = _sets.probabilities(model, [texts[at] for at in np.flatnonzero(held).tolist()])
    return p


def _corrected(data: Path) -> Iterator[Figure]:
    """The survey after 200 corrected posts: set right by the product's own arithmetic, five draws, scored on the rows
    of campaigns that none was drawn from."""
    path = data / "he-survey-sentiment" / "dev.tsv"
    texts, labels = _sets.labelled(path)
    campaigns = np.array([row["campaign"] for row in table(path)])
    p = read(texts)
    found = []
    for draw in range(5):
        generator = np.random.default_rng(draw)
        names = generator.permutation(np.unique(campaigns))
        inside = np.isin(campaigns, names[: len(names) // 2])
        chosen = generator.permutation(np.flatnonzero(inside))[:200]
        truth = np.eye(3)[labels[chosen]].tolist()
        rows = [Judged(tuple(one), tuple(true)) for one, true in zip(p[chosen].tolist(), truth, strict=True)]
        calibration = fit(rows)
        after = np.array([apply(calibration, tuple(one)) for one in p[~inside].tolist()])
        found.append(scored("", after, labels[~inside]))
    for measure, label, gate in (("accuracy", "accuracy", 0.60), ("f1", "macro-F1", 0.53), ("ece", "ECE", 0.05)):
        value = float(np.mean([getattr(one, measure) for one in found]))
        yield figure(f"he-survey-sentiment, after 200 corrections: {label}", value, gate, more=measure != "ece")


def _emotions(data: Path) -> Iterator[Figure]:
    """Emotions of hebemo's test: the mean over eight of the AUC of a level of at least a half."""
    model = linear.model_of("he")
    assert model is not None
    rows = list(table(data / "he-hebemo-emotion" / "test.tsv"))
    head = model.head("levels")
    assert head is not None
    scores = model.scores([row["text"] for row in rows]).outputs
    p = logistic(scores[:, head.outputs])
    found = {}
    for theirs, ours in CROWD.items():
        told = [at for at, row in enumerate(rows) if row[theirs]]
        values = np.array([float(rows[at][theirs]) for at in told])
        said = p[told, head.labels.index(ours)]
        found[ours] = auc(said, values >= 0.5)
        if ours == "anger":
            yield figure("he-hebemo-emotion, anger as a number: Spearman", spearman(said, values), 0.50)
    yield figure("he-hebemo-emotion, eight emotions: mean AUC", float(np.mean(list(found.values()))), 0.79)
    yield figure("he-hebemo-emotion, anger: AUC", found["anger"], 0.76)


def _other_languages(data: Path) -> Iterator[Figure]:
    yield from _arabic(data)
    yield from _russian(data)
    yield from _english(data)
    yield from _offence(data)


def _arabic(data: Path) -> Iterator[Figure]:
    rows = list(table(data / "ar-arsarcasm-v2" / "test.tsv"))
    texts, labels = _sets.labelled(data / "ar-arsarcasm-v2" / "test.tsv")
    for name in (_LINEAR, _LEXICON):
        readings = readers.load(name).read(texts, [None] * len(texts))
        said = np.array([reading.sentiment + 1 for reading in readings])
        both = (f1(said == 0, labels == 0) + f1(said == 2, labels == 2)) / 2
        yield figure(
            f"ar-arsarcasm-v2, {name}: mean F1 of positive and negative", both, 0.67 if name == _LINEAR else None
        )
        if name == _LINEAR:
            sarcastic = np.array([row["sarcasm"] == "1" for row in rows])
            said_so = np.array([reading.sarcasm >= 0.5 for reading in readings])
            yield figure("ar-arsarcasm-v2, sarcasm: F1", f1(said_so, sarcastic), 0.43)


def _russian(data: Path) -> Iterator[Figure]:
    folder = data / "ru-rusentiment"
    asked, true = _sets.russian(folder / "test.tsv")
    for name in (_LINEAR, _LEXICON):
        result = scored(name, np.array([one.p for one in readers.load(name).read(asked, [None] * len(asked))]), true)
        yield from _lines(f"ru-rusentiment, {name}, trained on none of it", result, f1=0.53 if name == _LINEAR else 0.0)
    model = _sets.trained(*_sets.russian(folder / "train.tsv"), _sets.ALONE)
    yield from _lines("ru-rusentiment, trained on it", scored("", _sets.probabilities(model, asked), true), f1=0.73)


def _english(data: Path) -> Iterator[Figure]:
    texts, labels = _sets.airline(data)
    cut = int(0.7 * len(texts))
    model = _sets.trained(texts[:cut], labels[:cut], _sets.ALONE)
    late, true = texts[cut:], labels[cut:]
    yield from _lines("airline-2015, trained, last 30 %", scored("", _sets.probabilities(model, late), true), f1=0.76)
    for name in (_LINEAR, _LEXICON):
        p = np.array([one.p for one in readers.load(name).read(late, [None] * len(late))])
        yield from _lines(f"airline-2015, {name}, trained on none of it", scored(name, p, true), f1=0.0)
    yield from _floors.english("airline-2015", late, true)
    more, their = _sets.tweeteval(data, "val")
    model = _sets.trained([*more, *texts], np.concatenate((their, labels)), replace(_sets.ALONE, stranger_balance=1.0))
    asked, true = _sets.tweeteval(data, "test")
    said = _sets.probabilities(model, asked).argmax(1)
    recall = float(np.mean([(said[true == one] == one).mean() for one in range(3)]))
    yield figure("tweeteval sentiment, trained on val and airline: macro recall", recall, 0.60)
    yield from _floors.english("tweeteval sentiment", asked, true)
    yield from _complaints(data)


def _complaints(data: Path) -> Iterator[Figure]:
    texts, labels, domains = _sets.complaints(data)
    for name, groups, count, gates in (
        ("ten folds", [str(at) for at in range(len(texts))], 10, (0.825, 0.905)),
        ("a domain never seen", domains, len(set(domains)), (0.74, None)),
    ):
        p = _in_folds(texts, 2 * labels, groups, count, _sets.ALONE)
        said, true = p[:, 2] > p[:, 0], labels == 1
        yield figure(f"complaints-acl19, {name}: macro-F1", macro_f1(said.astype(int), labels), gates[0])
        yield figure(f"complaints-acl19, {name}: AUC", auc(p[:, 2], true), gates[1])


def _offence(data: Path) -> Iterator[Figure]:
    folder = data / "he-offensive-sinalab"
    rows, asked = list(table(folder / "train.tsv")), list(table(folder / "test.tsv"))
    true = np.array([row["offensive"] == "1" for row in asked])
    readings = readers.load(_LINEAR).read([row["text"] for row in asked], [None] * len(asked))
    shipped = auc(np.array([one.offensive for one in readings]), true)
    yield figure("he-offensive-sinalab, trained on none of it: AUC", shipped, note=f"{len(asked)} rows")
    model = _sets.trained([row["text"] for row in rows], np.array([2 * int(row["offensive"]) for row in rows]))
    p = _sets.probabilities(model, [row["text"] for row in asked])
    yield figure("he-offensive-sinalab, trained on it: AUC", auc(p[:, 2], true), 0.68)
