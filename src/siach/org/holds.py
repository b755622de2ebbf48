"""The hold of a brand: one deed stops everything it sends, one releases it. The words themselves are moved above.

Every send locks the hold before it locks its words, so a hold that is committed stops each that has not begun.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.live import signal
from siach.org.models import Hold
from siach.org.notices import over, tell
from siach.org.rights import members, people_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import Brand, User

LONGEST = timedelta(days=30)


class CannotHold(Exception):
    """A hold or a release that cannot be done; the message says why in the reader's language."""


def is_held(brand_id: int) -> bool:
    """Whether the brand is held now, and lets nobody change that before this transaction ends.

    Call it before any row of the words themselves is locked. LookupError for a brand without its row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT since IS NOT NULL FROM org_hold WHERE brand_id = %s FOR SHARE", [brand_id])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"brand {brand_id} has no hold row")
    return bool(row[0])


@transaction.atomic
def hold(*, brand: Brand, reason: str, review_at: datetime, by: User, at: datetime) -> Hold:
    """Stop everything that the brand sends, until somebody releases it. CannotHold without reason or review time."""
    held = Hold.objects.select_for_update().get(brand=brand)
    if held.since is not None:
        raise CannotHold(_("Publishing is already paused for this brand."))
    if not reason.strip():
        raise CannotHold(_("A reason is needed: everybody affected will read it."))
    if not at < review_at <= at + LONGEST:
        raise CannotHold(_("The review time must be in the future, within thirty days."))
    held.since, held.reason, held.owner, held.review_at, held.told_at = at, reason.strip()[:300], by, review_at, None
    held.save()
    record("brand.held", brand, by=by, at=at, org=brand.org, brand=brand)
    about = _about(brand, at, by=by, at=at)
    for people, url in _hearers(brand, by):
        tell("hold.set", to=people, level=3, url=url, **about)
    signal(brand.org_id, "hold")
    return held


@transaction.atomic
def release(*, brand: Brand, by: User, at: datetime) -> None:
    """Words of this brand may be put on their way again; none goes by itself."""
    held = Hold.objects.select_for_update().get(brand=brand)
    if held.since is None:
        raise CannotHold(_("Publishing is not paused for this brand."))
    about = _about(brand, held.since, by=by, at=at)
    held.since, held.reason, held.owner, held.review_at, held.told_at = None, "", None, None, None
    held.save()
    record("brand.released", brand, by=by, at=at, org=brand.org, brand=brand)
    over("hold.set", "hold.due", subject=brand, at=at)
    for people, url in _hearers(brand, by):
        tell("hold.released", to=people, level=2, url=url, **about)
    signal(brand.org_id, "hold")


def _about(brand: Brand, since: datetime, *, by: User, at: datetime) -> dict[str, Any]:
    """What a notice says of a hold, once for each hold."""
    return {
        "org": brand.org,
        "brand": brand,
        "subject": brand,
        "once": f"{brand.pk}:{since}",
        "by": by.pk,
        "at": at,
    }


def _hearers(brand: Brand, by: User) -> Iterator[tuple[set[User], tuple[str, dict[str, int]]]]:
    """Who answers and decides on the brand, but whoever did it; and where it leads those who may release it or not."""
    may_release = set(members(brand.org, "hold.set"))
    yield may_release - {by}, ("hold", {"brand": brand.pk})
    yield {*people_on(brand, "case.answer"), *members(brand.org, "approval.decide")} - may_release - {by}, ("today", {})


def holding(brands: Iterable[Brand]) -> QuerySet[Hold]:
    """The holds that are on among these brands, the oldest first."""
    found = Hold.objects.filter(brand__in=list(brands), since__isnull=False)
    return found.select_related("brand", "owner").order_by("since", "pk")


def review(*, at: datetime) -> int:
    """Say of every hold whose review time has come that it is time to look again; how many were said now."""
    due = Hold.objects.filter(since__isnull=False, review_at__lte=at, told_at=None).select_related(
        "brand__org", "owner"
    )
    said = [hold for hold in due if _say(hold, at)]
    return len(said)


@transaction.atomic
def _say(hold: Hold, at: datetime) -> bool:
    """Once for each hold, whoever runs this twice."""
    if not Hold.objects.filter(pk=hold.pk, since=hold.since, told_at=None).update(told_at=at):
        return False
    brand = hold.brand
    managers = members(brand.org, "brand.manage")
    tell(
        "hold.due",
        to=[person for person in {hold.owner, *managers} if person],
        org=brand.org,
        brand=brand,
        level=3,
        subject=brand,
        url=("hold", {"brand": brand.pk}),
        at=at,
        once=f"{brand.pk}:{hold.since}",
    )
    signal(brand.org_id, "hold")
    return True
