"""How well readings hold, for Sources: their accuracy by language, what waits for labels, what is read anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.talk.connections import label
from siach.talk.models import Rereading
from siach.talk.queries import training
from siach.talk.queries.labels import Accuracy, accuracies, unlabelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from siach.org.models import Brand, Org, User
    from siach.talk.models import ReaderRun


@dataclass(frozen=True, slots=True)
class Readings:
    """`waiting`: posts to label by whoever asks. `anew`: what an older reader read, unless all of it is read anew.
    `exported` judged posts may train a reader; `kept` may not, by the network's label."""

    run: ReaderRun
    accuracies: tuple[Accuracy, ...]
    waiting: int
    anew: tuple[Rereading, ...]
    exported: int
    kept: tuple[tuple[str, int], ...]


def readings(
    brands: Sequence[Brand], *, user: User, orgs: QuerySet[Org], rights: frozenset[str], run: ReaderRun
) -> Readings:
    """Of these brands of ours, as far as these rights reach."""
    going = Rereading.objects.filter(org__in=orgs, run=run).exclude(state=Rereading.State.DONE)
    exported, kept = training.counted(user, brands) if training.RIGHT in rights else (0, {})
    return Readings(
        run,
        tuple(accuracies(brands, run)),
        unlabelled(user, brands).count() if "reading.correct" in rights else 0,
        tuple(going.select_related("org").order_by("org__name", "pk")),
        exported,
        tuple((label(network), n) for network, n in kept.items()),
    )
