"""Proving an address: a new email for an account, and a new password for whoever forgot theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from siach.org import mail
from siach.org.actions import Refused, change_password
from siach.org.jobs import defer
from siach.org.ledger import line, record_all
from siach.org.models import Membership, Org, User
from siach.org.seal import seal, unseal
from siach.org.sessions import end_sessions

if TYPE_CHECKING:
    from datetime import datetime

_SALT = "siach.email"
EMAIL_LINK_LIFE = timedelta(hours=24)


def ask_email(*, user: User, email: str, at: datetime) -> None:
    """Send a link to the new address; nothing changes before it is opened. The same whether somebody has it or not."""
    address = email.strip().lower()
    token = email_token(user=user, email=address)
    with translation.override(_language(user)):
        subject = _("Confirming a new email for Siach")
        text = _(
            "Open this link within one day to make this address the sign-in email of %(name)s in Siach:\n%(link)s\n\n"
            "If you did not expect this, ignore this email: nothing happens without the link."
        ) % {"name": user.name, "link": _link("email_confirm", token)}
        mail.send(address, subject, text, translation.get_language() or "he", org=_org(user), at=at)


def email_token(*, user: User, email: str) -> str:
    """What a link to a new address carries: signed, so it proves whoever opens it reads that address."""
    return signing.dumps({"user": user.pk, "was": user.email, "now": email}, salt=_SALT)


def is_of(user: User, token: str) -> bool:
    """Was this link made for this person, whatever its age?"""
    try:
        return signing.loads(token, salt=_SALT)["user"] == user.pk
    except signing.BadSignature:
        return False


@transaction.atomic
def change_email(*, user: User, token: str, at: datetime) -> User:
    """Take the address that the link proves, once. The one before it is told."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=EMAIL_LINK_LIFE)
    except signing.BadSignature as error:
        raise Refused(_("This link has expired.")) from error
    user = User.objects.select_for_update().get(pk=user.pk)
    if said["user"] != user.pk or said["was"] != user.email:
        raise Refused(_("This link was already used."))
    user.email = said["now"]
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise Refused(_("This address is taken by another account.")) from error
    _record("person.email_changed", user, at)
    with translation.override(_language(user)):
        text = _("The email you sign in to Siach with was changed. If it was not you, tell whoever manages Siach.")
        mail.send(said["was"], _("Your email in Siach was changed"), text, translation.get_language() or "he", at=at)
    return user


def ask_password(*, email: str) -> None:
    """Somebody forgot a password. Whether the address has an account is looked up in the job, never while they wait."""
    defer("forgotten", queue="send", sealed=seal({"email": email.strip().lower()}).decode())


def send_password_link(*, sealed: str, at: datetime) -> None:
    """The job of `ask_password`: a link for an account that is there, nothing for one that is not."""
    user = User.objects.filter(email=unseal(sealed.encode())["email"], is_active=True).first()
    if user is None:
        return
    uid = urlsafe_base64_encode(str(user.pk).encode())
    with translation.override(_language(user)):
        subject = _("A new password for Siach")
        text = _(
            "This link lets you set a new password for Siach, once, within an hour:\n%(link)s\n\n"
            "If you did not ask for it, ignore this email: the password stays as it is."
        ) % {"link": _link("forgotten_set", uid, default_token_generator.make_token(user))}
        mail.send(user.email, subject, text, translation.get_language() or "he", org=_org(user), at=at)


def whose_password(uid: str, token: str) -> User | None:
    """The person of a password link that still opens; None for every other one."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(uid))), is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return user if user and default_token_generator.check_token(user, token) else None


@transaction.atomic
def reset_password(*, user: User, password: str, at: datetime) -> None:
    """Set the password of whoever proved the address. It ends every session, and the link with it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    change_password(user=user, password=password)
    _record("person.password_reset", user, at)
    end_sessions(user=user, at=at)


def _link(name: str, *arguments: str) -> str:
    return settings.SIACH_ADDRESS.rstrip("/") + reverse(name, args=arguments)


def _org(user: User) -> Org | None:
    member = Membership.objects.filter(user=user).select_related("team__org").order_by("pk").first()
    return member.team.org if member else None


def _language(user: User) -> str:
    org = _org(user)
    return user.language or (org.language if org else settings.LANGUAGE_CODE)


def _record(name: str, user: User, at: datetime) -> None:
    orgs = Org.objects.filter(teams__memberships__user=user).distinct()
    record_all([line(name, user, by=user, at=at, org=org) for org in orgs])
