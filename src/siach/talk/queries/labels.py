"""Posts that wait for a person's label, and how often the reader was right of those that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, F, Q

from siach.calc.sentiment import wilson
from siach.talk.models import Sampled
from siach.talk.queries.reach import mentions_for

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def accuracies(brands: Sequence[Brand], run: ReaderRun) -> list[Accuracy]:
    """How often the reader of `run` was right, by language, all of these brands together; most labels first."""
    labels = Sampled.objects.filter(
        brand__in=brands, sentiment__isnull=False, run__name=run.name, run__version=run.version
    )
    counted = labels.values_list("language").annotate(n=Count("pk"), right=Count("pk", filter=Q(sentiment=F("read"))))
    return [Accuracy(code, n, right, *wilson(right, n)) for code, n, right in counted.order_by("-n", "language")]


def unlabelled(user: User, brands: Sequence[Brand]) -> QuerySet[Sampled]:
    """Drawn posts of these brands that nobody judged, as far as this person may read and judge them; the newest week
    first."""
    mine = mentions_for(user, "reading.correct").filter(brand__in=brands, is_about=True, post__state="heard")
    waiting = Sampled.objects.filter(brand__in=brands, sentiment__isnull=True, is_passed=False)
    return waiting.filter(mention__in=mine).order_by("-week", "pk")
