"""Rooms of the whole team at other services: set by the owner, sealed, spoken to by the worker alone."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.calc.rest import Rest, open_from
from siach.org.ledger import record
from siach.org.models import Notice, NoticeService
from siach.org.notices import outside
from siach.org.seal import seal

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Org, User


class NoService(Exception):
    """An address that leads to no service we can reach; the message says why in the reader's language."""


@transaction.atomic
def add_service(*, org: Org, name: str, address: str, least_level: int, by: User, at: datetime) -> NoticeService:
    """A room that hears of the organisation's notices from a level on. NoService for an address of none."""
    network = outside.service_name(address.strip())
    if not network:
        raise NoService(_("No service can be reached at this address from here."))
    service = NoticeService.objects.create(
        org=org,
        name=name.strip()[:60] or network[:60],
        network=network[:60],
        sealed=seal({"address": address.strip()}),
        least_level=Notice.Level(least_level),
        made_at=at,
    )
    record("service.added", service, by=by, at=at, org=org, level=least_level)
    return service


@transaction.atomic
def remove_service(*, service: NoticeService, by: User, at: datetime) -> None:
    record("service.removed", service, by=by, at=at, org=service.org)
    service.delete()


def due_at(notice: Notice, at: datetime) -> datetime:
    """A room keeps the days of rest of its brand; it has no night of its own. What wakes heeds neither."""
    if notice.level == Notice.Level.WAKES:
        return at
    zone = notice.brand.zone if notice.brand else notice.org.zone
    return open_from(at, Rest(zoneinfo.ZoneInfo(zone)))
