"""Cases past their time go, with their replies and notes; what is kept spares its posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.care.models import ENDED, Case, Note, Reply
from siach.org.keeping import BATCH
from siach.org.models import Approval
from siach.talk.actions.retaining import Spared
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Org

#: What may still be on its way, or nobody knows whether it was sent.
_MOVING = ("draft", "waiting", "queued", "held", "sending", "unclear")


def drop_cases(org: Org, *, before: datetime, at: datetime) -> int:
    """Cases that ended before, with their replies, what was sent and the notes."""
    old = Case.objects.filter(org=org, state__in=ENDED, resolved_at__lt=before)
    old = old.exclude(replies__outgoing__state__in=_MOVING)
    pks = list(old.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:BATCH])
    sent = list(Reply.objects.filter(case__in=pks).values_list("outgoing", flat=True))
    Note.objects.filter(case__in=pks).delete()
    Reply.objects.filter(case__in=pks).delete()
    Approval.objects.filter(subject_kind=Outgoing.SUBJECT, subject_id__in=sent).delete()
    Outgoing.objects.filter(pk__in=sent).delete()
    Case.objects.filter(pk__in=pks).delete()
    return len(pks)


def spoken_for(org: Org) -> Spared:
    """The posts, authors and threads of the cases that are kept."""
    return Spared(Case.objects.filter(org=org), posts=("post", "last_post"), authors=("author",), threads=("thread",))
