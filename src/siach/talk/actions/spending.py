"""What listening costs: every call is counted, and a cap slows a source and then lets it rest until its budget begins
anew, never in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from siach.calc.spending import end_of, thrift
from siach.org.ledger import record
from siach.org.live import signal
from siach.talk import connections
from siach.talk.actions import alerting
from siach.talk.models import Source
from siach.talk.queries.spending import cap_of, spent_of

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User

FIELDS = ("cost", "counted_on", "calls_day", "cost_day", "calls_month", "cost_month", "rests_until")
HIGHEST = 10**12


class CannotCap(Exception):
    """The message says why, in the reader's language."""


def count(source: Source, *, cost: int, at: datetime) -> None:
    """One call more, and what it cost; a new day and a new month begin by the clock of whoever sells it."""
    price = connections.price(source.network)
    today = at.astimezone(ZoneInfo(price.zone if price else "UTC")).date()
    was = source.counted_on
    if was is None or (was.year, was.month) != (today.year, today.month):
        source.calls_month = source.cost_month = 0
    if was != today:
        source.calls_day = source.cost_day = 0
    source.counted_on, source.rests_until = today, None
    source.calls_day, source.calls_month = source.calls_day + 1, source.calls_month + 1
    source.cost, source.cost_day = source.cost + cost, source.cost_day + cost
    source.cost_month += cost


def not_before(source: Source, *, at: datetime) -> datetime:
    """When its cap lets it be asked again. Whoever manages sources is told once when it slows, once when it rests."""
    price, cap = connections.price(source.network), cap_of(source)
    if price is None or cap is None:
        return at
    spent, calls = spent_of(source, price)
    end = end_of(at, price.per, ZoneInfo(price.zone))
    if spent >= cap:
        source.rests_until = end
        alerting.source_rests(source, until=end, at=at)
        return end
    slowed = thrift(spent, cap, calls, end - at)
    if slowed:
        alerting.source_slowed(source, until=end, at=at)
    return at + timedelta(seconds=slowed)


def read_cap(source: Source, said: str) -> int | None:
    """A cap as a person writes it, in the units that are shown; None where nothing is written."""
    price, plain = connections.price(source.network), said.strip().replace(",", "")
    if not plain:
        return None
    try:
        cap = float(plain) * (price.scale if price else 1)
    except ValueError:
        cap = 0.0
    if not 0 < cap <= HIGHEST:
        raise CannotCap(_("A cap is a number above zero."))
    return max(1, round(cap))


@transaction.atomic
def set_cap(*, source: Source, cap: int | None, by: User, at: datetime) -> Source:
    """How many units a period may cost; None: as many as the network itself allows. A source that rests is asked again
    where the new cap leaves room."""
    found = Source.objects.select_for_update(of=("self",)).select_related("org", "brand", "account")
    source = found.get(pk=source.pk)
    price = connections.price(source.network)
    if price is None:
        raise CannotCap(_("Listening to this network is free, so there is nothing to cap."))
    if cap is not None and not 0 < cap <= HIGHEST:
        raise CannotCap(_("A cap is a number above zero."))
    source.cap = cap
    left = cap_of(source)
    if source.rests_until is not None and (left is None or spent_of(source, price)[0] < left):
        source.rests_until, source.due_at = None, at
        alerting.source_affords(source, at=at)
    source.save(update_fields=["cap", "rests_until", "due_at"])
    record("source.cap_set", source, by=by, at=at, org=source.org, brand=source.brand, network=source.network, cap=cap)
    signal(source.org_id, "sources")
    return source
