"""Cases open and hear: by rule in the pipeline, and by a person's hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from siach.care.actions.alarming import alarm
from siach.care.actions.moving import AlreadyOpen, CannotAnswer, locked, mark, mark_all, move, told, wait_since
from siach.care.models import OPEN_STATES, Case
from siach.care.triage import is_customer, is_thanks, opens_case, priority_of
from siach.org.ledger import line, record_all
from siach.org.live import signal
from siach.org.models import Brand
from siach.talk.models import Batch, Mention, Post

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.org.models import LedgerEntry, User

REOPENS_WITHIN = timedelta(days=14)
REPEATS_WITHIN = timedelta(days=30)
#: Brand, author, thread: one case of these is open at a time.
_Key = tuple[int, int, int]


@dataclass(slots=True)
class _Round:
    """One batch on its way through triage. Lines and threads are written once, at its end."""

    at: datetime
    known: dict[_Key, Case]
    complained: set[tuple[int, int]]
    lines: list[LedgerEntry] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    unsafe: dict[int, Case] = field(default_factory=dict)

    def tell(self, name: str, case: Case, **facts: int | str) -> None:
        self.lines.append(line(name, case, by=None, at=self.at, org=case.org, brand=case.brand, **facts))

    def end(self, org: int) -> None:
        if self.lines:
            record_all(self.lines)
        if self.threads:
            mark_all(self.threads, at=self.at)
            signal(org, "inbox")
        for case in self.unsafe.values():
            alarm(case, at=self.at)


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
    now = _Round(at, _cases(mentions, said), _complained(mentions, said, at=at))
    # One order for every worker, so that two of them never wait for each other.
    mentions.sort(key=lambda one: (said[one.post_id].thread_id, said[one.post_id].author_id, one.brand_id, one.post_id))
    for mention in mentions:
        _take(mention, said[mention.post_id], now)
    now.end(batch.org_id)


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


def _complained(mentions: Sequence[Mention], said: dict[int, Post], *, at: datetime) -> set[tuple[int, int]]:
    """Which of those who complain now did so before, lately: (brand, author)."""
    complaints = [mention for mention in mentions if mention.intent == Mention.Intent.COMPLAINT]
    if not complaints:
        return set()
    before = Case.objects.filter(
        author__in={said[mention.post_id].author_id for mention in complaints},
        brand__in={mention.brand_id for mention in complaints},
        intent=Mention.Intent.COMPLAINT,
        opened_at__gt=at - REPEATS_WITHIN,
    )
    return set(before.values_list("brand", "author"))


def _take(mention: Mention, post: Post, now: _Round) -> None:
    """Hear the post, open a case for it, or leave it."""
    key = _key(mention, post)
    case = now.known.get(key)
    if case is None and not opens_case(mention):
        return
    if case is None:
        case = _open(mention, post, now)
        if case is not None:
            now.known[key] = case
            return
        case = Case.objects.filter(brand=mention.brand_id, author=post.author_id, thread=post.thread_id).latest("pk")
    now.known[key] = _hear(case, mention, post, now)
    if mention.is_safety and now.known[key].state in OPEN_STATES:
        now.unsafe[now.known[key].pk] = now.known[key]


def _hear(case: Case, mention: Mention, post: Post, now: _Round) -> Case:
    """A known person writes again in a thread where a case of theirs stands."""
    case = locked(case)
    if post.pk <= case.last_post_id:
        return case
    if case.state in OPEN_STATES:
        _listen(case, mention, post)
    elif case.state == Case.State.RESOLVED and _soon_enough(case, post):
        case.last_post = post
        if not is_thanks(mention):
            _listen(case, mention, post)
            now.tell("case.reopened", case, how="customer", post=post.pk)
    elif opens_case(mention):
        return _open(mention, post, now) or case
    else:
        return case
    case.save()
    now.threads.add(case.thread_id)
    return case


def _soon_enough(case: Case, post: Post) -> bool:
    return case.resolved_at is not None and post.heard_at - case.resolved_at <= REOPENS_WITHIN


def _listen(case: Case, mention: Mention, post: Post) -> None:
    """The clock starts with the oldest unanswered post; a graver post makes the case graver, never milder."""
    repeat = case.answered_at is not None and mention.intent == Mention.Intent.COMPLAINT
    move(case, "hear")
    case.last_post, case.resolved_at = post, None
    case.topics = sorted({*case.topics, *(mention.topics or ())})
    case.priority = min(case.priority, priority_of(mention, repeat=repeat))
    wait_since(case, case.waiting_since or post.heard_at)


def _open(mention: Mention, post: Post, now: _Round) -> Case | None:
    """A new case by rule. None when another worker opened it first."""
    person = (mention.brand_id, post.author_id)
    repeat = person in now.complained
    try:
        with transaction.atomic():
            case = _new(mention, post, Case.OpenedBy.RULE, repeat=repeat, since=post.heard_at, at=now.at)
    except IntegrityError:
        return None
    if mention.intent == Mention.Intent.COMPLAINT:
        now.complained.add(person)
    now.tell("case.opened", case, how="rule", post=post.pk, priority=case.priority)
    now.threads.add(case.thread_id)
    if mention.is_safety:
        now.unsafe[case.pk] = case
    return case


def _new(mention: Mention, post: Post, how: Case.OpenedBy, *, repeat: bool, since: datetime, at: datetime) -> Case:
    case = Case(
        org=mention.brand.org,
        brand=mention.brand,
        author=post.author,
        thread=post.thread,
        post=post,
        last_post=post,
        intent=mention.intent,
        priority=priority_of(mention, repeat=repeat),
        opened_by=how,
        opened_at=at,
        topics=mention.topics or [],
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
    repeat = bool(_complained([mention], {post.pk: post}, at=at))
    try:
        with transaction.atomic():
            case = _new(mention, post, Case.OpenedBy.HAND, repeat=repeat, since=at, at=at)
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
