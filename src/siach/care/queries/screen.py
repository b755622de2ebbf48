"""What the Inbox draws: the queue with its chips, and one case with its composer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from siach.care.models import OPEN_STATES, Case, Draft, Reply
from siach.care.queries.conversation import Conversation, conversation
from siach.care.queries.filters import Filters, filter_bar
from siach.care.queries.people import customer_card, speaking
from siach.care.queries.queue import chips, clock_of, pins, queue
from siach.org.holds import holding
from siach.org.models import Topic
from siach.talk.models import Mention, Outgoing, Post, Source
from siach.talk.queries.stream import bare

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from siach.org.models import Brand, User
    from siach.talk.queries.stream import Card


class Leaving(NamedTuple):
    """An answer that waits out its undo time, and the seconds left of it."""

    reply: Reply
    seconds: int


def inbox(
    *, brands: Iterable[Brand], user: User, filters: Filters, after: str, at: datetime, bar: str = ""
) -> dict[str, Any]:
    """`queue`, `chips`, `total` (cases that wait for us), `has_sources` when the queue is empty, and whether its rows
    are of `several` brands, or of several `clients`.

    `bar`: "whole" for the filters to choose and the kept views (`pins`) too, "pins" for these alone.
    """
    brands = list(brands)
    view, only = filters.view or "all", filters.only()
    page = queue(brands=brands, view=view, user=user, only=only, after=after, at=at)
    shown = chips(brands=brands, user=user, only=only)
    has_sources = bool(page.rows) or Source.objects.filter(brand__in=brands).exists()
    clients = len({brand.org_id for brand in brands})
    more: dict[str, Any] = filter_bar(filters, brands=brands, user=user) if bar == "whole" else {}
    if bar:
        more |= {"pins": pins(brands=brands, user=user, shown=filters), "keep_url": "inbox_view_keep"}
    return more | {
        "queue": page,
        "chips": [(chip, filters.address(view=chip.view)) for chip in shown],
        "filters": filters,
        "rows_address": filters.address(view=view),
        "clear_address": Filters(view=view).address(),
        "total": shown[0].count,
        "has_sources": has_sources,
        "after": after,
        "several": len(brands) > 1,
        "clients": clients if clients > 1 else 0,
    }


def open_conversation(
    case: Case, *, brands: Iterable[Brand], user: User, target: str, draft: str, at: datetime
) -> dict[str, Any]:
    """One case: `conversation`, `card`, `clock`, and for the composer `ways`, `target_pk`, `under`, `body`,
    `is_open`, `drafts` (this person's own, by kind), `hold` (when everything of the brand is stopped), and
    `leaving`, an answer that can still be taken back."""
    talk = conversation(case, user=user, at=at)
    taken_back = _taken_back(case, draft)
    post = _target(talk, target or (str(taken_back.outgoing.target_id) if taken_back else ""))
    is_open = case.state in OPEN_STATES
    return {
        "conversation": talk,
        "card": customer_card(case, brands=brands, user=user),
        "topics": Topic.objects.filter(pk__in=case.topics).order_by("name") if case.topics else (),
        "clock": clock_of(case, at),
        "ways": speaking(case.brand, post) if post and is_open else None,
        "target_pk": post.pk if post else None,
        "under": _alike(talk, post),
        "body": taken_back.outgoing.body if taken_back else "",
        "drafts": {one.kind: one for one in Draft.objects.filter(case=case, by=user)},
        "is_open": is_open,
        "mention": None if is_open else _mention(case),
        "reading": _reading(case),
        "at": at,
        "hold": holding([case.brand]).first(),
        "leaving": _leaving(talk, at),
    }


def _target(talk: Conversation, wanted: str) -> Post | None:
    """The post a reply goes under: the one asked for, else the customer's last."""
    asked = next((post for post in talk.posts if str(post.pk) == wanted), None)
    return asked or (talk.posts[-1] if talk.posts else None)


def _alike(talk: Conversation, target: Post | None) -> list[Post]:
    """The posts that this very composer may answer: as public, or as private, as the one it says it answers."""
    return [post for post in talk.posts if target and post.is_private == target.is_private]


def _taken_back(case: Case, draft: str) -> Reply | None:
    if not draft.isdecimal() or len(draft) > 18:
        return None
    replies = Reply.objects.select_related("outgoing").filter(case=case, outgoing__state=Outgoing.State.WITHDRAWN)
    return replies.filter(pk=int(draft)).first()


def _mention(case: Case) -> Mention | None:
    """What an ended case was opened from: a new one can be opened there."""
    return Mention.objects.filter(post=case.post_id, brand=case.brand_id).first()


def _reading(case: Case) -> Card | None:
    """How the customer's last post reads for the brand of the case; None where it is no mention of it."""
    read = Mention.objects.filter(post=case.last_post_id, brand=case.brand_id)
    mention = read.select_related("post__source", "corrected_by").defer("post__words", "post__target").first()
    return bare(mention) if mention else None


def _leaving(talk: Conversation, at: datetime) -> Leaving | None:
    """The newest answer that can still be taken back."""
    for item in reversed(talk.items):
        if item.reply and item.state == Outgoing.State.QUEUED and item.reply.outgoing.not_before:
            left = (item.reply.outgoing.not_before - at).total_seconds()
            if left > 0:
                return Leaving(item.reply, max(1, round(left)))
    return None
