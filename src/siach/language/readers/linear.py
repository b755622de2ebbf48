"""The embedded default: linear models over words and letter groups, one for each language, trained by `./siach train`.

What its sets are, their licences and how right it is stand in docs/model-card.md, which the training writes. Urgency,
danger and the facts of a text are read by rule. A text in a language without a model is read by the word lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file, files
from zlib import crc32

import numpy as np
import numpy.typing as npt

from siach.language.clean import detect_language
from siach.language.facts import facts
from siach.language.leaving_out import left_out, unnamed
from siach.language.model import Model, load, logistic, softmax
from siach.language.readers import lexicon
from siach.language.reading import (
    EMOTIONS,
    INTENTS,
    BrandNames,
    Deciding,
    Domain,
    Flag,
    Intent,
    Language,
    Reading,
)
from siach.language.tallies import column
from siach.language.tokens import Floats, Truths

RULES = 1  # another whenever this file or the word lists read the same text otherwise


def _version() -> str:
    """Another for other rules, and for other weights."""
    mark = 0
    for file in sorted(files("siach.language.weights").iterdir(), key=lambda one: one.name):
        mark = crc32(file.read_bytes(), mark) if file.name.endswith(".npz") else mark
    return f"{RULES}.{mark:08x}"


NAME = "linear"
VERSION = _version()

Probabilities = npt.NDArray[np.float64]

_LEVELS = (*EMOTIONS, "provokes", "outrage", "offensive", "sarcasm")
_PROVOKES, _OUTRAGE, _OFFENSIVE, _SARCASM = range(len(EMOTIONS), len(_LEVELS))
_DOUBT = 0.7  # how far full doubt of sarcasm evens the probabilities out
_TRUSTED = 0.4  # doubt up to which a text is taken by its word
_LEAST = 1e-6
_OF_HARM = ("other", "attack", "boycott", "praise")  # what harm told of is taken for, being a complaint
_KNOWN = 0.5  # the share of a text's words that training must have seen


def read(texts: Sequence[str], about: Sequence[BrandNames | None], domains: Sequence[Domain] = ()) -> list[Reading]:
    """One reading for each text, in order. The name of the brand that a text is read for does not count as a word
    of it. Where a domain is not given, a text is read as a stranger's, and is flagged `strange`, as is one most of
    whose words no training text had."""
    languages = [detect_language(text) for text in texts]
    found: dict[int, Reading] = {}
    for language in set(languages):
        places = [at for at, one in enumerate(languages) if one == language]
        asked = [(texts[at], about[at], domains[at] if domains else "") for at in places]
        found |= zip(places, _of_language(language, asked), strict=True)
    return [found[at] for at in range(len(texts))]


def explain(text: str, brand: BrandNames | None, domain: Domain = "") -> Reading:
    """The reading of one text with the words that decided: those without which its sentiment would be another, or less
    so, and what the word lists find of complaint, question, praise, urgency, danger and insult."""
    reading = read([text], [brand], [domain])[0]
    spoken = [one for one in lexicon.cues(text, brand) if one.kind not in ("negative", "positive")]
    deciding = sorted({*spoken, *_moving(text, brand, domain)}, key=lambda one: (one.start, one.end, one.kind))
    return replace(reading, deciding=tuple(deciding))


_Asked = tuple[str, BrandNames | None, Domain]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the models say of n texts: (n, 3), (n, intents), (n, len(_LEVELS)), and by text the rest."""

    p: Probabilities
    intents: Probabilities
    levels: Floats
    arousal: Floats
    alarming: Truths
    own: Truths
    ours: Truths
    place: Truths
    strange: Truths

    def readings(self, language: Language, asked: Sequence[_Asked]) -> list[Reading]:
        best, sure = self.intents.argmax(1).tolist(), self.intents.max(1).tolist()
        p, levels, arousal = self.p.tolist(), self.levels.tolist(), self.arousal.tolist()
        readings = []
        for at, (text, brand, _domain) in enumerate(asked):
            three, level = p[at], levels[at]
            urgency, safety = lexicon.alarms(text, brand) if self.alarming[at] else (0, False)
            intent, intent_p = self._intent(at, INTENTS[best[at]], sure[at], is_harm=safety and "?" not in text)
            top = max(three)
            readings.append(
                Reading(
                    language=language,
                    sentiment=three.index(top) - 1,
                    p=(three[0], three[1], three[2]),
                    confidence=top,
                    intent=intent,
                    intent_p=intent_p,
                    urgency=urgency,
                    safety=safety,
                    emotions=tuple(level[: len(EMOTIONS)]),
                    arousal=arousal[at],
                    provokes=level[_PROVOKES],
                    outrage=level[_OUTRAGE],
                    offensive=level[_OFFENSIVE],
                    sarcasm=level[_SARCASM],
                    flags=self._flags(at, text),
                )
            )
        return readings

    def _intent(self, at: int, intent: Intent, p: float, *, is_harm: bool) -> tuple[Intent, float]:
        """Harm told of, not asked about, is a complaint; in a report it is when the writer speaks of themselves."""
        tells = self.own[at] or self.ours[at] if intent == "news" else intent in _OF_HARM
        if is_harm and tells:
            return "complaint", min(1.0, p + float(self.intents[at, INTENTS.index("complaint")]))
        return intent, p

    def _flags(self, at: int, text: str) -> frozenset[Flag]:
        told: tuple[tuple[Flag, Truths], ...] = (
            ("first_person", self.own),
            ("collective", self.ours),
            ("strange", self.strange),
        )
        return facts(text, place=bool(self.place[at])).union(flag for flag, holds in told if holds[at])


def _of_language(language: Language, asked: Sequence[_Asked]) -> list[Reading]:
    model = model_of(language)
    if model is None:
        return lexicon.read([text for text, _, _ in asked], [brand for _, brand, _ in asked])
    return _judged(model, asked).readings(language, asked)


def _judged(model: Model, asked: Sequence[_Asked]) -> _Judged:
    scored = model.scores([unnamed(text, brand) for text, brand, _ in asked])
    scores, tallies = scored.outputs, scored.tallies
    levels = _levels(model, scores)
    domains = {one.domain for one in model.heads if one.domain}
    stood = [domain if domain in domains else "" for _, _, domain in asked]
    by_lists, intents_by_lists = _by_lists(model, asked, tallies)
    shares = model.header.get("lists", {})
    p = _blended(_sentiments(model, scores, stood), by_lists, [shares.get(one, 0.0) for one in stood])
    intents = _blended(_intents(model, scores), intents_by_lists, [shares.get("intent", 0.0)] * len(asked))
    strangers = np.array([bool(domains) and not one for one in stood])
    alarming = (column(tallies, "urgency") + column(tallies, "safety") + column(tallies, "alarms")) > 0
    own, ours, place = (column(tallies, name) > 0 for name in ("own", "ours", "places"))
    return _Judged(
        p=_doubted(p, levels[:, _SARCASM]),
        intents=intents,
        levels=levels,
        arousal=_arousal(levels, tallies),
        alarming=alarming,
        own=own,
        ours=ours,
        place=place,
        strange=strangers | (scored.known < _KNOWN),
    )


@cache
def model_of(language: Language) -> Model | None:
    """The model of a language, read once; None where there is none."""
    path = files("siach.language.weights").joinpath(f"{language}.npz")
    if not path.is_file():
        return None
    with as_file(path) as file:
        return load(file)


def _by_lists(model: Model, asked: Sequence[_Asked], tallies: Floats) -> tuple[Probabilities, Probabilities]:
    """Sentiments and intents of the word lists, in full where they are the better part."""
    p, intents = lexicon.by_tallies(tallies)
    if model.header.get("lists", {}).get("read"):
        readings = lexicon.read([text for text, _, _ in asked], [brand for _, brand, _ in asked])
        p = np.array([reading.p for reading in readings])
    return p, intents


def _blended(p: Probabilities, by_lists: Probabilities, shares: Sequence[float]) -> Probabilities:
    """The geometric mean of two readings, of which the second's share is given (a logarithmic opinion pool)."""
    share = np.array(shares)[:, None]
    both = np.exp((1 - share) * np.log(p + _LEAST) + share * np.log(by_lists + _LEAST))
    mixed: Probabilities = both / both.sum(axis=1, keepdims=True)
    return mixed


def _sentiments(model: Model, scores: Floats, domains: Sequence[str]) -> Probabilities:
    """(n, 3) by each text's domain, made milder or sharper by its temperature."""
    temperatures = model.header.get("temperatures", {})
    p = np.zeros((len(domains), 3))
    for domain in set(domains):
        head = model.head("sentiment", domain)
        assert head is not None
        inside = np.array([one == domain for one in domains])
        p[inside] = softmax(scores[inside][:, head.outputs] / temperatures.get(domain, 1.0))
    return p


def _doubted(p: Probabilities, sarcasm: Floats) -> Probabilities:
    """Evened out by doubt of sarcasm, never turned round."""
    doubt = _DOUBT * np.maximum(0, sarcasm.astype(np.float64) - _TRUSTED)[:, None] / (1 - _TRUSTED)
    return p * (1 - doubt) + doubt / 3


def _intents(model: Model, scores: Floats) -> Probabilities:
    head = model.head("intent")
    if head is None:
        return np.eye(1, len(INTENTS)).repeat(len(scores), axis=0)
    return softmax(scores[:, head.outputs] / model.header.get("temperatures", {}).get("intent", 1.0))


def _levels(model: Model, scores: Floats) -> Floats:
    """(n, len(_LEVELS)) probabilities; 0 where a model was not taught."""
    head = model.head("levels")
    levels = np.zeros((len(scores), len(_LEVELS)), np.float32)
    if head is not None:
        p = logistic(scores[:, head.outputs])
        for place, name in enumerate(_LEVELS):
            if name in head.labels:
                levels[:, place] = p[:, head.labels.index(name)]
    return levels


def _arousal(levels: Floats, tallies: Floats) -> Floats:
    """How hot a text is: high-arousal emotions (Herhausen et al. 2019: anger and fear above all), each of which is
    enough, and exclamation marks."""
    calm = np.ones(len(levels), np.float32)
    for name, share in (("anger", 1.0), ("fear", 0.8), ("disgust", 0.7), ("surprise", 0.4), ("joy", 0.3)):
        calm *= 1 - share * levels[:, EMOTIONS.index(name)]
    hot = 1 - calm * (1 - 0.1 * np.minimum(3, column(tallies, "exclaims")))
    return hot.astype(np.float32)


def _moving(text: str, brand: BrandNames | None, domain: Domain) -> list[Deciding]:
    """The words without which the text would be read as less negative, or less positive."""
    model, out = model_of(detect_language(text)), left_out(text, brand)
    if model is None or not out.spans:
        return [one for one in lexicon.cues(text, brand) if one.kind in ("negative", "positive")]
    scores = model.scores(out.tried).outputs
    head = model.head("sentiment", domain) or model.head("sentiment")
    assert head is not None
    return out.deciding(scores[:, head.at + 2] - scores[:, head.at])
