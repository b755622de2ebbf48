"""A person is erased from the service: their cases end, and what was written about them or to them goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.care.actions.alarming import calm
from siach.care.actions.moving import mark_all
from siach.care.models import OPEN_STATES, Case, Draft, Note, Reply
from siach.org.live import signal
from siach.talk.actions.forgetting import empty_words

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from siach.org.models import Org


def forget_cases(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET: notes and answers lose their words, drafts go, open cases close, and nothing more is sent to them."""
    cases = list(Case.objects.select_for_update(of=("self",)).filter(org=org, author__in=people).order_by("pk"))
    pks = [case.pk for case in cases]
    replies = empty_words(Reply.objects.filter(case__in=pks).values_list("outgoing", flat=True), at=at)
    notes = Note.objects.filter(case__in=pks).update(text="")
    drafts, _each = Draft.objects.filter(case__in=pks).delete()
    Case.objects.filter(pk__in=pks, state__in=OPEN_STATES).update(
        state=Case.State.CLOSED, resolved_at=at, waiting_since=None, due_at=None
    )
    for case in cases:
        calm(case, at=at)
    mark_all({case.thread_id for case in cases}, at=at)
    signal(org.pk, "inbox")
    return {"cases": len(cases), "replies": replies, "notes": notes, "drafts": drafts}
