"""Deeds on notices: tell, see, acknowledge."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from siach.org.ledger import record
from siach.org.live import signal_person
from siach.org.models import Notice, NoticeDelivery, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import Model

    from siach.org.models import Brand, Org

TOPIC = "notices"
KEPT = timedelta(days=90)


@transaction.atomic
def tell(
    kind: str,
    *,
    to: Iterable[User],
    org: Org,
    brand: Brand | None,
    level: int,
    subject: Model,
    url: tuple[str, Mapping[str, Any]],
    at: datetime,
    once: str = "",
    **facts: int | str | bool | list[int] | None,
) -> list[Notice]:
    """Tell these people of one thing; whoever was told under the same kind and `once` is not told again.

    Call it inside the deed's own transaction. `kind` is `noun.verbed`; its sentence stands in the template
    `<room>/notices/<kind>.html` of the room that holds `subject`. `level`: 1 quiet, 2 normal, 3 interrupts, 4 wakes.
    `url` is (url name, its arguments). `once` is the subject by default. `facts` are ids and codes only.
    Returns the new notices.
    """
    meta = subject._meta
    name, arguments = url
    told = {
        "org": org,
        "brand": brand,
        "room": meta.app_label,
        "level": Notice.Level(level),
        "subject_kind": meta.label_lower,
        "subject_id": subject.pk,
        "url_name": name,
        "url_args": dict(arguments),
        "facts": facts,
        "at": at,
    }
    key = once or f"{meta.label_lower}:{subject.pk}"
    return _written(kind, key, to, told)


def tell_as(notice: Notice, *, to: Iterable[User], step: int, at: datetime) -> list[Notice]:
    """Tell more people of the very thing of a notice, as its next step. Returns the new notices."""
    same = ("org", "brand", "room", "level", "subject_kind", "subject_id", "url_name", "url_args", "facts")
    told = {name: getattr(notice, name) for name in same} | {"step": step, "at": at}
    return _written(notice.kind, notice.once, to, told)


def _written(kind: str, once: str, to: Iterable[User], told: Mapping[str, Any]) -> list[Notice]:
    people = {user.pk: user for user in to if user.is_active}
    # One order for everybody, so that two transactions never wait for each other.
    rows = [Notice.objects.get_or_create(user=people[pk], kind=kind, once=once, defaults=told) for pk in sorted(people)]
    new = [notice for notice, is_new in rows if is_new]
    for notice in new:
        refresh(notice.user_id)
    return new


@transaction.atomic
def over(*kinds: str, subject: Model, at: datetime, to: User | None = None) -> None:
    """These notices of a thing need nobody any more: what has not gone out stays here, and nothing goes on.

    Call it inside the deed's own transaction. `to`: only those of one person.
    """
    of_it = Notice.objects.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk, kind__in=kinds)
    open_ones = of_it.filter(over_at=None)
    if to is not None:
        open_ones = open_ones.filter(user=to)
    found = list(open_ones.order_by("pk").values_list("pk", "user"))
    ids = [pk for pk, _user in found]
    NoticeDelivery.objects.filter(notice__in=ids, done_at=None).delete()
    Notice.objects.filter(pk__in=ids).update(over_at=at, waits=False, seen_at=Coalesce("seen_at", Value(at)))
    for user in {user for _pk, user in found}:
        refresh(user)


def refresh(user_id: int) -> None:
    """The open pages of this person fetch their notices anew."""
    signal_person(user_id, TOPIC)


def see(*, notice: Notice, at: datetime) -> None:
    """The person it was told to looked at it; a reading, so the ledger keeps none of it."""
    if Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at):
        refresh(notice.user_id)


def see_all(*, user: User, upto: int, at: datetime) -> int:
    """Everything up to this notice's id was looked at, but what still asks to be acknowledged. Returns how many."""
    seen = Notice.objects.filter(user=user, pk__lte=upto, seen_at=None).exclude(
        level__gte=Notice.Level.INTERRUPTS, acknowledged_at=None, over_at=None
    )
    count = seen.update(seen_at=at)
    if count:
        refresh(user.pk)
    return count


@transaction.atomic
def acknowledge(*, notice: Notice, by: User, at: datetime) -> Notice:
    """The person says that they have it in hand. Said twice it changes nothing."""
    notice = Notice.objects.select_for_update(of=("self",)).select_related("org", "brand").get(pk=notice.pk)
    if notice.acknowledged_at is not None:
        return notice
    notice.acknowledged_at = at
    notice.seen_at = notice.seen_at or at
    notice.save(update_fields=["acknowledged_at", "seen_at"])
    record("notice.acknowledged", notice, by=by, at=at, org=notice.org, brand=notice.brand, level=notice.level)
    refresh(notice.user_id)
    return notice


def drop_old(*, at: datetime) -> int:
    """Forget what was told long ago; the ledger keeps the deeds behind it. Returns how many."""
    return Notice.objects.filter(at__lt=at - KEPT).delete()[0]
