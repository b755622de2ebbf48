"""The morning brief: five lines of counts at 07:30, only of what exists, once for each day and person."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from siach.calc.rest import is_day_of_rest
from siach.insight.queries.today import today
from siach.org.models import Brand, User
from siach.org.notices import tell
from siach.org.notices.preferences import preferences
from siach.org.rights import brands_for, rights_of
from siach.talk.queries import counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.org.models import NoticePreferences

HOUR = time(7, 30)
#: How late a brief may still come after a fall.
GRACE = timedelta(hours=2)


def send_due(*, at: datetime) -> int:
    """Brief everybody whose morning it is. Returns how many were briefed."""
    zones = Brand.objects.filter(kind=Brand.Kind.OWN).order_by("zone").values_list("zone", flat=True).distinct()
    mornings = [zone for zone in zones if is_morning(at, zone)]
    if not mornings:
        return 0
    told = User.objects.filter(notices__kind="brief.ready", notices__at__gt=at - GRACE)
    people = User.objects.filter(is_active=True, memberships__isnull=False).exclude(pk__in=told).distinct()
    return sum(_brief(user, mornings, at) for user in people.order_by("pk"))


def is_morning(at: datetime, zone: str) -> bool:
    """Whether 07:30 of the zone came within the last two hours."""
    here = at.astimezone(zoneinfo.ZoneInfo(zone))
    hour = datetime.combine(here.date(), HOUR, tzinfo=here.tzinfo)
    return hour <= here < hour + GRACE


def wants(chosen: NoticePreferences, day: datetime) -> bool:
    """Whether the person asked for a brief on this day of their brand."""
    rests = chosen.keeps_holidays and is_day_of_rest(day.date())
    return chosen.has_brief and day.weekday() in chosen.brief_days and not rests


def _brief(user: User, mornings: Sequence[str], at: datetime) -> bool:
    """The person's day is that of the first of their brands."""
    own = brands_for(user, "today.read").filter(kind=Brand.Kind.OWN)
    brands = list(own.select_related("org").order_by("org__name", "id"))
    if not brands or brands[0].zone not in mornings:
        return False
    here = at.astimezone(zoneinfo.ZoneInfo(brands[0].zone))
    if not wants(preferences(user), here):
        return False
    told = tell(
        "brief.ready",
        to=[user],
        org=brands[0].org,
        brand=None,
        level=2,
        subject=brands[0].org,
        url=("today", {}),
        at=at,
        once=f"{here:%Y-%m-%d}",
        **facts(user, brands, at=at),
    )
    return bool(told)


def facts(user: User, brands: Sequence[Brand], *, at: datetime) -> dict[str, int | str]:
    """The counts behind the lines: what was said since yesterday, what is unusual, what goes out, waits, is deaf."""
    shown = today(user, rights_of(user), brands, at=at)
    here = at.astimezone(zoneinfo.ZoneInfo(brands[0].zone))
    yesterday = datetime.combine(here.date() - timedelta(days=1), HOUR, tzinfo=here.tzinfo)
    said = counts.tally_since([brand.pk for brand in brands], yesterday, at)
    return {
        "said": said.total,
        "negative": said.negative,
        "unusual": shown.pulse.level,
        "going_out": len(shown.outgoing),
        "waiting": shown.waiting.total,
        "late": shown.waiting.late,
        "deaf": len(shown.waiting.deaf),
    }
