"""The service's part of an access report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siach.care.models import Case, Note, Reply
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from siach.org.models import Org


def tell_cases(org: Org, people: Collection[int], *, at: datetime) -> dict[str, Any]:
    """EXPORT: their cases, what was answered and noted there, and what else was written to them."""
    cases = Case.objects.filter(org=org, author__in=people).select_related("brand").order_by("pk")
    replies = Reply.objects.filter(case__in=cases).select_related("outgoing").order_by("pk")
    notes = Note.objects.filter(case__in=cases).order_by("pk")
    others = Outgoing.objects.filter(org=org, target__author__in=people).exclude(pk__in=replies.values("outgoing"))
    return {
        "words": [
            {"at": one.made_at.isoformat(), "text": one.body, "state": one.state} for one in others.order_by("pk")
        ],
        "cases": [
            {
                "brand": case.brand.name,
                "opened_at": case.opened_at.isoformat(),
                "state": case.state,
                "priority": case.priority,
                "replies": [
                    {"at": one.at.isoformat(), "text": one.outgoing.body, "state": one.outgoing.state}
                    for one in replies
                    if one.case_id == case.pk
                ],
                "notes": [{"at": one.at.isoformat(), "text": one.text} for one in notes if one.case_id == case.pk],
            }
            for case in cases
        ],
    }
