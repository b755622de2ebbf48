"""How far posts went: their running totals, and when each is looked at again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from siach.talk import bulk
from siach.talk.connections import behind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from siach.talk.connections import FetchedMetrics
    from siach.talk.models import Account

#: How old a post is -> how long until it is looked at again. Most of what a post ever moves, and most second thoughts
#: of its author, fall into its first hours and days.
STEPS = (
    (timedelta(hours=6), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=12)),
    (timedelta(days=30), timedelta(days=5)),
)
RARELY = timedelta(days=30)


def pause_of(age: timedelta, *, moved: bool, refresh_days: int | None) -> timedelta:
    """How long until a post of this age is looked at again: half of it while its totals still move, and half of what
    a network's terms demand at most, so that a few days of trouble do not break them."""
    pause = next((pause for until, pause in STEPS if age < until), RARELY)
    if moved:
        pause /= 2
    return pause if refresh_days is None else min(pause, timedelta(days=refresh_days) / 2)


def enrol(posts: Iterable[int], *, account: Account | None, at: datetime) -> None:
    """Have these new posts looked at again, through the account that heard them, where its network can be asked."""
    speaks = behind(account) if account else None
    if account is None or speaks is None or "metrics" not in speaks.CAPABILITIES:
        return
    bulk.rows(
        """
        INSERT INTO talk_look (post_id, account_id, due_at) SELECT r.id, %s, %s FROM unnest(%s::bigint[]) AS r (id)
        ON CONFLICT (post_id) DO NOTHING
        """,
        [account.pk, at + STEPS[0][1], list(posts)],
    )


def note_totals(totals: Mapping[str, FetchedMetrics], *, org_id: int, network: str, at: datetime) -> set[int]:
    """Keep the totals of posts, by key, where they moved; a post nobody reacted to needs no row. Returns the posts."""
    values = ((key, one.likes, one.shares, one.comments, one.views) for key, one in totals.items())
    bulk.load("temp_totals", "key text, likes bigint, shares bigint, comments bigint, views bigint", values)
    moved = bulk.rows(
        """
        INSERT INTO talk_postmetrics (post_id, at, likes, shares, comments, views)
        SELECT p.id, %s, r.likes, r.shares, r.comments, r.views
        FROM temp_totals r JOIN talk_post p ON p.org_id = %s AND p.network = %s AND p.key = r.key
        LEFT JOIN LATERAL (SELECT m.likes, m.shares, m.comments, m.views FROM talk_postmetrics m
                           WHERE m.post_id = p.id ORDER BY m.at DESC LIMIT 1) last ON true
        WHERE (r.likes, r.shares, r.comments, r.views)
              IS DISTINCT FROM (coalesce(last.likes, 0), coalesce(last.shares, 0), coalesce(last.comments, 0),
                                last.views)
        RETURNING post_id
        """,
        [at, org_id, network],
    )
    return {pk for (pk,) in moved}
