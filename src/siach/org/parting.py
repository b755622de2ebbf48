"""A person has left a team: what was theirs alone about what they can no longer see goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from siach.org.models import (
    Invitation,
    Mail,
    Membership,
    Notice,
    NoticePreferences,
    PushSubscription,
    Shift,
    Topic,
    User,
)
from siach.org.rights import brands_for
from siach.org.sessions import end_sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    #: One of PARTED, called with `user` and `at`; does nothing when called again.
    Step = Callable[..., object]


def part(*, user_id: int, steps: Sequence[tuple[str, Step]], at: datetime) -> None:
    """The job: each step in a transaction of its own, by what this person can see now."""
    user = User.objects.filter(pk=user_id).first()
    for _name, step in steps if user else ():
        with transaction.atomic():
            step(user=user, at=at)


def drop_own(*, user: User, at: datetime) -> None:
    """PARTED: notices, shifts, and what wrote to their address. Who is in no team any more is signed out, and no
    browser of theirs is called; name and ways in stay, because the ledger tells what they did and they may be
    invited again."""
    brands = brands_for(user, "today.read")
    seen = Q(org__in=brands.values("org")) | Q(org__teams__memberships__user=user)
    told = Notice.objects.filter(user=user)
    told.exclude(pk__in=told.filter(Q(brand__in=brands) | seen & Q(brand=None)).values("pk")).delete()
    Shift.objects.filter(user=user).exclude(brand__in=brands).delete()
    Shift.objects.filter(deputy=user).exclude(brand__in=brands).update(deputy=None)
    inside = Membership.objects.filter(user=user).values("team__org")
    Invitation.objects.filter(email=user.email).exclude(used_at=None).exclude(org__in=inside).delete()
    Mail.objects.filter(to=user.email, org__isnull=False).exclude(state=Mail.State.QUEUED).exclude(
        org__in=inside
    ).delete()
    chosen = NoticePreferences.objects.select_for_update().filter(user=user).first()
    if chosen is not None:
        chosen.brands_off = sorted(set(chosen.brands_off) & set(brands.values_list("pk", flat=True)))
        topics = Topic.objects.filter(brand__in=brands, pk__in=chosen.topics_off)
        chosen.topics_off = sorted(topics.values_list("pk", flat=True))
        chosen.save(update_fields=["brands_off", "topics_off"])
    if not inside.exists():
        NoticePreferences.objects.filter(user=user).delete()
        PushSubscription.objects.filter(user=user).delete()
        end_sessions(user=user, at=at)
