"""Posts that wait for a person's label, and how often the reader was right of those that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q

from siach.calc.sentiment import wilson
from siach.talk.models import Correction, Sampled
from siach.talk.queries.reach import mentions_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from siach.org.models import Brand, User
    from siach.talk.models import ReaderRun

#: From so many labels on a language's accuracy is told.
ENOUGH = 100


class Accuracy(NamedTuple):
    """Of `n` labels in a language, `right` are what the reader said; the interval of the share is Wilson's, 95 %."""

    language: str
    n: int
    right: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.right / self.n

    @property
    def is_told(self) -> bool:
        return self.n >= ENOUGH

    @property
    def missing(self) -> int:
        return max(0, ENOUGH - self.n)


class Sample(NamedTuple):
    """How many posts were drawn, how many of them `people` judged, and how many were passed over."""

    drawn: int
    judged: int
    passed: int
    people: int


def accuracies(brands: Sequence[Brand], run: ReaderRun) -> list[Accuracy]:
    """How often the reader of `run` was right, by language, all of these brands together; most labels first."""
    labels = Sampled.objects.filter(
        brand__in=brands, sentiment__isnull=False, run__name=run.name, run__version=run.version
    )
    counted = labels.values_list("language").annotate(n=Count("pk"), right=Count("pk", filter=Q(sentiment=F("read"))))
    return [Accuracy(code, n, right, *wilson(right, n)) for code, n, right in counted.order_by("-n", "language")]


def sample(brand: Brand, first: date, last: date) -> Sample:
    """What was drawn of a brand in the weeks whose Monday is one of these days, both included."""
    judged = Q(sentiment__isnull=False)
    counted = Sampled.objects.filter(brand=brand, week__range=(first, last)).aggregate(
        drawn=Count("pk"),
        judged=Count("pk", filter=judged),
        passed=Count("pk", filter=Q(is_passed=True)),
        people=Count("by", filter=judged, distinct=True),
    )
    return Sample(**counted)


def corrected(user: User, brand: Brand, since: datetime, until: datetime) -> int:
    """How many mentions that were said from `since` until before `until` somebody corrected, of those that this person
    may read in the Stream."""
    mine = mentions_for(user, "stream.read").filter(brand=brand, said_at__gte=since, said_at__lt=until, is_about=True)
    return mine.filter(Exists(Correction.objects.filter(mention=OuterRef("pk")))).count()


def unlabelled(user: User, brands: Sequence[Brand]) -> QuerySet[Sampled]:
    """Drawn posts of these brands that nobody judged, as far as this person may read and judge them; the newest week
    first."""
    mine = mentions_for(user, "reading.correct").filter(brand__in=brands, is_about=True, post__state="heard")
    waiting = Sampled.objects.filter(brand__in=brands, sentiment__isnull=True, is_passed=False)
    return waiting.filter(mention__in=mine).order_by("-week", "pk")
