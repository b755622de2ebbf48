"""Posts already heard are looked at again: how far they went since, and whether they still stand at their network.

One account at a time asks for a bounded number of posts, those due longest first, as often as it is due. A post counts
as gone by the network's own word alone, never because an answer lacked it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from siach.org.live import signal
from siach.talk import bulk, connections
from siach.talk.actions.forgetting import erase_posts
from siach.talk.actions.metering import note_totals, pause_of
from siach.talk.connections import NetworkError
from siach.talk.jobs import defer
from siach.talk.models import Account, Look, Post

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from siach.talk.connections import FetchedMetrics, Terms

log = logging.getLogger(__name__)

#: Longer than one call about a full batch can take: a dead worker's account is asked again behind it.
LEASE = timedelta(minutes=10)
TROUBLE = timedelta(minutes=10)


def look_due(*, at: datetime) -> int:
    """Give every account that has posts to look at a job of its own."""
    due = Look.objects.filter(account=OuterRef("pk"), due_at__lte=at)
    accounts = Account.objects.filter(_free(at), Exists(due), state=Account.State.LIVE)
    return sum(
        defer("look", queue="fetch", once=f"look:{pk}", account=pk)
        for pk in accounts.order_by("pk").values_list("pk", flat=True)
    )


def _free(at: datetime) -> Q:
    return Q(look_at__isnull=True) | Q(look_at__lte=at)


def look(*, account_id: int, at: datetime) -> int:
    """Ask an account's network about the posts due longest. Returns how many of them are gone."""
    account = _claim(account_id, at)
    if account is None:
        return 0
    posts = _due(account, at)
    try:
        told = _told(account, posts) if posts else {}
    except NetworkError as error:
        _failed(account, error, at=timezone.now())
        return 0
    return _store(account, posts, told, at=timezone.now())


@transaction.atomic
def _claim(account_id: int, at: datetime) -> Account | None:
    """Take the account for one call: `look_at` becomes a lease that ends if this worker dies."""
    found = Account.objects.select_for_update(of=("self",), skip_locked=True).select_related("org")
    account = found.filter(_free(at), pk=account_id, state=Account.State.LIVE).first()
    if account is not None:
        account.look_at = at + LEASE
        account.save(update_fields=["look_at"])
    return account


def _due(account: Account, at: datetime) -> list[Post]:
    behind = connections.behind(account)
    if behind is None or "metrics" not in behind.CAPABILITIES:
        return []
    looks = Look.objects.filter(account=account, due_at__lte=at, post__state=Post.State.HEARD)
    due = looks.order_by("due_at", "post").values_list("post", flat=True)[: behind.METERED]
    posts = Post.objects.in_bulk(list(due), field_name="pk")
    return [posts[pk] for pk in sorted(posts)]


def _told(account: Account, posts: Sequence[Post]) -> Mapping[str, FetchedMetrics | None]:
    with connections.connected(account) as link:
        return link.metrics({post.key: post.target for post in posts})


@transaction.atomic
def _store(account: Account, posts: Sequence[Post], told: Mapping[str, FetchedMetrics | None], *, at: datetime) -> int:
    """New totals, what is gone, and when each is looked at next. One that was told nothing of just waits its turn."""
    asked = {post.key for post in posts}
    totals = {key: now for key, now in told.items() if now is not None and key in asked}
    moved = note_totals(totals, org_id=account.org_id, network=account.network, at=at)
    gone = _gone(account, [post.pk for post in posts if post.key in told and told[post.key] is None], at=at)
    _plan(account, posts, moved, at=at)
    Account.objects.filter(pk=account.pk).update(look_at=None)
    if moved or gone:
        signal(account.org_id, "stream")
    if gone:
        signal(account.org_id, "inbox")
    return gone


def _terms(account: Account) -> Terms:
    """Of the network that was just asked."""
    behind = connections.behind(account)
    if behind is None:
        raise LookupError(account.network)
    return behind.TERMS


def _plan(account: Account, posts: Sequence[Post], moved: Collection[int], *, at: datetime) -> None:
    """When each of these is looked at next."""
    days = _terms(account).refresh_days
    bulk.rows(
        "UPDATE talk_look l SET due_at = r.due_at FROM unnest(%s::bigint[], %s::timestamptz[]) AS r (id, due_at) "
        "WHERE l.post_id = r.id",
        [
            [post.pk for post in posts],
            [at + pause_of(at - post.said_at, moved=post.pk in moved, refresh_days=days) for post in posts],
        ],
    )


def _gone(account: Account, posts: Collection[int], *, at: datetime) -> int:
    """What the network's terms ask for of posts that it has no more: our copy goes too, or it is marked.

    A copy under a legal hold is a row of its own and stands.
    """
    standing = Post.objects.select_for_update(of=("self",)).filter(pk__in=posts, state=Post.State.HEARD)
    pks = list(standing.order_by("pk").values_list("pk", flat=True))
    Post.objects.filter(pk__in=pks).update(gone_at=at)
    if _terms(account).on_gone == "erase":
        return erase_posts(account.org, pks, at=at)
    Look.objects.filter(post__in=pks).delete()
    return Post.objects.filter(pk__in=pks).update(state=Post.State.GONE)


@transaction.atomic
def _failed(account: Account, error: NetworkError, *, at: datetime) -> None:
    """Nothing is known of any post; the account waits, or for a person where its sign-in ended."""
    log.info("looking again through account %s: %s (%s)", account.pk, error.message, error.then)
    waiting = Account.objects.filter(pk=account.pk)
    waiting.update(look_at=max(error.at or at, at + TROUBLE))
    if error.then == "renew":
        waiting.update(state=Account.State.BROKEN, error=error.message)
