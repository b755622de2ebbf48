"""Each source's readings set right by what people judged of its posts.

From 50 judged posts on; the newest 400 teach a calibration, and from 400 on the newest 5,000 train (`training`). A
person corrects what is wrong where they come across it, and leaves what is right as it is. So beside each error that
was come across stand two posts of the source that nobody corrected, as the reader read them: of three, two are read
right. Posts judged in the weekly sample were drawn and stand alone.

Only sources of which something was judged since they were last set right are looked at (`Rejudged`), and those that an
older reader was set right for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from siach.calc import calibration
from siach.calc.calibration import Judged
from siach.language.leaving_out import unnamed
from siach.language.reading import SENTIMENTS
from siach.language.tokens import READ_LIMIT
from siach.talk import bulk
from siach.talk.actions import training
from siach.talk.actions.reading import calibrated_runs, current_run, domain_of, names_of, read
from siach.talk.models import Mention, ReaderRun, Rejudged, Sampled, Source, Training

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from siach.calc.calibration import Three
    from siach.language.reading import Language

LEAST, MOST = 50, 400
BESIDE = 2
MOST_BESIDE = 2_500  # where more would stand beside, each of these stands for more than one
#: So many more or fewer must be judged before a source is set right anew, of many a twentieth.
_STEP, _SHARE = 10, 20
_AT_ONCE = 500

_JUDGED = """
SELECT j.mention_id, j.sentiment, count(*) OVER () FROM (
    SELECT DISTINCT ON (mention_id) mention_id, sentiment FROM (
        SELECT mention_id, now AS sentiment, at FROM talk_correction WHERE field = 'sentiment'
        UNION ALL
        SELECT mention_id, sentiment, at FROM talk_sampled WHERE sentiment IS NOT NULL
    ) told ORDER BY mention_id, at DESC
) j JOIN talk_mention m ON m.id = j.mention_id JOIN talk_post p ON p.id = m.post_id
WHERE p.source_id = %s AND m.is_about AND p.state <> 'erased' ORDER BY j.mention_id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What people said of the newest judged posts of a source: sentiments by mention (primary key), the newest first,
    and how many were judged in all."""

    sentiments: dict[int, int]
    count: int


def calibrate_due(*, at: datetime) -> int:
    """Set right every source of which enough more was judged, or enough less. Returns how many."""
    marked = dict(Rejudged.objects.values_list("source", "n"))
    done = 0
    for source in Source.objects.filter(pk__in=marked.keys() | _of_older_readers()).order_by("pk"):
        told = _told(source)
        known = calibrated_runs([source.pk]).get(source.pk)
        if _is_due(source, known, told):
            calibrate(source, told, at=at)
            done += 1
        Rejudged.objects.filter(source=source, n=marked.get(source.pk, 0)).delete()
    return done


def _of_older_readers() -> set[int]:
    """Sources that were set right for another version of the reader alone."""
    run = current_run()
    own = ReaderRun.objects.filter(fitted_on__gt=0, source__isnull=False)
    now = own.filter(name=run.name, version=run.version)
    return set(own.values_list("source", flat=True)) - set(now.values_list("source", flat=True))


def _told(source: Source) -> Told:
    found = bulk.rows(_JUDGED, [source.pk, training.MOST])
    return Told({mention: sentiment for mention, sentiment, _count in found}, found[0][2] if found else 0)


def _is_due(source: Source, known: ReaderRun | None, told: Told) -> bool:
    if known is None:
        return told.count >= LEAST
    if known.trained and told.count < training.LEAST:
        return True
    if Training.objects.filter(source=source, outcome=Training.Outcome.DROPPED).exists():
        return True
    return told.count >= LEAST and abs(told.count - known.fitted_on) >= max(_STEP, known.fitted_on // _SHARE)


def calibrate(source: Source, told: Told, *, at: datetime) -> ReaderRun:
    """The reader in force set right for this source by what people said, and trained on it where that is proven."""
    keys = list(told.sentiments)
    scored = _scored(keys if told.count >= training.LEAST else keys[:MOST])
    drawn = set(Sampled.objects.filter(mention__in=keys, sentiment__isnull=False).values_list("mention", flat=True))
    wanted = [_beside(some, told, drawn) for some in (scored[:MOST], scored)]
    around = _scored(_left_alone(source, min(max(wanted), MOST_BESIDE)))
    rows = [Judged(one.p, _certain(told.sentiments[one.mention])) for one in scored[:MOST]]
    rows += [Judged(one.p, one.p) for one in around[: wanted[0]]]
    fitted = calibration.fit(rows if told.count >= LEAST else [])
    weight = wanted[1] / len(around) if len(around) == MOST_BESIDE else 1.0
    tried = training.tried(
        [training.Lesson(one.mention, one.language, one.text, one.p, told.sentiments[one.mention]) for one in scored],
        [training.Lesson(one.mention, one.language, one.text, one.p, None, weight) for one in around[: wanted[1]]],
    )
    return _in_force(source, fitted, tried, count=told.count, at=at)


@transaction.atomic
def _in_force(
    source: Source, fitted: calibration.Calibration, tried: Sequence[training.Tried], *, count: int, at: datetime
) -> ReaderRun:
    """A new run of this source, with what was learnt of it. What was learnt from a post that went meanwhile is dropped,
    and learnt anew at the next turn."""
    run = current_run()
    made = ReaderRun.objects.create(
        name=run.name,
        version=run.version,
        source=source,
        scale=list(fitted.scale),
        bias=list(fitted.bias),
        fitted_on=max(1, count),
        fitted_at=at,
    )
    made.trained = training.keep(source, made, tried, at=at)
    made.save(update_fields=["trained"])
    return made


@dataclass(frozen=True, slots=True)
class _Score:
    """What the reader in force, as it is, says of a mention (primary key); its text without the brand's name."""

    mention: int
    language: Language
    text: str
    p: Three
    sentiment: int


def _scored(mentions: Sequence[int]) -> list[_Score]:
    """In the order given, read a few hundred at a time."""
    found = {
        one.mention: one for at in range(0, len(mentions), _AT_ONCE) for one in _read(mentions[at : at + _AT_ONCE])
    }
    return [found[mention] for mention in mentions if mention in found]


def _read(mentions: Sequence[int]) -> Iterable[_Score]:
    found = list(Mention.objects.filter(pk__in=mentions).select_related("brand", "post").defer("post__words"))
    domains = [domain_of(one.network, is_answer=bool(one.post.parent_key)) for one in found]
    brands = [names_of(one.brand) for one in found]
    readings = read([one.post.text for one in found], brands, domains)
    for one, brand, reading in zip(found, brands, readings, strict=True):
        text = unnamed(one.post.text[:READ_LIMIT], brand)
        yield _Score(one.pk, reading.language, text, reading.p, reading.sentiment)


def _beside(scored: Sequence[_Score], told: Told, drawn: set[int]) -> int:
    """How many posts that nobody corrected stand beside these."""
    met = [one for one in scored if one.mention not in drawn]
    errors = sum(one.sentiment != told.sentiments[one.mention] for one in met)
    return max(0, BESIDE * errors - (len(met) - errors))


def _certain(sentiment: int) -> Three:
    negative, neutral, positive = (float(one == sentiment) for one in SENTIMENTS)
    return negative, neutral, positive


def _left_alone(source: Source, count: int) -> list[int]:
    """The newest of the source's mentions that nobody corrected."""
    of_source = Mention.objects.filter(
        brand=source.brand, post__source=source, is_about=True, corrected_by__isnull=True, corrections__isnull=True
    ).exclude(post__state="erased")
    return list(of_source.order_by("-said_at", "-pk").values_list("pk", flat=True)[:count])
