"""What went beyond a person's cap comes together, a few times a day."""

from __future__ import annotations

import zoneinfo
from datetime import time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from siach.calc.rest import is_rest
from siach.org.models import Notice, User
from siach.org.notices.preferences import preferences, rest_of
from siach.org.notices.telling import tell

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Org

HOURS = (time(7, 30), time(13, 0), time(17, 30))
#: How late a digest may still come after a fall.
GRACE = timedelta(hours=1)


def slot(at: datetime, zone: str) -> datetime | None:
    """The hour of a digest that came within the last hour of the zone's clock, or None."""
    here = at.astimezone(zoneinfo.ZoneInfo(zone))
    begun = (here.replace(hour=h.hour, minute=h.minute, second=0, microsecond=0) for h in HOURS)
    return next((hour for hour in begun if hour <= here < hour + GRACE), None)


def send_digests(*, at: datetime) -> int:
    """Whoever has something that waits gets it now, when their hour came and they do not rest. Returns how many."""
    waiting = Notice.objects.filter(waits=True, digested_at=None).order_by("org", "user")
    pairs = waiting.distinct("org", "user").select_related("org", "user")
    return sum(_send(notice.user, notice.org, at) for notice in pairs)


@transaction.atomic
def _send(user: User, org: Org, at: datetime) -> bool:
    hour = slot(at, org.zone)
    if hour is None or is_rest(at, rest_of(preferences(user), org.zone)):
        return False
    gathered = Notice.objects.filter(user=user, org=org, waits=True, digested_at=None, at__lt=at)
    count = gathered.update(digested_at=at)
    if not count:
        return False
    once = f"{org.pk}:{hour:%Y-%m-%d %H:%M}"
    return bool(
        tell(
            "digest.ready",
            to=[user],
            org=org,
            brand=None,
            level=2,
            subject=org,
            url=("notices", {}),
            at=at,
            once=once,
            n=count,
        )
    )
