"""Consent to marketing text by message: yes or no, with what shows it. Unknown until somebody notes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.talk.models import Author, Consent

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User


class CannotNote(Exception):
    """The message says why, in the reader's language."""


@transaction.atomic
def note_consent(*, author: Author, given: bool, evidence: str, by: User, at: datetime) -> Consent:
    """What a person said about marketing text. It holds until they say otherwise; what was said before stays."""
    if not evidence.strip():
        raise CannotNote(_("Evidence is required: consent without evidence does not count."))
    author = Author.objects.select_for_update().select_related("org").get(pk=author.pk)
    if author.is_closed:
        raise CannotNote(_("This was said in a closed place, so the person is not profiled."))
    text = evidence.strip().replace("\0", "")[:2000]
    consent = Consent.objects.create(author=author, given=given, evidence=text, by=by, at=at)
    record("author.consent_noted", author, by=by, at=at, org=author.org, given=given)
    return consent


def may_market(author: Author) -> bool:
    """Whether this person may be sent marketing text: only after a yes that was not taken back."""
    newest = Consent.objects.filter(author=author).order_by("-at", "-pk").first()
    return newest is not None and newest.given
