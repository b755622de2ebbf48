"""A signed way in for somebody outside: it shows one thing to decide, runs out, can be revoked, and works once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.approvals import CannotDecide, end, locked, needed, open_step, pass_step
from siach.org.ledger import record
from siach.org.live import signal
from siach.org.models import Approval, ApprovalLink

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User

SALT = "siach.approval"
LIVES = (timedelta(hours=1), timedelta(hours=24), timedelta(days=3))


class NoSuchLink(Exception):
    """This link was never made by this Siach."""


class LinkIsOver(Exception):
    """This link decides nothing any more; the message says why in the reader's language."""


@transaction.atomic
def make_link(*, approval: Approval, name: str, life: timedelta, by: User, at: datetime) -> str:
    """A token for one person outside to decide the step at hand, once. Only its digest is kept."""
    approval = locked(approval)
    step = open_step(approval, approval.place)
    if not name.strip():
        raise CannotDecide(_("State who the link is for."))
    if life not in LIVES:
        raise CannotDecide(_("A link is valid for an hour, a day or three days."))
    token = signing.Signer(salt=SALT).sign(secrets.token_urlsafe(24))
    link = ApprovalLink.objects.create(
        step=step, digest=_digest(token), name=name.strip()[:120], by=by, made_at=at, expires_at=at + life
    )
    record("approval.link_made", approval, by=by, at=at, org=approval.brand.org, brand=approval.brand, link=link.pk)
    signal(approval.org_id, "approvals")
    return token


@transaction.atomic
def revoke_link(*, link: ApprovalLink, by: User, at: datetime) -> None:
    """It opens nothing from now on."""
    approval = locked(link.step.approval)
    link = ApprovalLink.objects.select_for_update().get(pk=link.pk)
    if link.used_at or link.revoked_at:
        raise CannotDecide(_("This link was used or revoked already."))
    link.revoked_at = at
    link.save(update_fields=["revoked_at"])
    record("approval.link_revoked", approval, by=by, at=at, org=approval.brand.org, brand=approval.brand, link=link.pk)
    signal(approval.org_id, "approvals")


def opened(token: str, *, at: datetime) -> ApprovalLink:
    """What this token opens. NoSuchLink for one we never signed, LinkIsOver with the reason for one that is spent."""
    try:
        signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature as error:
        raise NoSuchLink from error
    found = ApprovalLink.objects.select_related("step__approval__brand__org", "step__approval__by")
    link = found.filter(digest=_digest(token)).first()
    if link is None:
        raise NoSuchLink
    if why := _over(link, at):
        raise LinkIsOver(why)
    return link


def language_of(token: str) -> str:
    """The language of the house that made this link, spent or not; "" where it was never made here."""
    found = ApprovalLink.objects.filter(digest=_digest(token))
    return found.values_list("step__approval__brand__org__language", flat=True).first() or ""


def _over(link: ApprovalLink, at: datetime) -> str:
    """Why this link decides nothing any more, "" while it does."""
    approval = link.step.approval
    if link.used_at:
        return _("Thank you: this link has already been used to decide.")
    if link.revoked_at:
        return _("This link was revoked by its sender.")
    if link.expires_at <= at:
        return _("This link has expired. Ask for a new one.")
    if approval.state == Approval.State.VOID:
        return _("The reply was changed or withdrawn, so there is nothing left to decide here.")
    if approval.state != Approval.State.ASKED or approval.place != link.step.place:
        return _("Somebody else has decided in the meantime.")
    return ""


@transaction.atomic
def answer(*, token: str, grant: bool, name: str, reason: str = "", at: datetime) -> Approval:
    """Decide by a link, under the given name. Sent twice it decides once; LinkIsOver, NoSuchLink, CannotDecide."""
    link = opened(token, at=at)
    approval = locked(link.step.approval)
    link = ApprovalLink.objects.select_for_update(of=("self",)).select_related("step").get(pk=link.pk)
    link.step.approval = approval
    if why := _over(link, at):
        raise LinkIsOver(why)
    if not name.strip():
        raise CannotDecide(_("A name is needed: it is kept with the decision."))
    why = needed(grant, reason)
    link.used_at, link.said_by, link.granted = at, name.strip()[:120], grant
    link.save(update_fields=["used_at", "said_by", "granted"])
    event = "approval.granted_outside" if grant else "approval.refused_outside"
    record(event, approval, by=None, at=at, org=approval.brand.org, brand=approval.brand, link=link.pk)
    if not grant:
        return end(approval, Approval.State.REFUSED, at, why)
    return pass_step(approval, link.step, at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
