"""The ledger: one line for each deed of a person, from which Activity, undo and notices hang."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.org.models import LedgerEntry, Org

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import Model

    from siach.org.models import Brand, User


def record(
    name: str,
    subject: Model,
    *,
    by: User | None,
    at: datetime,
    org: Org,
    brand: Brand | None = None,
    **facts: int | str | bool | list[int] | None,
) -> LedgerEntry:
    """Write one deed. Call it inside the deed's own transaction.

    `name` is `noun.verbed`; the sentence stands in the template `<room>/events/<name>.html` of the room
    that holds `subject`. `facts` are ids and codes only: a name or a text would survive its erasure here.
    `by` is None for what Siach does by itself.
    """
    entry = line(name, subject, by=by, at=at, org=org, brand=brand, **facts)
    entry.save()
    return entry


def line(
    name: str,
    subject: Model,
    *,
    by: User | None,
    at: datetime,
    org: Org,
    brand: Brand | None = None,
    **facts: int | str | bool | list[int] | None,
) -> LedgerEntry:
    """One deed as `record` writes it, not yet written: for `record_all`."""
    meta = subject._meta
    return LedgerEntry(
        org=org,
        room=meta.app_label,
        name=name,
        subject_kind=meta.label_lower,
        subject_id=subject.pk,
        brand=brand,
        by=by,
        at=at,
        facts=facts,
    )


def record_all(lines: Sequence[LedgerEntry]) -> None:
    """Write the deeds of one transaction at once, in their order."""
    LedgerEntry.objects.bulk_create(lines)
