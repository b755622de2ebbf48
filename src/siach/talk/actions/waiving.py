"""Places that a brand's people need not hear: said, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.live import signal
from siach.talk.models import PlaceWaiver
from siach.talk.places import BY_KEY

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Brand, User


class CannotWaive(Exception):
    """The message says why, in the reader's language."""


@transaction.atomic
def waive(*, brand: Brand, place: str, by: User, at: datetime) -> PlaceWaiver:
    """This place is not relevant for the brand: nobody is reminded of it."""
    if place not in BY_KEY:
        raise CannotWaive(_("This place is not on the list."))
    waiver, is_new = PlaceWaiver.objects.get_or_create(brand=brand, place=place, defaults={"by": by, "at": at})
    if not is_new:
        raise CannotWaive(_("Somebody said so already."))
    record("place.waived", waiver, by=by, at=at, org=brand.org, brand=brand, place=place)
    signal(brand.org_id, "sources")
    return waiver


@transaction.atomic
def want(*, brand: Brand, place: str, by: User, at: datetime) -> None:
    """It is relevant after all."""
    waiver = PlaceWaiver.objects.select_for_update().filter(brand=brand, place=place).first()
    if waiver is None:
        raise CannotWaive(_("This place is relevant already."))
    record("place.wanted", waiver, by=by, at=at, org=brand.org, brand=brand, place=place)
    waiver.delete()
    signal(brand.org_id, "sources")
