"""A person is erased from the service: their cases end, and what was written about them or to them goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.care.actions.moving import mark_all
from siach.care.models import OPEN_STATES, Case, Draft, Note, Reply
from siach.org.live import signal
from siach.org.models import Approval, ApprovalComment
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from siach.org.models import Org

_BEFORE_SENDING = ("draft", "waiting", "queued", "held", "failed")


class StillSending(Exception):
    """An answer to this person is with the network just now: the erasure waits for it."""


def forget_cases(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET: notes and answers lose their words, drafts go, open cases close, and nothing more is sent to them."""
    cases = list(Case.objects.select_for_update(of=("self",)).filter(org=org, author__in=people).order_by("pk"))
    pks = [case.pk for case in cases]
    sent = list(Reply.objects.filter(case__in=pks).values_list("outgoing", flat=True))
    outgoing = list(Outgoing.objects.select_for_update().filter(pk__in=sent).order_by("pk"))
    if any(one.state == Outgoing.State.SENDING for one in outgoing):
        raise StillSending
    ids = [one.pk for one in outgoing]
    Outgoing.objects.filter(pk__in=ids, state__in=_BEFORE_SENDING).update(state=Outgoing.State.WITHDRAWN)
    Outgoing.objects.filter(pk__in=ids).update(body="", external_id="", url="", error="")
    _empty_approvals(ids)
    notes = Note.objects.filter(case__in=pks).update(text="")
    drafts, _each = Draft.objects.filter(case__in=pks).delete()
    Case.objects.filter(pk__in=pks, state__in=OPEN_STATES).update(
        state=Case.State.CLOSED, resolved_at=at, waiting_since=None, due_at=None
    )
    mark_all({case.thread_id for case in cases}, at=at)
    signal(org.pk, "inbox")
    return {"cases": len(cases), "replies": len(ids), "notes": notes, "drafts": drafts}


def _empty_approvals(outgoing: Collection[int]) -> None:
    """What was said about words to this person before they were sent; nobody is asked about them any more."""
    asked = Approval.objects.filter(subject_kind=Outgoing.SUBJECT, subject_id__in=outgoing)
    ApprovalComment.objects.filter(approval__in=asked).update(text="")
    asked.filter(state=Approval.State.ASKED).update(state=Approval.State.VOID)
    asked.update(reason="")
