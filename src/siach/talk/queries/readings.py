"""How well readings hold, for Sources: their accuracy by language, what waits for labels, what is read anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from siach.talk.connections import label
from siach.talk.models import ReaderRun, Rereading, Training
from siach.talk.queries import training
from siach.talk.queries.labels import Accuracy, accuracies, unlabelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from siach.org.models import Brand, Org, User
    from siach.talk.models import Source

SHOWN_FROM = 50  # as many as set a source right (actions.calibrating)


@dataclass(frozen=True, slots=True)
class SetRight:
    """A source whose readings are set right by so many judged posts, and what training on them came to, by language."""

    source: Source
    judged: int
    trainings: tuple[Training, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """`waiting`: posts to label by whoever asks. `anew`: what an older reader read, unless all of it is read anew.
    `exported` judged posts may train a reader; `kept` may not, by the network's label."""

    run: ReaderRun
    accuracies: tuple[Accuracy, ...]
    waiting: int
    anew: tuple[Rereading, ...]
    set_right: tuple[SetRight, ...]
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
        tuple(set_right(brands, run)),
        exported,
        tuple((label(network), n) for network, n in kept.items()),
    )


def set_right(brands: Sequence[Brand], run: ReaderRun) -> Iterator[SetRight]:
    """The sources of these brands that what people judged set right or trained."""
    own = ReaderRun.objects.filter(source__brand__in=brands, name=run.name, version=run.version, fitted_on__gt=0)
    newest = own.order_by("source", "-pk").distinct("source").select_related("source__brand")
    trainings = Training.objects.order_by("language").defer("head", "taught")
    for one in newest.prefetch_related(Prefetch("trainings", trainings)):
        if one.source is not None and one.fitted_on >= SHOWN_FROM:
            yield SetRight(one.source, one.fitted_on, tuple(one.trainings.all()))
