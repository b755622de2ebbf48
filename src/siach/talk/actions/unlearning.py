"""What makes a source due to be set right anew, and what takes a trained reader out of force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from siach.talk import bulk
from siach.talk.models import Mention, ReaderRun, Training

if TYPE_CHECKING:
    from collections.abc import Collection

_JUDGED = """
INSERT INTO talk_rejudged (source_id, n)
SELECT DISTINCT p.source_id, 1 FROM talk_mention m JOIN talk_post p ON p.id = m.post_id
WHERE m.id = ANY(%s) AND p.source_id IS NOT NULL ORDER BY 1
ON CONFLICT (source_id) DO UPDATE SET n = talk_rejudged.n + 1
"""


def judged_anew(mentions: Collection[int]) -> None:
    """Something was judged of these mentions (primary keys), or is judged no more: their sources are looked at."""
    bulk.rows(_JUDGED, [list(mentions)])


@transaction.atomic
def unlearn(posts: Collection[int]) -> int:
    """These posts go: what was learnt from any of them is dropped with them, and learnt anew from the rest at the next
    turn of `calibrating`. Returns how many trained readers went."""
    mentions = list(Mention.objects.filter(post__in=posts).values_list("pk", flat=True))
    if not mentions:
        return 0
    found = list(Training.objects.select_for_update(of=("self",)).filter(taught__overlap=mentions).order_by("pk"))
    for training in found:
        drop(training)
    judged_anew(mentions)
    return len(found)


def drop(training: Training) -> None:
    """Out of force: from now on a run reads its source that is the same calibration, not trained in this language."""
    was = ReaderRun.objects.filter(source=training.source_id, fitted_on__gt=0).order_by("pk").last()
    training.outcome, training.head, training.taught = Training.Outcome.DROPPED, None, []
    training.save(update_fields=["outcome", "head", "taught"])
    if was is not None and training.language in was.trained:
        others = Training.objects.filter(source=training.source_id, run=was)
        was.pk, was.trained = None, [one for one in was.trained if one != training.language]
        was.save(force_insert=True)
        others.update(run=was)
