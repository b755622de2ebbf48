"""One post with its whole thread round it: what was read, corrected, counted and marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from siach.talk.models import Correction, Post, PostMetrics
from siach.talk.queries.reach import mentions_for, posts_for
from siach.talk.queries.stream import Card, cards
from siach.talk.reading_words import value_word

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from siach.org.models import User
    from siach.talk.models import Author

AROUND = 40
SNAPSHOTS = 200
RECENT = 5


@dataclass(frozen=True, slots=True)
class InThread:
    """`earlier` and `later` say that the thread goes on beyond what is shown."""

    before: tuple[Post, ...]
    after: tuple[Post, ...]
    earlier: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A person's correction, in the words of its field."""

    correction: Correction
    was: str
    now: str


def whole(user: User) -> QuerySet[Post]:
    """Posts within this reader's Stream, with what their page shows of them."""
    return (
        posts_for(user, "stream.read")
        .select_related("author", "thread", "source", "parent", "parent__author")
        .prefetch_related("media", "thread__marks")
        .defer("words", "target")
    )


def readings(post: Post, user: User) -> list[Card]:
    """The post's mentions of the reader's brands."""
    mentions = mentions_for(user, "stream.read").filter(post=post)
    return cards(list(mentions.order_by("brand__kind", "brand__name", "pk").values_list("pk", flat=True)))


def thread_of(post: Post, user: User) -> InThread:
    """What was said in the thread before and after this post, as far as this person reads; oldest first."""
    posts = (
        posts_for(user, "stream.read").filter(thread=post.thread_id).select_related("author").defer("words", "target")
    )
    earlier = Q(said_at__lt=post.said_at) | Q(said_at=post.said_at, pk__lt=post.pk)
    before = list(posts.filter(earlier).order_by("-said_at", "-pk")[: AROUND + 1])
    after = list(posts.exclude(earlier | Q(pk=post.pk)).order_by("said_at", "pk")[: AROUND + 1])
    return InThread(tuple(reversed(before[:AROUND])), tuple(after[:AROUND]), len(before) > AROUND, len(after) > AROUND)


def snapshots(post: Post) -> list[PostMetrics]:
    """The post's numbers whenever they changed, the newest first."""
    return list(PostMetrics.objects.filter(post=post).order_by("-at")[:SNAPSHOTS])


def corrections(post: Post, user: User) -> list[Judged]:
    """What people judged otherwise than the reader did, the newest first."""
    read = mentions_for(user, "stream.read").filter(post=post)
    made = Correction.objects.filter(mention__in=read).select_related("by", "mention__brand", "run")
    return [_judged(correction) for correction in made.order_by("-at", "-pk")]


def _judged(correction: Correction) -> Judged:
    was, now = (value_word(correction.field, code) for code in (correction.was, correction.now))
    return Judged(correction, was, now)


def recent_posts(author: Author, user: User) -> list[Post]:
    """The last posts of an author that this person reads: what can be looked at before a part is marked."""
    posts = posts_for(user, "author.mark").filter(author=author).exclude(state=Post.State.ERASED)
    return list(posts.defer("words", "target").order_by("-said_at")[:RECENT])
