"""Invitations: a link for one address, into one team with one role, once and within seven days."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from siach.org import mail, oidc
from siach.org.actions import Refused
from siach.org.ledger import record
from siach.org.models import Identity, Invitation, Membership, User

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Team
    from siach.org.oidc import Proved

LIFE = timedelta(days=7)
#: How long an invitation that ended stays in the list, and its address with it.
KEPT = timedelta(days=90)


@transaction.atomic
def invite(*, team: Team, role: str, email: str, by: User, at: datetime) -> tuple[Invitation, str]:
    """An invitation and its link, which nothing keeps. It is mailed where mail is set up.

    Refused for whoever is in the team already or was invited to it and may still come.
    """
    address = email.strip().lower()
    if Membership.objects.filter(team=team, user__email=address).exists():
        raise Refused(_("This person is already in the team."))
    token = secrets.token_urlsafe(24)
    row = Invitation(org=team.org, team=team, role=Membership.Role(role), email=address, by=by)
    row.digest, row.made_at, row.expires_at = _digest(token), at, at + LIFE
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("This address has already been invited. The invitation can be sent again below.")) from error
    link = _send(row, token, by, at)
    record("invitation.made", row, by=by, at=at, org=row.org, role=row.role, team=team.pk)
    return row, link


@transaction.atomic
def invite_again(*, invitation: Invitation, by: User, at: datetime) -> tuple[Invitation, str]:
    """A new link with seven new days; the one before it opens nothing from now on."""
    row = _unended(invitation)
    token = secrets.token_urlsafe(24)
    row.digest, row.by, row.made_at, row.expires_at = _digest(token), by, at, at + LIFE
    row.save(update_fields=["digest", "by", "made_at", "expires_at"])
    link = _send(row, token, by, at)
    record("invitation.made_again", row, by=by, at=at, org=row.org)
    return row, link


@transaction.atomic
def revoke(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """From now on the link opens nothing."""
    row = _unended(invitation)
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    record("invitation.revoked", row, by=by, at=at, org=row.org)
    return row


def read(*, token: str, at: datetime) -> Invitation:
    """The open invitation of a link. Refused, in words, when it opens nothing any more."""
    row = Invitation.objects.select_related("org", "team", "by").filter(digest=_digest(token)).first()
    return _opened(row, at)


@transaction.atomic
def accept(*, token: str, name: str, password: str, at: datetime) -> User:
    """Come in as a new person, with the role and the address of the invitation. Refused for a known address."""
    row = _locked(token, at)
    if User.objects.filter(email=row.email).exists():
        raise Refused(_("Somebody with this email is already here. Sign in instead."))
    told = {"name": name.strip()[:120], "language": translation.get_language() or ""}
    user = User.objects.create_user(row.email, password, **told)
    _join(row, user, at)
    try:
        validate_password(password, user)  # last: the names of whom they join count too
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    return user


@transaction.atomic
def accept_as(*, token: str, user: User, at: datetime) -> None:
    """A person who is here already joins another team. Refused when the invitation is for another address."""
    row = _locked(token, at)
    if row.email != user.email:
        raise Refused(_("This invitation is for another address. Sign out, then open its link again."))
    _join(row, user, at)


@transaction.atomic
def accept_by_address(*, email: str, name: str, at: datetime) -> User | None:
    """Whoever proved an address elsewhere accepts every open invitation to it; None where there is none.

    A new person gets no password: they come in by the same way again.
    """
    waiting = Invitation.objects.select_for_update(of=("self",)).select_related("org", "team").order_by("pk")
    rows = [row for row in waiting.filter(email=email.lower()) if row.is_open(at=at)]
    user = User.objects.filter(email=email.lower()).first()
    if user is None and rows:
        user = User.objects.create_user(email, None, name=name.strip()[:120] or email.partition("@")[0])
    for row in rows:
        _join(row, user, at)  # type: ignore[arg-type]
    return user


@transaction.atomic
def come_by_provider(*, proved: Proved, at: datetime) -> User | None:
    """Who this is here: whoever came in as the same subject before, whatever their address is by now; else whoever
    has the address that the provider verified, who is known by the subject from now on. None for a stranger.

    Refused, in words, where the address is somebody's who comes in as another subject: addresses are given anew.
    """
    provider = {"provider": oidc.name()}
    known = Identity.objects.select_related("user").filter(issuer=proved.issuer, subject=proved.subject).first()
    if known is not None:
        if proved.email == known.user.email:
            accept_by_address(email=proved.email, name=proved.name, at=at)
        return known.user
    if not proved.email:
        raise Refused(_("%(provider)s has not verified this email, so it cannot be used to sign in.") % provider)
    owner = Identity.objects.filter(issuer=proved.issuer, user__email=proved.email)
    if owner.exists():
        raise Refused(
            _(
                "This email belongs to somebody who signs in with another %(provider)s account. Ask for an invitation"
                " to another address."
            )
            % provider
        )
    user = accept_by_address(email=proved.email, name=proved.name, at=at)
    if user is not None and user.is_active:
        Identity.objects.create(user=user, issuer=proved.issuer, subject=proved.subject, made_at=at)
    return user


def drop_old(*, at: datetime) -> int:
    """Forget invitations whose link ended three months ago."""
    return Invitation.objects.filter(expires_at__lt=at - KEPT).delete()[0]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _unended(invitation: Invitation) -> Invitation:
    row = Invitation.objects.select_for_update(of=("self",)).select_related("org", "team").get(pk=invitation.pk)
    if row.used_at or row.revoked_at:
        raise Refused(_("This invitation has since been used or withdrawn."))
    return row


def _locked(token: str, at: datetime) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("org", "team")
    return _opened(rows.filter(digest=_digest(token)).first(), at)


def _opened(row: Invitation | None, at: datetime) -> Invitation:
    if row is None:
        raise Refused(_("This link does not open an invitation. A newer one may have been sent."))
    if row.used_at:
        raise Refused(_("This invitation was already used. Sign in with your email."))
    if row.revoked_at:
        raise Refused(_("This invitation was withdrawn."))
    if not row.is_open(at=at):
        raise Refused(_("This invitation has expired. Its sender can send a new one."))
    return row


def _join(row: Invitation, user: User, at: datetime) -> None:
    Membership.objects.get_or_create(user=user, team=row.team, defaults={"role": row.role})
    row.used_at = at
    row.save(update_fields=["used_at"])
    record("invitation.accepted", row, by=user, at=at, org=row.org, role=row.role, team=row.team_id)


def _send(row: Invitation, token: str, by: User, at: datetime) -> str:
    link = settings.SIACH_ADDRESS.rstrip("/") + reverse("invitation", args=[token])
    if mail.is_set():
        language = row.org.language
        with translation.override(language):
            subject = _("Invitation to join %(org)s in Siach") % {"org": row.org.name}
            text = _(
                "%(who)s invites you to join %(org)s in Siach, as: %(role)s.\n\n"
                "This link works once, within seven days:\n%(link)s\n\n"
                "If you did not expect this, ignore this email: nothing happens without the link."
            ) % {"who": by.name, "org": row.org.name, "role": row.get_role_display(), "link": link}
        row.mail = mail.send(row.email, subject, text, language, org=row.org, at=at)
        row.save(update_fields=["mail"])
    return link
