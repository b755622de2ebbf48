"""Cases open and hear: by rule in the pipeline, and by a person's hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from siach.care.actions.moving import AlreadyOpen, CannotAnswer, locked, mark, move, told, wait_since
from siach.care.models import OPEN_STATES, Case
from siach.care.triage import is_customer, is_thanks, opens_case, priority_of
from siach.org.live import signal
from siach.org.models import Brand
from siach.talk.models import Batch, Mention, Post

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.org.models import User

REOPENS_WITHIN = timedelta(days=14)
REPEATS_WITHIN = timedelta(days=30)


def triage(batch: Batch, posts: Sequence[Post], *, at: datetime) -> None:
    """The pipeline's step: each live post about a brand of ours joins its case, opens one, or neither.

    Run again on the same posts it does nothing: a case never hears a post that came before its last one.
    """
    said = {post.pk: post for post in posts if post.is_live and is_customer(post.author)}
    mentions = list(
        Mention.objects.filter(post__in=said, brand__kind=Brand.Kind.OWN)
        .select_related("brand__org")
        .order_by("brand", "post")
    )
    if not mentions:
        return
    known = _cases(mentions, said)
    # One order for every worker, so that two of them never wait for each other.
    mentions.sort(key=lambda one: (said[one.post_id].thread_id, said[one.post_id].author_id, one.brand_id, one.post_id))
    heard = [_take(mention, said[mention.post_id], known, at=at) for mention in mentions]
    if any(heard):
        signal(batch.org_id, "inbox")


_Key = tuple[int, int, int]


def _key(mention: Mention, post: Post) -> _Key:
    return mention.brand_id, post.author_id, post.thread_id


def _cases(mentions: Sequence[Mention], said: dict[int, Post]) -> dict[_Key, Case]:
    """The case that each of these posts could belong to: the open one, else the last to end."""
    cases = Case.objects.filter(
        thread__in={post.thread_id for post in said.values()},
        author__in={post.author_id for post in said.values()},
        brand__in={mention.brand_id for mention in mentions},
    ).order_by("pk")
    found: dict[_Key, Case] = {}
    for case in cases:
        key = (case.brand_id, case.author_id, case.thread_id)
        if key not in found or found[key].state not in OPEN_STATES:
            found[key] = case
    return found


def _take(mention: Mention, post: Post, known: dict[_Key, Case], *, at: datetime) -> bool:
    """Hear the post, open a case for it, or leave it. True when something changed."""
    key = _key(mention, post)
    case = known.get(key)
    if case is None and not opens_case(mention):
        return False
    if case is None:
        case = _open(mention, post, at=at)
        if case is not None:
            known[key] = case
            return True
        case = Case.objects.filter(brand=mention.brand_id, author=post.author_id, thread=post.thread_id).latest("pk")
    known[key], changed = _hear(case, mention, post, at=at)
    return changed


def _hear(case: Case, mention: Mention, post: Post, *, at: datetime) -> tuple[Case, bool]:
    """A known person writes again in a thread where a case of theirs stands."""
    case = locked(case)
    if post.pk <= case.last_post_id:
        return case, False
    if case.state in OPEN_STATES:
        _listen(case, mention, post)
    elif case.state == Case.State.RESOLVED and _soon_enough(case, post):
        case.last_post = post
        if not is_thanks(mention):
            _listen(case, mention, post)
            told(name="case.reopened", case=case, by=None, at=at, how="customer", post=post.pk)
    elif opens_case(mention):
        return _open(mention, post, at=at) or case, True
    else:
        return case, False
    case.save()
    mark(case.thread, at=at)
    return case, True


def _soon_enough(case: Case, post: Post) -> bool:
    return case.resolved_at is not None and post.heard_at - case.resolved_at <= REOPENS_WITHIN


def _listen(case: Case, mention: Mention, post: Post) -> None:
    """The clock starts with the oldest unanswered post; a graver post makes the case graver, never milder."""
    repeat = case.answered_at is not None and mention.intent == Mention.Intent.COMPLAINT
    move(case, "hear")
    case.last_post, case.resolved_at = post, None
    case.priority = min(case.priority, priority_of(mention, repeat=repeat))
    wait_since(case, case.waiting_since or post.heard_at)


def _open(mention: Mention, post: Post, *, at: datetime) -> Case | None:
    """A new case by rule. None when another worker opened it first."""
    try:
        with transaction.atomic():
            case = _new(mention, post, Case.OpenedBy.RULE, since=post.heard_at, at=at)
    except IntegrityError:
        return None
    told(name="case.opened", case=case, by=None, at=at, how="rule", post=post.pk, priority=case.priority)
    mark(case.thread, at=at)
    return case


def _new(mention: Mention, post: Post, how: Case.OpenedBy, *, since: datetime, at: datetime) -> Case:
    complained = Case.objects.filter(
        author=post.author_id,
        brand=mention.brand_id,
        intent=Mention.Intent.COMPLAINT,
        opened_at__gt=at - REPEATS_WITHIN,
    )
    case = Case(
        org=mention.brand.org,
        brand=mention.brand,
        author=post.author,
        thread=post.thread,
        post=post,
        last_post=post,
        intent=mention.intent,
        priority=priority_of(mention, repeat=complained.exists()),
        opened_by=how,
        opened_at=at,
    )
    wait_since(case, since)
    case.save()
    return case


@transaction.atomic
def open_case(*, mention: Mention, by: User, at: datetime) -> Case:
    """A case from a post that a person picked, also from history. AlreadyOpen names the one that stands."""
    mention = Mention.objects.select_related("brand__org", "post__author", "post__thread").get(pk=mention.pk)
    post = mention.post
    if mention.brand.kind != Brand.Kind.OWN:
        raise CannotAnswer(_("A case is opened for a brand of ours, not for a rival."))
    if not is_customer(post.author):
        raise CannotAnswer(_("This was said by our own side; there is nobody to answer."))
    if post.state in (Post.State.GONE, Post.State.ERASED):
        raise CannotAnswer(_("This post is gone, so it cannot be answered."))
    try:
        with transaction.atomic():
            case = _new(mention, post, Case.OpenedBy.HAND, since=at, at=at)
    except IntegrityError as error:
        standing = Case.objects.get(brand=mention.brand, author=post.author, thread=post.thread, state__in=OPEN_STATES)
        raise AlreadyOpen(standing) from error
    newest = Post.objects.filter(thread=post.thread, author=post.author).order_by("pk").last()
    if newest is not None and newest.pk != post.pk:
        case.last_post = newest
        case.save(update_fields=["last_post"])
    told(name="case.opened", case=case, by=by, at=at, how="hand", post=post.pk, priority=case.priority)
    mark(case.thread, at=at)
    return case
