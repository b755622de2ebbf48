"""Deeds on shifts: put somebody on call, take a shift away; how long a notice calls before it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.actions import Refused
from siach.org.ledger import record
from siach.org.models import Org, Shift
from siach.org.rights import members

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from siach.org.models import Brand, User


LEAST_MINUTES, MOST_MINUTES = 1, 24 * 60


class NoShift(Exception):
    """A shift that cannot be; the message says why in the reader's language."""


@transaction.atomic
def add_shift(
    *,
    brand: Brand,
    user: User,
    deputy: User | None,
    day: date,
    hours: tuple[time, time],
    is_weekly: bool,
    until: date | None,
    by: User,
    at: datetime,
) -> Shift:
    """Somebody is on call from `hours[0]` to `hours[1]`, over midnight when the end is not later, once or weekly."""
    wanted = {user.pk} | ({deputy.pk} if deputy else set())
    if members(brand.org, "today.read").filter(pk__in=wanted).count() != len(wanted):
        raise NoShift(_("Only people of this organisation can be on call."))
    if deputy is not None and deputy.pk == user.pk:
        raise NoShift(_("The deputy must be another person."))
    if until is not None and until < day:
        raise NoShift(_("The last day is before the first."))
    shift = Shift.objects.create(
        brand=brand,
        user=user,
        deputy=deputy,
        day=day,
        begins=hours[0],
        ends=hours[1],
        is_weekly=is_weekly,
        until=until if is_weekly else None,
        made_at=at,
    )
    facts = {"who": user.pk, "deputy": deputy.pk if deputy else None, "weekly": is_weekly}
    record("shift.added", shift, by=by, at=at, org=brand.org, brand=brand, **facts)
    return shift


@transaction.atomic
def remove_shift(*, shift: Shift, by: User, at: datetime) -> None:
    """The shift goes with all its coming turns."""
    record("shift.removed", shift, by=by, at=at, org=shift.brand.org, brand=shift.brand, who=shift.user_id)
    shift.delete()


@transaction.atomic
def set_minutes(*, org: Org, urgent: int, important: int, by: User, at: datetime) -> Org:
    """For how many minutes a notice of each level calls before it goes on to others. Refused beyond the bounds."""
    if not all(LEAST_MINUTES <= minutes <= MOST_MINUTES for minutes in (urgent, important)):
        raise Refused(_("Between a minute and a day (%(most)s minutes), please.") % {"most": MOST_MINUTES})
    if urgent > important:
        raise Refused(_("An urgent notice cannot wait longer than an important one."))
    org = Org.objects.select_for_update().get(pk=org.pk)
    org.urgent_minutes, org.important_minutes = urgent, important
    org.save(update_fields=["urgent_minutes", "important_minutes"])
    record("org.minutes_set", org, by=by, at=at, org=org, urgent=urgent, important=important)
    return org
