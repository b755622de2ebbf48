"""Whether what was counted equals what was said, and whether anything is stuck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.talk.models import Batch, DirtyHour, FrozenDay, SetAside
from siach.talk.models.counts import KEEP_FIVE, KEEP_HOUR

if TYPE_CHECKING:
    from datetime import datetime

MOST_SHOWN = 1_000

# One statement a grain, so that counts, unfolded deltas and mentions are of one snapshot. Days with an hour
# that waits to be recounted, and frozen ones, are left out.
_GRAIN = """
WITH counted AS (
    SELECT brand_id, slot, network, sentiment, intent, sum(n) AS n FROM (
        SELECT c.brand_id, c.{column} AS slot, c.network, c.sentiment, c.intent, c.n FROM {table} c
        UNION ALL
        SELECT d.brand_id, {delta}, d.network, d.sentiment, d.intent, d.n
        FROM talk_countdelta d JOIN org_brand b ON b.id = d.brand_id
    ) both_kinds GROUP BY 1, 2, 3, 4, 5
), said AS (
    SELECT m.brand_id, {mention} AS slot, m.network, m.sentiment, m.intent, count(*) AS n
    FROM talk_mention m JOIN org_brand b ON b.id = m.brand_id WHERE m.is_about GROUP BY 1, 2, 3, 4, 5
), waiting AS (
    SELECT DISTINCT d.brand_id, (d.slot AT TIME ZONE b.zone)::date AS day
    FROM talk_dirtyhour d JOIN org_brand b ON b.id = d.brand_id
), compared AS (
    SELECT brand_id, slot, network, sentiment, intent, coalesce(c.n, 0) AS counted, coalesce(s.n, 0) AS said
    FROM counted c FULL JOIN said s USING (brand_id, slot, network, sentiment, intent)
)
SELECT b.name, v.slot::text, v.network, v.sentiment, v.intent, v.counted, v.said, sum(v.said) OVER () AS total,
       count(*) FILTER (WHERE v.counted <> v.said) OVER () AS differing
FROM compared v JOIN org_brand b ON b.id = v.brand_id
WHERE {within} AND NOT EXISTS (SELECT FROM waiting w WHERE w.brand_id = v.brand_id AND w.day = {local_day})
AND NOT EXISTS (SELECT FROM talk_frozenday f
                WHERE f.brand_id = v.brand_id AND f.day = {local_day} AND f.network = v.network)
ORDER BY (v.counted = v.said), b.name, v.slot LIMIT %(most)s
"""
_LOCAL = "(v.slot AT TIME ZONE b.zone)::date"
_GRAINS: dict[str, dict[str, str]] = {
    "5 minutes": {
        "table": "talk_countfive",
        "column": "slot",
        "delta": "d.slot",
        "mention": "date_bin('5 minutes', m.said_at, '2000-01-01+00')",
        "within": "v.slot >= %(five)s",
        "local_day": _LOCAL,
    },
    "hours": {
        "table": "talk_counthour",
        "column": "slot",
        "delta": "date_trunc('hour', d.slot, 'UTC')",
        "mention": "date_trunc('hour', m.said_at, 'UTC')",
        "within": "v.slot >= %(hour)s",
        "local_day": _LOCAL,
    },
    "days": {
        "table": "talk_countday",
        "column": "day",
        "delta": "(d.slot AT TIME ZONE b.zone)::date",
        "mention": "(m.said_at AT TIME ZONE b.zone)::date",
        "within": "true",
        "local_day": "v.slot",
    },
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One count that is not what a recount says."""

    brand: str
    slot: str
    network: str
    sentiment: int
    intent: int
    counted: int
    said: int


@dataclass(frozen=True, slots=True)
class Grain:
    """A grain compared: how many mentions it covers, and its differences (`differing` in all, the first here)."""

    name: str
    mentions: int
    differing: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. Ages in seconds, None where nothing waits."""

    grains: tuple[Grain, ...]
    knows_letters: bool
    posts_left: int
    hours_to_recount: int
    days_frozen: int
    set_aside: int
    open_batches: int
    oldest_batch: float | None
    jobs_waiting: int
    jobs_failed: int

    @property
    def holds(self) -> bool:
        """Nothing is wrong. What merely waits is no fault."""
        return self.knows_letters and not self.posts_left and not any(grain.differing for grain in self.grains)


def check(*, at: datetime) -> Checked:
    """Compare the counts of every grain with the mentions, and look for what was left behind."""
    oldest = Batch.objects.filter(done_at__isnull=True).order_by("made_at").values_list("made_at", flat=True).first()
    jobs = ProcrastinateJob.objects
    return Checked(
        grains=tuple(_compared(name, at=at) for name in _GRAINS),
        knows_letters=bool(_one(r"SELECT 'שלום' ~ '^\w+$' AND lower('ÀÉ') = 'àé'")),
        posts_left=int(_one(_LEFT)),
        hours_to_recount=DirtyHour.objects.count(),
        days_frozen=FrozenDay.objects.count(),
        set_aside=SetAside.objects.filter(settled_at__isnull=True).count(),
        open_batches=Batch.objects.filter(done_at__isnull=True).count(),
        oldest_batch=(at - oldest).total_seconds() if oldest else None,
        jobs_waiting=jobs.filter(status="todo").count(),
        jobs_failed=jobs.filter(status="failed").count(),
    )


_LEFT = """
SELECT count(*) FROM talk_post p LEFT JOIN (
    SELECT DISTINCT unnest(posts) AS id FROM talk_batch WHERE done_at IS NULL OR step > 0
) b USING (id)
WHERE p.state = 'heard' AND b.id IS NULL
AND NOT EXISTS (SELECT FROM talk_setaside s WHERE s.post_id = p.id AND s.settled_at IS NULL)
"""


def _compared(name: str, *, at: datetime) -> Grain:
    limits: dict[str, datetime | int] = {"five": at - KEEP_FIVE, "hour": at - KEEP_HOUR, "most": MOST_SHOWN}
    with connection.cursor() as cursor:
        cursor.execute(_GRAIN.format(**_GRAINS[name]), limits)
        rows = cursor.fetchall()
    mentions, differing = (int(rows[0][7]), int(rows[0][8])) if rows else (0, 0)
    return Grain(name, mentions, differing, tuple(Difference(*row[:7]) for row in rows if row[5] != row[6]))


def _one(question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]
