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
from siach.care.triage import GRIEVANCES, is_customer, is_thanks, opens_case, priority_of
from siach.org.ledger import line, record_all
from siach.org.live import signal
from siach.org.models import Brand
from siach.talk import bulk
from siach.talk.models import Mention, Post

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.org.models import LedgerEntry, User
    from siach.talk.heard import Heard
    from siach.talk.models import Batch

REOPENS_WITHIN = timedelta(days=14)
REPEATS_WITHIN = timedelta(days=30)
TRIES = 3
#: Brand, author, thread: one case of these is open at a time.
_Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Told:
    """A post about a brand of ours, as the rule asks of it."""

    brand: Brand
    post: Heard
    via: int
    sentiment: int
    negative: int
    intent: int
    urgency: int
    is_safety: bool
    topics: list[int] | None

    @property
    def key(self) -> _Key:
        return self.brand.pk, self.post.author_id, self.post.thread_id


@dataclass(slots=True)
class _Round:
    """One batch on its way through triage. New cases, lines and threads are written once, at its end."""

    at: datetime
    known: dict[_Key, Case]
    complained: set[tuple[int, int]]
    fresh: list[Case] = field(default_factory=list)
    lines: list[LedgerEntry] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    unsafe: list[Case] = field(default_factory=list)

    def tell(self, name: str, case: Case, **facts: int | str) -> None:
        self.lines.append(line(name, case, by=None, at=self.at, org=case.org, brand=case.brand, **facts))

    def end(self, org: int) -> None:
        Case.objects.bulk_create(self.fresh)
        for case in self.fresh:
            self.tell("case.opened", case, how="rule", post=case.post_id, priority=case.priority)
        if self.lines:
            record_all(self.lines)
        if self.threads:
            mark_all(self.threads, at=self.at)
            signal(org, "inbox")
        for case in {case.pk: case for case in self.unsafe}.values():
            alarm(case, at=self.at)


_TOLD = """
SELECT post_id, brand_id, via, sentiment, negative, intent, urgency, is_safety, topics FROM talk_mention
WHERE post_id = ANY(%s) AND brand_id = ANY(%s) AND is_about
"""


def triage(batch: Batch, posts: Sequence[Heard], *, at: datetime) -> None:
    """The pipeline's last step: each live post about a brand of ours joins its case, opens one, or neither.

    Run again on the same posts it does nothing: a case never hears a post that came before its last one. Where
    another worker opens the same case first, it is asked anew what is known and hears into it.
    """
    said = {post.pk: post for post in posts if post.is_live and is_customer(post)}
    own = Brand.objects.filter(org=batch.org_id, kind=Brand.Kind.OWN).select_related("org")
    brands = {brand.pk: brand for brand in own}
    told = [
        _Told(brands[brand], said[post], *rest) for post, brand, *rest in bulk.rows(_TOLD, [list(said), list(brands)])
    ]
    # One order for every worker, so that two of them never wait for each other.
    told.sort(key=lambda one: (one.post.thread_id, one.post.author_id, one.brand.pk, one.post.pk))
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                _carry_out(told, org=batch.org_id, at=at)
            return
        except IntegrityError:
            if not left:
                raise


def _carry_out(told: Sequence[_Told], *, org: int, at: datetime) -> None:
    known = _cases(told)
    open_or_heard = [one for one in told if one.key in known or opens_case(one)]
    if not open_or_heard:
        return
    now = _Round(at, known, _complained(open_or_heard, at=at))
    for one in open_or_heard:
        _take(one, now)
    now.end(org)


_STANDING = """
SELECT c.id FROM (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::bigint[]) AS r (author, thread)) r
JOIN care_case c ON c.author_id = r.author AND c.thread_id = r.thread
"""


def _cases(told: Sequence[_Told]) -> dict[_Key, Case]:
    """The case that each of these posts could belong to: the open one, else the last to end."""
    pairs = {(one.post.author_id, one.post.thread_id) for one in told}
    standing = bulk.rows(_STANDING, [[author for author, _ in pairs], [thread for _, thread in pairs]])
    found: dict[_Key, Case] = {}
    for case in Case.objects.filter(pk__in=[pk for (pk,) in standing]).order_by("pk") if standing else ():
        key = (case.brand_id, case.author_id, case.thread_id)
        if key not in found or found[key].state not in OPEN_STATES:
            found[key] = case
    return found


def _complained(told: Sequence[_Told], *, at: datetime) -> set[tuple[int, int]]:
    """Which of those who complain now did so before, lately: (brand, author)."""
    authors = {one.post.author_id for one in told if one.intent in GRIEVANCES}
    return _complainers(authors, {one.brand.pk for one in told}, at=at) if authors else set()


def _complainers(authors: set[int], brands: set[int], *, at: datetime) -> set[tuple[int, int]]:
    before = Case.objects.filter(
        author__in=authors,
        brand__in=brands,
        intent__in=GRIEVANCES,
        opened_at__gt=at - REPEATS_WITHIN,
    )
    return set(before.values_list("brand", "author"))


def _take(one: _Told, now: _Round) -> None:
    """Hear the post, or open a case for it."""
    case = now.known.get(one.key)
    if case is None:
        case = _open(one, now)
    elif case.pk is None:
        listen(case, one, one.post)
    else:
        case = _hear(case, one, now)
    now.known[one.key] = case
    if one.is_safety and case.state in OPEN_STATES:
        now.unsafe.append(case)


def _hear(case: Case, one: _Told, now: _Round) -> Case:
    """A known person writes again in a thread where a case of theirs stands."""
    case, post = locked(case), one.post
    if post.pk <= case.last_post_id:
        return case
    if case.state in OPEN_STATES:
        listen(case, one, post)
    elif case.state == Case.State.RESOLVED and soon_enough(case, post):
        case.last_post_id = post.pk
        if not is_thanks(one):
            listen(case, one, post)
            now.tell("case.reopened", case, how="customer", post=post.pk)
    elif opens_case(one):
        return _open(one, now)
    else:
        return case
    case.save()
    now.threads.add(case.thread_id)
    return case


def soon_enough(case: Case, post: Heard | Post) -> bool:
    """Whether a customer's words open a resolved case again."""
    return case.resolved_at is not None and post.heard_at - case.resolved_at <= REOPENS_WITHIN


def listen(case: Case, told: _Told | Mention, post: Heard | Post) -> None:
    """The clock starts with the oldest unanswered post; a graver post makes the case graver, never milder."""
    repeat = case.answered_at is not None and told.intent in GRIEVANCES
    move(case, "hear")
    case.last_post_id, case.resolved_at = post.pk, None
    case.topics = sorted({*case.topics, *(told.topics or ())})
    case.priority = min(case.priority, priority_of(told, repeat=repeat))
    wait_since(case, case.waiting_since or post.heard_at)


def _open(one: _Told, now: _Round) -> Case:
    """A new case by rule, written with the others of its batch."""
    person = (one.brand.pk, one.post.author_id)
    how, repeat = Case.OpenedBy.RULE, person in now.complained
    case = begun(one, one.post, how, repeat=repeat, since=one.post.heard_at, at=now.at)
    if one.intent in GRIEVANCES:
        now.complained.add(person)
    now.fresh.append(case)
    now.threads.add(case.thread_id)
    return case


def begun(told: _Told | Mention, post: Heard | Post, how: str, *, repeat: bool, since: datetime, at: datetime) -> Case:
    """A case as it begins, not yet written."""
    case = Case(
        org=told.brand.org,
        brand=told.brand,
        author_id=post.author_id,
        thread_id=post.thread_id,
        post_id=post.pk,
        last_post_id=post.pk,
        intent=told.intent,
        priority=priority_of(told, repeat=repeat),
        opened_by=how,
        opened_at=at,
        topics=told.topics or [],
    )
    wait_since(case, since)
    return case


@transaction.atomic
def open_case(*, mention: Mention, by: User, at: datetime) -> Case:
    """A case from a post that a person picked, also from history. AlreadyOpen names the one that stands."""
    mention = Mention.objects.select_related("brand__org", "post__author", "post__thread").get(pk=mention.pk)
    post = mention.post
    if mention.brand.kind != Brand.Kind.OWN:
        raise CannotAnswer(_("Cases are opened for our own brands, not for a rival."))
    if not is_customer(post.author):
        raise CannotAnswer(_("This was said by our own side; there is nobody to answer."))
    if post.state in (Post.State.GONE, Post.State.ERASED):
        raise CannotAnswer(_("This post is gone, so it cannot be answered."))
    complains = mention.intent in GRIEVANCES
    repeat = complains and bool(_complainers({post.author_id}, {mention.brand_id}, at=at))
    case = begun(mention, post, Case.OpenedBy.HAND, repeat=repeat, since=at, at=at)
    try:
        with transaction.atomic():
            case.save()
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
