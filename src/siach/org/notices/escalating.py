"""What nobody takes in hand goes on: to who is on call and their deputy, then to the managers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import DateTimeField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Value

from siach.org.ledger import record
from siach.org.models import Notice
from siach.org.notices.telling import tell_as
from siach.org.on_call.turns import on_now
from siach.org.rights import members

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User

#: The organisation's field that says how many minutes a notice of each level may call before it goes on.
MINUTES = {Notice.Level.INTERRUPTS: "important_minutes", Notice.Level.WAKES: "urgent_minutes"}
ON_CALL, MANAGERS = 1, 2
AT_ONCE = 100
#: Nobody took it in hand, it did not go on yet, and its matter still stands.
_OPEN = Q(acknowledged_at=None, escalated_at=None, over_at=None)


def escalate_due(*, at: datetime) -> int:
    """Carry on everything that called long enough and that nobody acknowledged. Returns how many new people heard."""
    heeded = Notice.objects.filter(
        org=OuterRef("org"), kind=OuterRef("kind"), once=OuterRef("once"), acknowledged_at__isnull=False
    )
    due = Notice.objects.filter(_late(at), ~Exists(heeded), _OPEN, due_at__lte=at, step__lt=MANAGERS)
    return sum(_carry_on(pk, at=at) for pk in due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _late(at: datetime) -> Q:
    late = Q()
    for level, field in MINUTES.items():
        called = ExpressionWrapper(F(f"org__{field}") * Value(timedelta(minutes=1)), output_field=DurationField())
        since = ExpressionWrapper(Value(at) - called, output_field=DateTimeField())
        late |= Q(level=level, due_at__lte=since)
    return late


@transaction.atomic
def _carry_on(pk: int, *, at: datetime) -> int:
    """The first step that reaches somebody new, but whoever did it; those of the same thing go with it."""
    found = Notice.objects.select_for_update(of=("self",), skip_locked=True).select_related("org", "brand")
    notice = found.filter(_OPEN, pk=pk).first()
    if notice is None:
        return 0
    same = Notice.objects.filter(org=notice.org, kind=notice.kind, once=notice.once)
    if same.filter(acknowledged_at__isnull=False).exists():
        return 0
    same.filter(escalated_at=None, step=notice.step).update(escalated_at=at)
    for step in range(notice.step + 1, MANAGERS + 1):
        people = [user for user in _next(notice, step, at) if user.pk != notice.facts.get("by")]
        new = tell_as(notice, to=people, step=step, at=at)
        if new:
            facts: dict[str, Any] = {"level": notice.level, "step": step, "to": [one.user_id for one in new]}
            record("notice.escalated", notice, by=None, at=at, org=notice.org, brand=notice.brand, **facts)
            return len(new)
    return 0


def _next(notice: Notice, step: int, at: datetime) -> list[User]:
    if step == ON_CALL:
        return on_now(notice.brand, at=at, deputies=True) if notice.brand else []
    return list(members(notice.org, "brand.manage"))
