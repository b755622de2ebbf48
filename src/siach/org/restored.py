"""After a restore: what was used, revoked or sent since the copy was made must not come to life again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from siach.org.ledger import line, record_all
from siach.org.models import ApprovalLink, Invitation, Mail, Org, SignInLink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.launch.erasures import Erasure

WHY = "restored from a backup: it may have been sent before"


@transaction.atomic
def close_what_was_open(*, since: datetime, erasures: Sequence[Erasure], at: datetime) -> None:
    """Links and invitations are revoked, mails that waited are given up, and each organisation's record tells of it."""
    SignInLink.objects.filter(used_at=None).update(used_at=at)
    for links in (ApprovalLink.objects, Invitation.objects):
        links.filter(used_at=None, revoked_at=None).update(revoked_at=at)
    Mail.objects.filter(state=Mail.State.QUEUED).update(state=Mail.State.FAILED, sealed=b"", error=WHY)
    record_all([line("org.restored", org, by=None, at=at, org=org) for org in Org.objects.all()])
