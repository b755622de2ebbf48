"""Approvals as people see them: what waits for a reader, with its words and its thread, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Prefetch, Q

from siach.org.approvals import MANAGERS, RIGHT, SUBSTITUTE
from siach.org.models import Approval, ApprovalComment, ApprovalLink, ApprovalStep, Asked, Brand
from siach.org.rights import brands_for
from siach.talk import connections
from siach.talk.models import Outgoing, Post

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import User

PAGE = 30
CONTEXT = 3
BADGE = 99
PERIODS = (7, 30, 90)
ENDED = (Approval.State.GRANTED, Approval.State.REFUSED, Approval.State.LAPSED, Approval.State.VOID)


@dataclass(frozen=True, slots=True)
class Item:
    """One approval. `words` is None for what is gone; `before` are earlier posts of its thread, oldest first.

    waits: who is asked and has not answered; share: how much of the step's time is used, 0 to 1; stage: named,
    substitute or managers; place and places: the step at hand and how many there are.
    """

    approval: Approval
    words: Outgoing | None
    before: tuple[Post, ...]
    network: str
    waits: tuple[str, ...]
    stage: str
    is_mine: bool
    needs_all: bool
    share: float
    left: timedelta | None
    place: int
    places: int
    said: tuple[Asked, ...]
    links: tuple[ApprovalLink, ...]

    @property
    def is_any(self) -> bool:
        """Whether one of several who are asked is enough."""
        return len(self.waits) > 1 and not self.needs_all

    @property
    def is_last(self) -> bool:
        """Whether the words go out once one more grants them."""
        return self.place == self.places and (self.is_any or len(self.waits) == 1)

    @property
    def level(self) -> str:
        """For the clock: late, soon or ""."""
        if self.left is not None and self.left <= timedelta(0):
            return "late"
        return "soon" if self.share >= 0.5 else ""

    @property
    def seconds(self) -> float:
        """What is left of the step, at least nothing."""
        return max(0.0, self.left.total_seconds()) if self.left is not None else 0.0


@dataclass(frozen=True, slots=True)
class Filters:
    """Of the history; "" and None ask for everything."""

    state: str = ""
    brand: str = ""
    days: int | None = None


def brands(user: User) -> QuerySet[Brand]:
    return brands_for(user, RIGHT).filter(kind=Brand.Kind.OWN).order_by("name")


def in_scope(user: User) -> QuerySet[Approval]:
    """Every approval of the brands on which this person may decide."""
    return Approval.objects.filter(brand__in=brands(user).order_by()).select_related("brand__org", "by", "rule")


def waiting_for(user: User) -> QuerySet[Approval]:
    """What this person is asked now and has not answered, the nearest clock first."""
    asked = in_scope(user).filter(
        state=Approval.State.ASKED,
        steps__place=F("place"),
        steps__asked__user=user,
        steps__asked__granted__isnull=True,
    )
    return asked.order_by("due_at", "pk")


def badge(user: User) -> int:
    """How many wait for this person, counted up to 99."""
    return waiting_for(user).values("pk")[:BADGE].count()


def open_ones(user: User) -> QuerySet[Approval]:
    return in_scope(user).filter(state=Approval.State.ASKED).order_by("due_at", "pk")


def history(user: User, filters: Filters, *, at: datetime) -> QuerySet[Approval]:
    """What was decided, the newest first."""
    asked = Q(state=filters.state) if filters.state in ENDED else Q(state__in=ENDED)
    if filters.brand:
        asked &= Q(brand=int(filters.brand))
    if filters.days:
        asked &= Q(ended_at__gte=at - timedelta(days=filters.days))
    return in_scope(user).filter(asked).order_by("-ended_at", "-pk")


def items(approvals: Iterable[Approval], *, user: User | None, at: datetime) -> list[Item]:
    """These approvals with their words, in a handful of queries and one for each thread."""
    found = list(approvals)
    asked = Prefetch("asked", Asked.objects.select_related("user").order_by("user__name", "pk"))
    steps = ApprovalStep.objects.filter(approval__in=found).prefetch_related(asked)
    links = Prefetch("links", ApprovalLink.objects.select_related("by").order_by("pk"))
    of: dict[int, list[ApprovalStep]] = {}
    for step in steps.prefetch_related(links).order_by("approval", "place"):
        of.setdefault(step.approval_id, []).append(step)
    words = _words(found)
    return [_item(one, of.get(one.pk, []), words.get(one.subject_id), user, at) for one in found]


def _words(approvals: Sequence[Approval]) -> dict[int, Outgoing]:
    ids = [one.subject_id for one in approvals if one.subject_kind == Outgoing.SUBJECT]
    found = Outgoing.objects.filter(pk__in=ids).select_related("target__author", "target__thread", "account", "by")
    return {row.pk: row for row in found}


def _item(
    approval: Approval, steps: Sequence[ApprovalStep], words: Outgoing | None, user: User | None, at: datetime
) -> Item:
    step = next((step for step in steps if step.place == approval.place), None)
    is_open = approval.state == Approval.State.ASKED
    asked = list(step.asked.all()) if step else []
    silent = [one for one in asked if one.granted is None] if is_open else []
    left = approval.due_at - at if approval.due_at else None
    whole = timedelta(minutes=step.minutes) if step else timedelta(minutes=1)
    return Item(
        approval=approval,
        words=words,
        before=_before(words),
        network=connections.label(words.account.network) if words else "",
        waits=tuple(one.user.name for one in silent),
        stage={SUBSTITUTE: "substitute", MANAGERS: "managers"}.get(step.stage if step else 0, "named"),
        is_mine=user is not None and any(one.user_id == user.pk for one in silent),
        needs_all=getattr(step, "needs_all", False),
        share=min(1.0, max(0.0, 1 - left / whole)) if left is not None else 1.0,
        left=left,
        place=approval.place,
        places=len(steps),
        said=tuple(one for each in steps for one in each.asked.all() if one.granted is not None),
        links=tuple(link for each in steps for link in each.links.all()),
    )


def _before(words: Outgoing | None) -> tuple[Post, ...]:
    """The last posts of the thread before the one that is answered."""
    post = words.target if words else None
    if post is None:
        return ()
    earlier = Post.objects.filter(thread=post.thread_id, said_at__lt=post.said_at).exclude(state=Post.State.ERASED)
    return tuple(reversed(earlier.select_related("author").order_by("-said_at", "-pk")[:CONTEXT]))


def comments(approval: Approval) -> QuerySet[ApprovalComment]:
    return approval.comments.select_related("by").order_by("pk")


def standing(words: Iterable[Outgoing], *, user: User | None = None, at: datetime) -> dict[int, Item]:
    """By the id of the words: the newest approval of each; `user`: whose own it may be to decide."""
    ids = [row.pk for row in words]
    newest = Approval.objects.filter(subject_kind=Outgoing.SUBJECT, subject_id__in=ids).exclude(
        state=Approval.State.VOID
    )
    found = newest.select_related("brand", "by", "rule").order_by("subject_id", "-version").distinct("subject_id")
    return {item.approval.subject_id: item for item in items(found, user=user, at=at)}
