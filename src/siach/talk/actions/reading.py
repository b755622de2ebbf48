"""What the reader in force says of posts, for each where it stands and as its source was set right or trained on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np
from django.conf import settings

from siach.calc import calibration
from siach.calc.calibration import Calibration
from siach.language import readers
from siach.language.learning import cells_of, unpacked
from siach.language.leaving_out import left_out, unnamed
from siach.language.own_posts import own_posts
from siach.language.reading import SENTIMENTS, BrandNames, intent_code, probability_code
from siach.talk.models import Mention, ReaderRun, Training
from siach.talk.places import PLACES, Group

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from siach.calc.calibration import Three
    from siach.language.learning import Learnt
    from siach.language.reading import Domain, Language, Reading
    from siach.org.models import Brand

_NEWS = frozenset().union(*(place.stored_as for place in PLACES if place.group == Group.NEWS))


@dataclass(frozen=True, slots=True)
class ToRead:
    """A text, the brand it is read for, where it stands, and by which source (primary key) it came, if any."""

    text: str
    brand: BrandNames | None
    domain: Domain = ""
    source: int | None = None


def domain_of(network: str, *, is_answer: bool) -> Domain:
    """Where a post stands: an answer in a feed is a comment under news, all else is talk about a firm."""
    return "news" if is_answer and network in _NEWS else "service"


def read(texts: Sequence[str], about: Sequence[BrandNames | None], domains: Sequence[Domain] = ()) -> list[Reading]:
    """Readings of the reader in force as it is, in order."""
    return readers.load(settings.SIACH_READER).read(texts, about, domains)


def explain_here(text: str, brand: BrandNames, domain: Domain) -> Reading:
    """The reading of one text by the reader in force as it is, with the words that decided."""
    return readers.load(settings.SIACH_READER).explain(text, brand, domain)


def read_here(asked: Sequence[ToRead]) -> list[tuple[Reading, ReaderRun]]:
    """Readings of the reader in force in order, each as its source was set right, with the run that says so."""
    readings = read(*_columns(asked))
    plain, own = current_run(), calibrated_runs({one.source for one in asked if one.source is not None})
    runs = [own.get(one.source or 0, plain) for one in asked]
    told = [calibrated(reading, run) for reading, run in zip(readings, runs, strict=True)]
    for (run, language), head in heads_of(own.values()).items():
        places = [at for at, one in enumerate(readings) if runs[at].pk == run and one.language == language]
        texts = [unnamed(asked[at].text, asked[at].brand) for at in places]
        taught = as_learnt([readings[at] for at in places], texts, head)
        told = _instead(told, places, taught)
    return list(zip(told, runs, strict=True))


def _columns(asked: Sequence[ToRead]) -> tuple[list[str], list[BrandNames | None], list[Domain]]:
    return [one.text for one in asked], [one.brand for one in asked], [one.domain for one in asked]


def _instead(told: Sequence[Reading], places: Sequence[int], others: Sequence[Reading]) -> list[Reading]:
    instead = dict(zip(places, others, strict=True))
    return [instead.get(at, one) for at, one in enumerate(told)]


def as_learnt(readings_: Sequence[Reading], texts: Sequence[str], head: Learnt) -> list[Reading]:
    """Readings as a trained head says; the texts without their brands' names."""
    if not readings_:
        return []
    p = head.scores(np.array([one.p for one in readings_]), cells_of(texts)).tolist()
    return [with_score(one, (q[0], q[1], q[2])) for one, q in zip(readings_, p, strict=True)]


def explain_as_learnt(reading: Reading, text: str, brand: BrandNames, domain: Domain, head: Learnt) -> Reading:
    """An explained reading as a trained head says, with the words that decided by its score."""
    out = left_out(text, brand)
    told = read(out.tried, [None] * len(out.tried), [domain] * len(out.tried))
    p = head.scores(np.array([one.p for one in told]), cells_of(out.tried))
    rest = [one for one in reading.deciding if one.kind not in ("negative", "positive")]
    words = {*rest, *out.deciding(np.log(p[:, 2]) - np.log(p[:, 0]))}
    deciding = tuple(sorted(words, key=lambda one: (one.start, one.end, one.kind)))
    return replace(as_learnt([reading], [out.tried[0]], head)[0], deciding=deciding)


def read_own(mentions: Sequence[int]) -> list[tuple[int, Reading, ReaderRun]]:
    """These mentions (primary keys) read anew by the reader in force, each as its source is calibrated."""
    found = list(Mention.objects.filter(pk__in=mentions).select_related("brand", "post").defer("post__words"))
    asked = [
        ToRead(
            one.post.text,
            names_of(one.brand),
            domain_of(one.network, is_answer=bool(one.post.parent_key)),
            one.post.source_id,
        )
        for one in found
    ]
    return [(one.pk, *told) for one, told in zip(found, read_here(asked), strict=True)] if found else []


def names_of(brand: Brand) -> BrandNames:
    """A brand as the language library wants it."""
    return BrandNames(
        id=brand.pk,
        name=brand.name,
        names=tuple(brand.names),
        exclusions=tuple(brand.exclusions),
        required=tuple(brand.required),
        forbidden=tuple(brand.forbidden),
    )


def read_as_gold(language: Language) -> list[Three]:
    """The reader's own scores of the gold posts of a language, in their order."""
    return list(_gold(language, settings.SIACH_READER))


@lru_cache(maxsize=4)
def _gold(language: Language, reader: str) -> tuple[Three, ...]:
    texts = [text for text, _sentiment in own_posts("gold", language)]
    found = readers.load(reader).read(texts, [None] * len(texts), ["service"] * len(texts))
    return tuple(reading.p for reading in found)


def current_run() -> ReaderRun:
    """The reader in force at its version, as a row."""
    reader = readers.load(settings.SIACH_READER)
    run, _made = ReaderRun.objects.get_or_create(name=reader.NAME, version=str(reader.VERSION), fitted_on=0)
    return run


def calibrated_runs(sources: Collection[int]) -> dict[int, ReaderRun]:
    """Source -> the newest run of the reader in force that is its own, of those that have one."""
    if not sources:
        return {}
    reader = readers.load(settings.SIACH_READER)
    runs = ReaderRun.objects.filter(
        name=reader.NAME, version=str(reader.VERSION), source__in=list(sources), fitted_on__gt=0
    )
    return {run.source_id: run for run in runs.order_by("pk") if run.source_id is not None}


def heads_of(runs: Iterable[ReaderRun]) -> dict[tuple[int, Language], Learnt]:
    """By run (primary key) and language, what was learnt of its source, of the runs that were trained."""
    trained = {run.pk for run in runs if run.trained}
    if not trained:
        return {}
    known = Training.objects.filter(run__in=trained, outcome=Training.Outcome.IN_FORCE)
    return {(run, cast("Language", one)): _head(run, one) for run, one in known.values_list("run", "language")}


@lru_cache(maxsize=32)
def _head(run: int, language: str) -> Learnt:
    """Read once: the head of a run is never another."""
    head = Training.objects.values_list("head", flat=True).get(run=run, language=language)
    return unpacked(bytes(head or b""))


def calibration_of(run: ReaderRun) -> Calibration:
    """What a run makes of its reader's score; the identity of a reader as it is."""
    if not run.fitted_on:
        return Calibration()
    (a, b, c), (x, y, z) = run.scale, run.bias
    return Calibration((a, b, c), (x, y, z))


def calibrated(reading: Reading, run: ReaderRun) -> Reading:
    """The reading with its sentiment as the run says."""
    return with_score(reading, calibration.apply(calibration_of(run), reading.p)) if run.fitted_on else reading


def with_score(reading: Reading, p: Three) -> Reading:
    """The reading with other probabilities of negative, neutral and positive, and what follows from them."""
    best = max(p)
    return replace(reading, p=p, sentiment=SENTIMENTS[p.index(best)], confidence=best)


def codes(reading: Reading) -> tuple[int, int, int, int, int, bool, int, int]:
    """A reading as a mention stores it: sentiment, negative, positive, intent, urgency, safety, confidence, signs."""
    return (
        reading.sentiment,
        probability_code(reading.p[0]),
        probability_code(reading.p[2]),
        intent_code(reading.intent),
        reading.urgency,
        reading.safety,
        probability_code(reading.confidence),
        reading.signs,
    )
