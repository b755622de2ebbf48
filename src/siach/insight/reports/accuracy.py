"""How well Siach hears and reads: what whoever trusts another figure reads first. From counts and sources; no post is
read but those that people corrected."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siach.org.models import Brand
from siach.org.rights import brands_for, narrow, reaches
from siach.talk import connections
from siach.talk.actions.reading import current_run
from siach.talk.models import ReaderRun, Source
from siach.talk.queries.blind import Blind, blind_spots
from siach.talk.queries.counts import counts_by_network
from siach.talk.queries.days import day_bounds
from siach.talk.queries.filters import RANGE, Filters
from siach.talk.queries.labels import Accuracy, Sample, accuracies, corrected, sample, unlabelled
from siach.talk.queries.readings import SetRight, set_right

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.utils.functional import Promise

    from siach.insight.months import Month
    from siach.org.models import User

TITLE = _("How well Siach hears and reads")

_BY_ITSELF = pgettext_lazy("source", "listening")
_BROUGHT = (Source.Kind.CAPTURE, Source.Kind.IMPORT, Source.Kind.WEBHOOK, Source.Kind.DRILL)


@dataclass(frozen=True, slots=True)
class Heard:
    """A network and its mentions in the month, a `share` of all. `ways`: how it is heard now, () by no source of the
    brand's; `since`: when that began, if later than the month; `rows`: their address, "" for who may not open it."""

    network: str
    n: int
    share: float
    ways: tuple[str | Promise, ...]
    since: datetime | None
    rows: str


@dataclass(frozen=True, slots=True)
class Report:
    """`blind` is as of `at`. `accuracies` count for the reader in force, `brands` of the organisation together;
    `sample` is of the weeks that begin in the month, `waiting` what of any week this person may check. `corrected`:
    mentions of the month that people corrected, None for who may not open them."""

    brand: Brand
    month: Month
    at: datetime
    run: ReaderRun
    is_over: bool
    heard: tuple[Heard, ...]
    rows: str
    blind: Blind
    accuracies: tuple[Accuracy, ...]
    brands: int
    sample: Sample
    waiting: int
    unsure_rows: str
    corrected: int | None
    corrected_rows: str
    set_right: tuple[SetRight, ...]

    @property
    def total(self) -> int:
        return sum(one.n for one in self.heard)


def report(brand: Brand, month: Month, *, user: User, at: datetime) -> Report:
    run = current_run()
    pooled = list(brands_for(user, "report.read").filter(org=brand.org_id, kind=Brand.Kind.OWN))
    since, until = day_bounds(brand, month.first)[0], day_bounds(brand, month.last)[1]
    rows = _rows(brand, month, user)
    return Report(
        brand=brand,
        month=month,
        at=at,
        run=run,
        is_over=until <= at,
        heard=_heard(brand, month, rows, since),
        rows=_address(rows),
        blind=blind_spots([brand], at=at),
        accuracies=tuple(accuracies(pooled, run)),
        brands=len(pooled),
        sample=sample(brand, month.first, month.last),
        waiting=unlabelled(user, [brand]).count(),
        unsure_rows=_address(rows, unsure="1"),
        corrected=corrected(user, brand, since, until) if rows else None,
        corrected_rows=_address(rows, corrected="1"),
        set_right=tuple(set_right([brand], run)),
    )


def _rows(brand: Brand, month: Month, user: User) -> Filters | None:
    """What shows the month's mentions in the Stream; None for who may not open all of them."""
    whole = brands_for(user, "stream.read").exclude(pk__in=narrow(reaches(user, "stream.read")))
    if not whole.filter(pk=brand.pk).exists():
        return None
    return Filters(brand=str(brand.pk), period=RANGE, first=month.first, last=month.last)


def _address(rows: Filters | None, **more: str) -> str:
    return f"{reverse('stream')}?{rows.address(**more)}" if rows else ""


def _heard(brand: Brand, month: Month, rows: Filters | None, since: datetime) -> tuple[Heard, ...]:
    sources: dict[str, list[Source]] = defaultdict(list)
    for source in Source.objects.filter(brand=brand).only("network", "kind", "connected_at").order_by("pk"):
        sources[source.network].append(source)
    counted = counts_by_network([brand.pk], month.first, month.last)
    total = sum(counted.values())
    return tuple(
        Heard(
            connections.label(network),
            n,
            n / total,
            _ways(sources[network]),
            _begun(sources[network], since),
            _address(rows, network=network),
        )
        for network, n in counted.items()
        if n
    )


def _ways(sources: Sequence[Source]) -> tuple[str | Promise, ...]:
    found: dict[Any, str | Promise] = {}
    for source in sources:
        own = source.kind in _BROUGHT
        found[source.kind if own else ""] = Source.Kind(source.kind).label if own else _BY_ITSELF
    return tuple(found.values())


def _begun(sources: Sequence[Source], since: datetime) -> datetime | None:
    """When the first of them was connected, if that was after `since`: what was said before may be missing."""
    first = min((source.connected_at for source in sources), default=None)
    return first if first and first > since else None
