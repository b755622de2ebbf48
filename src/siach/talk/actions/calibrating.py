"""Each source's readings set right by what people judged of its posts.

From 50 judged posts on; the newest 400 teach. A person corrects what is wrong where they come across it, and leaves
what is right as it is. So beside each error that was come across stand two posts of the source that nobody corrected,
as the reader read them: of three, two are read right. Posts judged in the weekly sample were drawn and stand alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.calc import calibration
from siach.calc.calibration import Judged
from siach.language.reading import SENTIMENTS
from siach.talk import bulk
from siach.talk.actions.reading import calibrated_runs, current_run, domain_of, names_of, read
from siach.talk.models import Mention, ReaderRun, Sampled, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.calc.calibration import Three

LEAST, MOST = 50, 400
BESIDE = 2
#: So many more must be judged before a source is set right anew.
_STEP = 10

_JUDGED = """
SELECT p.source_id, j.mention_id, j.sentiment FROM (
    SELECT DISTINCT ON (mention_id) mention_id, sentiment FROM (
        SELECT mention_id, now AS sentiment, at FROM talk_correction WHERE field = 'sentiment'
        UNION ALL
        SELECT mention_id, sentiment, at FROM talk_sampled WHERE sentiment IS NOT NULL
    ) told ORDER BY mention_id, at DESC
) j JOIN talk_mention m ON m.id = j.mention_id JOIN talk_post p ON p.id = m.post_id
WHERE p.source_id IS NOT NULL AND m.is_about ORDER BY j.mention_id DESC
"""


def calibrate_due(*, at: datetime) -> int:
    """Set right every source of which enough more was judged. Returns how many."""
    judged: dict[int, dict[int, int]] = defaultdict(dict)
    for source, mention, sentiment in bulk.rows(_JUDGED):
        judged[source][mention] = sentiment
    ready = {source: told for source, told in judged.items() if len(told) >= LEAST}
    standing = calibrated_runs(ready)
    done = 0
    for source in Source.objects.filter(pk__in=ready).order_by("pk"):
        known = standing.get(source.pk)
        if known is None or len(ready[source.pk]) >= known.fitted_on + _STEP:
            calibrate(source, ready[source.pk], at=at)
            done += 1
    return done


def calibrate(source: Source, judged: dict[int, int], *, at: datetime) -> ReaderRun:
    """A calibration of the reader in force for this source, from the sentiments (by mention's key) that people gave."""
    told = sorted(judged, reverse=True)[:MOST]
    drawn = set(Sampled.objects.filter(mention__in=told, sentiment__isnull=False).values_list("mention", flat=True))
    scored = _scored(told)
    rows = [Judged(one.p, _certain(judged[one.mention])) for one in scored]
    met = [one for one in scored if one.mention not in drawn]
    errors = sum(one.sentiment != judged[one.mention] for one in met)
    beside = max(0, BESIDE * errors - (len(met) - errors))
    rows += [Judged(one.p, one.p) for one in _scored(_left_alone(source, beside))]
    fitted = calibration.fit(rows)
    run = current_run()
    return ReaderRun.objects.create(
        name=run.name,
        version=run.version,
        source=source,
        scale=list(fitted.scale),
        bias=list(fitted.bias),
        fitted_on=len(judged),
        fitted_at=at,
    )


@dataclass(frozen=True, slots=True)
class _Score:
    """What the reader in force, as it is, says of a mention (primary key)."""

    mention: int
    p: Three
    sentiment: int


def _scored(mentions: Sequence[int]) -> list[_Score]:
    found = list(Mention.objects.filter(pk__in=mentions).select_related("brand", "post").order_by("pk"))
    if not found:
        return []
    domains = [domain_of(one.network, is_answer=bool(one.post.parent_key)) for one in found]
    readings = read([one.post.text for one in found], [names_of(one.brand) for one in found], domains)
    return [_Score(one.pk, reading.p, reading.sentiment) for one, reading in zip(found, readings, strict=True)]


def _certain(sentiment: int) -> Three:
    negative, neutral, positive = (float(one == sentiment) for one in SENTIMENTS)
    return negative, neutral, positive


def _left_alone(source: Source, count: int) -> list[int]:
    """The newest of the source's mentions that nobody corrected."""
    of_source = Mention.objects.filter(
        brand=source.brand, post__source=source, is_about=True, corrected_by__isnull=True, corrections__isnull=True
    )
    return list(of_source.order_by("-said_at", "-pk").values_list("pk", flat=True)[:count])
