"""Since you were last here: how much others did on these brands, person by person, counts only."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from siach.insight.models import Visit
from siach.insight.queries.activity import KINDS
from siach.org.models import LedgerEntry, User
from siach.org.rights import brands_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.utils.functional import Promise

    from siach.org.models import Brand

LINES = 5


@dataclass(frozen=True, slots=True)
class Share:
    """What one person did: how many deeds of each kind, the most first. `by` is None for Siach by itself."""

    by: User | None
    kinds: tuple[tuple[str | Promise, int], ...]

    @property
    def n(self) -> int:
        return sum(n for _label, n in self.kinds)


@dataclass(frozen=True, slots=True)
class Since:
    """`since` is the end of the earliest visit counted from; `more` people did something beside the ones shown."""

    since: datetime
    shares: tuple[Share, ...]
    more: int


def since_last_here(user: User, brands: Sequence[Brand]) -> Since | None:
    """What others did since this person's visit before this one; None where nothing was, or it is the first."""
    readable = brands_for(user, "activity.read").filter(pk__in=[brand.pk for brand in brands])
    visits = list(Visit.objects.filter(user=user, brand__in=readable, since__isnull=False))
    if not visits:
        return None
    asked = Q()
    for visit in visits:
        asked |= Q(brand=visit.brand_id, at__gt=visit.since)
    rows = LedgerEntry.objects.filter(asked).exclude(by=user).values_list("by", "name").annotate(n=Count("pk"))
    shares = _shares(rows)
    if not shares:
        return None
    first = min(visit.since for visit in visits if visit.since)
    return Since(first, tuple(shares[:LINES]), max(0, len(shares) - LINES))


def _shares(rows: Iterable[tuple[int | None, str, int]]) -> list[Share]:
    """The people, whoever did the most first; Siach by itself stands last."""
    done: defaultdict[int | None, Counter[str]] = defaultdict(Counter)
    for by, name, n in rows:
        done[by][name.partition(".")[0]] += n
    people = User.objects.in_bulk([by for by in done if by is not None])
    shares = [
        Share(people.get(by) if by else None, tuple((KINDS[kind][0], n) for kind, n in kinds.most_common()))
        for by, kinds in done.items()
    ]
    return sorted(shares, key=lambda share: (share.by is None, -share.n))
