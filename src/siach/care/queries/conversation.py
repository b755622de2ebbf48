"""A case as one conversation: what they said, what we said and its fate, notes, and the case's own moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.db.models.functions import Left, Length
from django.utils import timezone

from siach.care.models import Case, Note, Reply
from siach.org.models import LedgerEntry
from siach.talk.models import Outgoing, Post
from siach.talk.queries.approvals import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.org.models import User
    from siach.talk.queries.approvals import Item as Question

SHOWN = 120
LETTERS = 5000
UNDECIDED = (Outgoing.State.WAITING, Outgoing.State.DRAFT, Outgoing.State.HELD)
_TURNS = ("case.opened", "case.assigned", "case.released", "case.reopened", "case.resolved")
MOMENTS = (*_TURNS, "case.set_aside", "case.undone")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the conversation. `kind`: day, post, ours (a post of our account), reply, note, moment.

    A post carries `post` and `said` (cut to 5,000 letters, `is_cut`), a reply carries `reply` and `state`,
    with `asked`, the newest question whether it may go out,
    a moment carries the ledger `entry` and the `template` of its sentence.
    """

    kind: str
    at: datetime
    key: str
    by: User | None = None
    day: date | None = None
    post: Post | None = None
    said: str = ""
    is_cut: bool = False
    is_customer: bool = False
    reply: Reply | None = None
    state: str = ""
    note: Note | None = None
    entry: LedgerEntry | None = None
    asked: Question | None = None
    template: str = ""
    facts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """`items` in the order of time; `posts` are the customer's own that still stand, the last one last; `left_out`
    says that earlier posts of a long thread are not shown, `taken_down` that the network has none of them any more,
    `is_written` that a reply of ours waits to go out."""

    items: tuple[Item, ...]
    posts: tuple[Post, ...]
    left_out: bool
    taken_down: bool
    is_written: bool


def conversation(case: Case, *, user: User, at: datetime) -> Conversation:
    """Everything of a case as this person may act on it, in a handful of queries."""
    posts, left_out = _posts(case)
    replies = list(
        Reply.objects.filter(Q(case=case) | Q(outgoing__target__thread=case.thread_id))
        .exclude(outgoing__state=Outgoing.State.WITHDRAWN)
        .select_related("outgoing", "by")
        .order_by("-pk")[:SHOWN]
    )
    sent = {reply.outgoing.external_id for reply in replies if reply.outgoing.external_id}
    items = [_post(post, case) for post in posts if not (post.author.is_ours and post.key in sent)]
    undecided = [reply.outgoing for reply in replies if reply.outgoing.state in UNDECIDED]
    asked = standing(undecided, user=user, at=at)
    items += [_reply(reply, asked.get(reply.outgoing_id)) for reply in replies]
    items += [
        Item("note", note.at, f"note-{note.pk}", by=note.by, note=note)
        for note in case.notes.select_related("by").order_by("-pk")[:SHOWN]
    ]
    items += [_moment(entry) for entry in _moments(case)]
    items.sort(key=lambda item: (item.at, item.kind != "post", item.key))
    left, taken_down = _own(posts, case)
    is_written = any(reply.outgoing.state in UNDECIDED for reply in replies if reply.case_id == case.pk)
    return Conversation(_by_day(items), left, left_out, taken_down, is_written)


def _posts(case: Case) -> tuple[list[Post], bool]:
    """The latest posts of the thread, and always the two that the case stands on; whether some are left out."""
    posts = (
        Post.objects.filter(thread=case.thread_id)
        .exclude(state=Post.State.ERASED, gone_at__isnull=True)
        .select_related("author", "source")
        .annotate(said=Left("text", LETTERS), length=Length("text"))
        .defer("text", "words")
    )
    found = list(posts.order_by("-said_at", "-pk")[: SHOWN + 1])
    shown, is_more = found[:SHOWN], len(found) > SHOWN
    missing = {case.post_id, case.last_post_id} - {post.pk for post in shown}
    if missing:
        shown += posts.filter(pk__in=missing)
    return sorted(shown, key=lambda post: (post.said_at, post.pk)), is_more


def _own(posts: Sequence[Post], case: Case) -> tuple[tuple[Post, ...], bool]:
    """The customer's posts that still stand, and whether their network took down all that there were."""
    own = [post for post in posts if post.author_id == case.author_id]
    standing = tuple(post for post in own if post.gone_at is None)
    return standing, bool(own) and not standing


def _post(post: Post, case: Case) -> Item:
    return Item(
        "ours" if post.author.is_ours else "post",
        post.said_at,
        f"post-{post.pk}",
        post=post,
        said=post.said,  # type: ignore[attr-defined]
        is_cut=post.length > LETTERS or post.is_cut,  # type: ignore[attr-defined]
        is_customer=post.author_id == case.author_id,
    )


def _reply(reply: Reply, asked: Question | None) -> Item:
    sent_at = reply.outgoing.sent_at
    return Item(
        "reply",
        sent_at or reply.at,
        f"reply-{reply.pk}",
        by=reply.by,
        reply=reply,
        said=reply.outgoing.body,
        state=reply.outgoing.state,
        asked=asked,
    )


def _moments(case: Case) -> list[LedgerEntry]:
    lines = LedgerEntry.objects.filter(
        org=case.org_id, subject_kind=Case._meta.label_lower, subject_id=case.pk, name__in=MOMENTS
    )
    return list(lines.select_related("by").order_by("-at")[:SHOWN])


def _moment(entry: LedgerEntry) -> Item:
    template = f"care/events/{entry.name}.html"
    return Item(
        "moment", entry.at, f"moment-{entry.pk}", by=entry.by, entry=entry, template=template, facts=entry.facts
    )


def _by_day(items: Sequence[Item]) -> tuple[Item, ...]:
    """A separator before the first item of each day, in the zone of the page."""
    out: list[Item] = []
    day: date | None = None
    for item in items:
        if timezone.localdate(item.at) != day:
            day = timezone.localdate(item.at)
            out.append(Item("day", item.at, f"day-{day.isoformat()}", day=day))
        out.append(item)
    return tuple(out)
