"""When and by which ways a notice goes out: the person's hours, their cap, their channels."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

from siach.calc.rest import open_from
from siach.org.models import Notice, NoticeDelivery, NoticeService, PushSubscription, Topic
from siach.org.notices import services
from siach.org.notices.preferences import Channel, least_level, preferences, rest_of
from siach.org.notices.reading import GATHERED, interruptions
from siach.org.notices.telling import refresh

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from siach.org.models import NoticePreferences

LOCK = 7_201_409
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one notice: it `waits` for the digest, or may call from `due_at` on by these channels."""

    waits: bool
    due_at: datetime
    channels: tuple[str, ...]


def plan(
    notice: Notice,
    chosen: NoticePreferences,
    *,
    interruptions: int,
    zone: str,
    at: datetime,
    topics: Collection[int] = (),
) -> Plan:
    """One notice for a person who had so many interruptions today. What wakes heeds no hour and no cap.

    `topics`: ids of those that it speaks of and that still stand.
    """
    noun = notice.kind.partition(".")[0]
    if notice.level == Notice.Level.QUIET:
        return Plan(False, at, ())
    wakes = notice.level == Notice.Level.WAKES
    if not wakes and noun not in GATHERED and interruptions >= chosen.cap:
        return Plan(True, at, ())
    due_at = at if wakes else open_from(at, rest_of(chosen, zone))
    topics_are_off = bool(topics) and set(topics) <= set(chosen.topics_off)
    if not wakes and (topics_are_off or notice.brand_id in chosen.brands_off):
        return Plan(False, due_at, ())
    asked = (Channel.MAIL, Channel.PUSH)
    channels = tuple(str(c) for c in asked if notice.level >= least_level(chosen, c, notice.kind))
    return Plan(False, due_at, channels)


@transaction.atomic
def plan_new(*, at: datetime) -> int:
    """Decide on every new notice, one worker at a time, so that a person's cap is exact. Returns how many."""
    if not _alone():
        return 0
    new = (
        Notice.objects.filter(planned_at=None, over_at=None)
        .select_related("user", "org", "brand")
        .order_by("pk")[:AT_ONCE]
    )
    count = 0
    for notice in new:
        _plan_one(notice, at)
        count += 1
    return count


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _plan_one(notice: Notice, at: datetime) -> None:
    zone = notice.brand.zone if notice.brand else notice.org.zone
    chosen = preferences(notice.user)
    so_far = interruptions_today(notice.user_id, zone, at)
    topics = _topics(notice) if chosen.topics_off else ()
    made = plan(notice, chosen, interruptions=so_far, zone=zone, at=at, topics=topics)
    notice.planned_at, notice.due_at, notice.waits = at, made.due_at, made.waits
    notice.save(update_fields=["planned_at", "due_at", "waits"])
    deliveries = [
        NoticeDelivery(notice=notice, channel=channel, target_id=target, due_at=made.due_at)
        for channel in made.channels
        for target in _targets(notice, channel)
    ]
    deliveries += [
        NoticeDelivery(notice=notice, channel=Channel.SERVICE, target_id=service.pk, due_at=services.due_at(notice, at))
        for service in _services(notice)
    ]
    NoticeDelivery.objects.bulk_create(deliveries)
    if made.waits:
        refresh(notice.user_id)


def _topics(notice: Notice) -> Collection[int]:
    """A topic that was removed since mutes nothing and keeps nothing from being muted."""
    told = notice.facts.get("topics") or ()
    return list(Topic.objects.filter(brand=notice.brand, pk__in=told).values_list("pk", flat=True)) if told else ()


def _targets(notice: Notice, channel: str) -> list[int]:
    if channel == Channel.PUSH:
        return list(PushSubscription.objects.filter(user=notice.user_id).values_list("pk", flat=True))
    return [0]


def _services(notice: Notice) -> Iterator[NoticeService]:
    """The organisation's services that want this level and did not hear of the thing through somebody else's notice."""
    if notice.kind.partition(".")[0] in GATHERED:
        return
    heard = NoticeDelivery.objects.filter(
        channel=Channel.SERVICE, notice__org=notice.org_id, notice__kind=notice.kind, notice__once=notice.once
    )
    for service in NoticeService.objects.filter(org=notice.org_id, least_level__lte=notice.level):
        if not heard.filter(target_id=service.pk).exists():
            yield service


def interruptions_today(user_id: int, zone: str, at: datetime) -> int:
    """How often this person was interrupted since midnight of the zone."""
    local = at.astimezone(zoneinfo.ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return interruptions().filter(user=user_id, planned_at__gte=midnight).count()
