"""Drafts: what one person has begun to write in a case, kept until it is sent. Nobody else ever sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.care.actions.moving import CannotAnswer
from siach.care.models import Draft, Note, Reply
from siach.org.models import Membership
from siach.org.rights import brands_for, people_on

if TYPE_CHECKING:
    from datetime import datetime

    from siach.care.models import Case
    from siach.org.models import Mandate, User

DRAFT_LIMIT = 20_000
DRAFT_LIFE = timedelta(days=30)


@transaction.atomic
def keep_draft(*, case: Case, kind: str, text: str, by: User, at: datetime) -> Draft | None:
    """Keep what is being written, instead of what was kept before; None when there is nothing to keep.

    A person's own paper, so the ledger keeps none of it. Words that this person has just sent are no draft: a
    browser may hand them in a moment late.
    """
    words = text.replace("\x00", "\ufffd")
    if len(words) > DRAFT_LIMIT:
        raise CannotAnswer(_("The draft is too long to save: %(limit)s characters at most.") % {"limit": DRAFT_LIMIT})
    if not words.strip() or words.strip() == _last_words(case, kind, by):
        forget_draft(case=case, kind=kind, by=by)
        return None
    draft, _made = Draft.objects.update_or_create(case=case, by=by, kind=kind, defaults={"text": words, "at": at})
    return draft


def forget_draft(*, case: Case, kind: str, by: User) -> None:
    Draft.objects.filter(case=case, kind=kind, by=by).delete()


def forget_drafts(*, at: datetime) -> int:
    """Drafts that nobody touched for a month go."""
    return Draft.objects.filter(at__lt=at - DRAFT_LIFE).delete()[0]


def _last_words(case: Case, kind: str, by: User) -> str:
    """What this person sent or noted here last."""
    if kind == Draft.Kind.NOTE:
        return Note.objects.filter(case=case, by=by).order_by("-pk").values_list("text", flat=True).first() or ""
    sent = Reply.objects.filter(case=case, by=by).order_by("-pk").values_list("outgoing__body", flat=True)
    return sent.first() or ""


def purge_drafts(*, mandate: Mandate, at: datetime) -> int:
    """After a mandate ended: what its people had begun to write goes, but for who answers the brand in another way."""
    mine = Membership.objects.filter(team=mandate.team).exclude(user__in=people_on(mandate.brand, "case.answer"))
    return Draft.objects.filter(case__brand=mandate.brand, by__in=mine.values("user")).delete()[0]


def drop_drafts_of(*, user: User, at: datetime) -> int:
    """PARTED: what they had begun to write where they can no longer answer."""
    return Draft.objects.filter(by=user).exclude(case__brand__in=brands_for(user, "case.answer")).delete()[0]
