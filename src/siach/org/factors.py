"""The second factor: an app's codes, passkeys, and recovery codes beside them. What must stay secret is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.org.actions import Refused
from siach.org.ledger import line, record, record_all
from siach.org.models import Membership, Org, User
from siach.org.rights import asks_factor
from siach.org.seal import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Kind = Authenticator.Type
#: Those that let somebody in; recovery codes only stand in for them.
FACTORS = (Kind.TOTP, Kind.WEBAUTHN)


class Sealed(DefaultMFAAdapter):
    """Secrets are sealed with the key ring; passkeys belong to the address of this Siach."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code did not match. A code works once, for half a minute."),
    }

    def encrypt(self, text: str) -> str:
        return seal({"secret": text}).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text.encode())["secret"]

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SIACH_ADDRESS).hostname or "localhost", "name": "Siach"}


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def must_add_factor(user: User) -> bool:
    """Is a second factor asked of their role, and they have none?"""
    return asks_factor(user) and not has_factor(user)


@transaction.atomic
def add_app(*, user: User, secret: str, at: datetime) -> None:
    """An app that shows codes from now on. `secret` is what it was given as a picture. Refused for a second app."""
    _lock(user)
    if Authenticator.objects.filter(user=user, type=Kind.TOTP).exists():
        raise Refused(_("An app is already set up. Remove it first."))
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    _record("person.factor_added", user, at, kind=Kind.TOTP.value)


@transaction.atomic
def add_passkey(*, user: User, name: str, credential: dict[str, Any], at: datetime) -> None:
    """A passkey that the browser made and `complete_registration` found good."""
    _lock(user)
    WebAuthn.add(user, name.strip()[:60] or _("Passkey"), credential)
    RecoveryCodes.activate(user)
    _record("person.factor_added", user, at, kind=Kind.WEBAUTHN.value)


def rename_passkey(*, passkey: Authenticator, name: str) -> None:
    """The person's own word for their own key, so the ledger keeps none of it."""
    passkey.data["name"] = name.strip()[:60]
    passkey.save(update_fields=["data"])


@transaction.atomic
def remove_factor(*, factor: Authenticator, at: datetime) -> None:
    """One app or passkey goes; with the last of them go the recovery codes."""
    user = _lock(factor.user)
    factor.delete()
    if not has_factor(user):
        Authenticator.objects.filter(user=user).delete()
    _record("person.factor_removed", user, at, kind=factor.type)


@transaction.atomic
def remake_codes(*, user: User, at: datetime) -> None:
    """New recovery codes; the ones before them open nothing. Refused without a factor beside which they stand."""
    _lock(user)
    if not has_factor(user):
        raise Refused(_("Recovery codes come with an app or a passkey. There is none yet."))
    Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    _record("person.codes_remade", user, at)


@transaction.atomic
def drop_factors(*, user: User, at: datetime) -> int:
    """Everything goes: for whoever lost phone and codes, done by whoever runs this Siach. Gives how many went."""
    gone, _of = Authenticator.objects.filter(user=_lock(user)).delete()
    if gone:
        _record("person.factor_removed", user, at, itself=True, kind="all")
    return gone


@transaction.atomic
def ask_factor(*, org: Org, roles: Iterable[str], by: User, at: datetime) -> Org:
    """From now on whoever holds one of these roles, here or in a team that works by our mandate, sets a second factor
    up before anything else."""
    org = Org.objects.select_for_update().get(pk=org.pk)
    org.factor_roles = [role.value for role in Membership.Role if role.value in set(roles)]
    org.save(update_fields=["factor_roles"])
    record("org.factor_asked", org, by=by, at=at, org=org, roles=len(org.factor_roles))
    return org


def codes_of(user: User) -> list[str]:
    """The recovery codes that were not used yet; none without a factor."""
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return row.wrap().get_unused_codes() if row else []


def _lock(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _record(name: str, user: User, at: datetime, *, itself: bool = False, kind: str = "") -> None:
    """A deed on a person's own account, told in every organisation they work with. `itself`: not done by them."""
    orgs = Org.objects.filter(teams__memberships__user=user).distinct()
    facts = {"kind": kind} if kind else {}
    record_all([line(name, user, by=None if itself else user, at=at, org=org, brand=None, **facts) for org in orgs])
