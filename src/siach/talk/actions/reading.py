"""What the reader in force says of posts, for each where it stands and as its source was calibrated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings

from siach.calc import calibration
from siach.calc.calibration import Calibration
from siach.language import readers
from siach.language.reading import SENTIMENTS, BrandNames, intent_code, probability_code
from siach.talk.models import Mention, ReaderRun
from siach.talk.places import PLACES, Group

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from siach.calc.calibration import Three
    from siach.language.reading import Domain, Reading
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
    """Readings of the reader in force in order, each as its source was calibrated, with the run that says so."""
    readings = read([one.text for one in asked], [one.brand for one in asked], [one.domain for one in asked])
    plain, own = current_run(), calibrated_runs({one.source for one in asked if one.source is not None})
    runs = [own.get(one.source or 0, plain) for one in asked]
    return [(calibrated(reading, run), run) for reading, run in zip(readings, runs, strict=True)]


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


def current_run() -> ReaderRun:
    """The reader in force at its version, as a row."""
    reader = readers.load(settings.SIACH_READER)
    run, _made = ReaderRun.objects.get_or_create(name=reader.NAME, version=str(reader.VERSION), fitted_on=0)
    return run


def calibrated_runs(sources: Collection[int]) -> dict[int, ReaderRun]:
    """Source -> the newest calibration of the reader in force for it, of those that have one."""
    if not sources:
        return {}
    reader = readers.load(settings.SIACH_READER)
    runs = ReaderRun.objects.filter(
        name=reader.NAME, version=str(reader.VERSION), source__in=list(sources), fitted_on__gt=0
    )
    return {run.source_id: run for run in runs.order_by("pk") if run.source_id is not None}


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
