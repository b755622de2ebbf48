"""A person's own address for captures from their devices, and what came by it and waits for them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from siach.org.factors import must_add_factor
from siach.org.ledger import line, record_all
from siach.org.models import Org
from siach.org.rights import brands_for
from siach.org.sessions import was_signed_out
from siach.talk import pictures
from siach.talk.models import CaptureAddress, HandedIn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from siach.org.models import User

WAITS_FOR = timedelta(days=14)
MOST_WAITING = 100


class TooMany(Exception):
    """So much waits already that nothing more is taken. The message is for the person."""


@transaction.atomic
def make_address(*, by: User, at: datetime) -> str:
    """One's own address, shown once. The one before it ends."""
    secret = secrets.token_urlsafe(32)
    made = {"digest": _digest(secret), "made_at": at, "used_at": None}
    address, is_new = CaptureAddress.objects.update_or_create(user=by, defaults=made)
    _recorded("capture.address_made" if is_new else "capture.address_renewed", address, at=at)
    return secret


@transaction.atomic
def end_address(*, by: User, at: datetime) -> None:
    """Nothing more comes by it; what waits goes on waiting."""
    address = CaptureAddress.objects.select_for_update().filter(user=by).first()
    if address is not None:
        _recorded("capture.address_ended", address, at=at)
        address.delete()


def _recorded(name: str, address: CaptureAddress, *, at: datetime) -> None:
    orgs = Org.objects.filter(teams__memberships__user=address.user).distinct()
    record_all([line(name, address, by=address.user, at=at, org=org) for org in orgs])


def address_of(user: User) -> CaptureAddress | None:
    """One's own address, unless it has ended: with a new password, or once an owner signed them out everywhere."""
    found = CaptureAddress.objects.filter(user=user).first()
    return None if found is None or was_signed_out(user, since=found.made_at) else found


def opened(*, secret: str, at: datetime) -> User | None:
    """Whose address this is, while they may capture; None costs and says the same, whatever is wrong."""
    found = CaptureAddress.objects.filter(digest=_digest(secret)).select_related("user").first()
    user = found.user if found else None
    if user is None or not user.is_active or must_add_factor(user) or address_of(user) is None:
        return None
    if not brands_for(user, "capture.add").exists():
        return None
    CaptureAddress.objects.filter(user=user).update(used_at=at)
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def let_wait(*, told: Mapping[str, str], handed_in: Sequence[bytes], key: str, by: User, at: datetime) -> HandedIn:
    """Keep what is no whole capture yet, for its person. The same key again is the same thing."""
    before = HandedIn.objects.filter(user=by, key=key).first() if key else None
    if before is not None:
        return before
    if HandedIn.objects.filter(user=by).count() >= MOST_WAITING:
        raise TooMany(_("100 captures are waiting to be finished. Finish or remove some of them first."))
    found = [pictures.look_at(data) for data in handed_in]
    for picture in found:
        pictures.keep(picture)
    digests = list(dict.fromkeys(one.sha256 for one in found))
    return HandedIn.objects.create(user=by, at=at, told=dict(told), pictures=digests, key=key)


def finished(*, waiting: int | None, key: str = "", by: User) -> None:
    """What waited became a capture, or its person dropped it; it is known by its number, or by its device's `key`."""
    same = Q(pk=waiting) | Q(key=key) if key else Q(pk=waiting)
    HandedIn.objects.filter(same, user=by).delete()


def drop_waiting(*, at: datetime) -> int:
    """What nobody finished in two weeks goes."""
    return HandedIn.objects.filter(at__lt=at - WAITS_FOR).delete()[0]


def drop_own_of(*, user: User, at: datetime) -> int:
    """PARTED: the address of whoever captures for nobody any more, and what waits for them."""
    if brands_for(user, "capture.add").exists():
        return 0
    gone = Q(user=user)
    return CaptureAddress.objects.filter(gone).delete()[0] + HandedIn.objects.filter(gone).delete()[0]
