"""Who is woken when a customer's words speak of danger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siach.org.notices import over, tell
from siach.org.on_call.turns import on_now
from siach.org.rights import members
from siach.talk.models import Post

if TYPE_CHECKING:
    from datetime import datetime

    from siach.care.models import Case


def alarm(case: Case, *, at: datetime) -> None:
    """Once for each case: whoever is on call for the brand, or its managers while nobody is. Not all who are on call
    read private messages, so of one nobody is named."""
    heard = Post.objects.filter(pk__in=(case.post_id, case.last_post_id))
    tell(
        "case.unsafe",
        to=on_now(case.brand, at=at) or members(case.org, "brand.manage"),
        org=case.org,
        brand=case.brand,
        level=4,
        subject=case,
        url=("case", {"pk": case.pk}),
        at=at,
        once=str(case.pk),
        topics=list(case.topics),
        drill=case.thread.drill,
        is_private=heard.filter(is_private=True).exists(),
    )


def calm(case: Case, *, at: datetime) -> None:
    """The customer was answered, or the case has ended: nobody need be woken for it any more."""
    over("case.unsafe", subject=case, at=at)
