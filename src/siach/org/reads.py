"""The log of who looked at a person: one insert, once an hour for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.org.keeping import BATCH
from siach.org.models import Org, ReadLog, User

if TYPE_CHECKING:
    from datetime import datetime


def note_read(*, org_id: int, by: User, what: str, person: int, subject: int, at: datetime) -> None:
    """Write down that somebody opened this (`ReadLog.What`). Again within the hour it is the same look."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    look = ReadLog(org_id=org_id, by=by, what=what, person=person, subject=subject, hour=hour, at=at)
    ReadLog.objects.bulk_create([look], ignore_conflicts=True)


def drop_reads(org: Org, *, before: datetime, at: datetime) -> int:
    """Looks past their time."""
    pks = list(ReadLog.objects.filter(org=org, at__lt=before).values_list("pk", flat=True)[:BATCH])
    ReadLog.objects.filter(pk__in=pks).delete()
    return len(pks)
