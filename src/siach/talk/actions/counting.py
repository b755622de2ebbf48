"""Counts of mentions: deltas folded into three grains, dirty hours recounted, old grains dropped."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from siach.org.live import signal
from siach.org.models import Brand
from siach.talk.models import CountFive, CountHour, DirtyHour
from siach.talk.models.counts import KEEP_FIVE, KEEP_HOUR
from siach.talk.queries.days import day_bounds

if TYPE_CHECKING:
    from datetime import date

_LOCK = 71001
_AT_ONCE = 200_000

_FOLD = """
WITH gone AS (
    DELETE FROM talk_countdelta
    WHERE id <= (SELECT max(id) FROM (SELECT id FROM talk_countdelta ORDER BY id LIMIT %(most)s) AS first)
    RETURNING *
), five AS (
    INSERT INTO talk_countfive AS c (brand_id, slot, network, sentiment, intent, n)
    SELECT brand_id, slot, network, sentiment, intent, sum(n) FROM gone WHERE slot >= %(five)s GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (brand_id, slot, network, sentiment, intent) DO UPDATE SET n = c.n + excluded.n
), hour AS (
    INSERT INTO talk_counthour AS c (brand_id, slot, network, sentiment, intent, n)
    SELECT brand_id, date_trunc('hour', slot, 'UTC'), network, sentiment, intent, sum(n) FROM gone
    WHERE slot >= %(hour)s GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (brand_id, slot, network, sentiment, intent) DO UPDATE SET n = c.n + excluded.n
), day AS (
    INSERT INTO talk_countday AS c (brand_id, day, network, sentiment, intent, n)
    SELECT g.brand_id, (g.slot AT TIME ZONE b.zone)::date, g.network, g.sentiment, g.intent, sum(g.n)
    FROM gone g JOIN org_brand b ON b.id = g.brand_id GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (brand_id, day, network, sentiment, intent) DO UPDATE SET n = c.n + excluded.n
)
SELECT array_agg(DISTINCT b.org_id), count(*) FROM gone g JOIN org_brand b ON b.id = g.brand_id
"""

# One statement, so that the deltas it drops and the mentions it counts are of one snapshot.
_RECOUNT = """
WITH frozen AS MATERIALIZED (
    SELECT network FROM talk_frozenday WHERE brand_id = %(brand)s AND day = %(day)s
), dropped AS (
    DELETE FROM talk_countdelta WHERE brand_id = %(brand)s AND slot >= %(start)s AND slot < %(end)s
    AND network NOT IN (SELECT network FROM frozen)
), fresh AS MATERIALIZED (
    SELECT date_bin('5 minutes', said_at, '2000-01-01+00') AS slot, network, sentiment, intent, count(*) AS n
    FROM talk_mention WHERE brand_id = %(brand)s AND said_at >= %(start)s AND said_at < %(end)s AND is_about
    AND network NOT IN (SELECT network FROM frozen) GROUP BY 1, 2, 3, 4
), five_in AS (
    INSERT INTO talk_countfive (brand_id, slot, network, sentiment, intent, n)
    SELECT %(brand)s, slot, network, sentiment, intent, n FROM fresh WHERE slot >= %(five)s
    ON CONFLICT (brand_id, slot, network, sentiment, intent) DO UPDATE SET n = excluded.n
), five_out AS (
    DELETE FROM talk_countfive c WHERE brand_id = %(brand)s AND slot >= %(start)s AND slot < %(end)s
    AND network NOT IN (SELECT network FROM frozen)
    AND NOT EXISTS (SELECT FROM fresh f WHERE (f.slot, f.network, f.sentiment, f.intent)
                                            = (c.slot, c.network, c.sentiment, c.intent))
), hours AS MATERIALIZED (
    SELECT date_trunc('hour', slot, 'UTC') AS slot, network, sentiment, intent, sum(n) AS n FROM fresh
    GROUP BY 1, 2, 3, 4
), hour_in AS (
    INSERT INTO talk_counthour (brand_id, slot, network, sentiment, intent, n)
    SELECT %(brand)s, slot, network, sentiment, intent, n FROM hours WHERE slot >= %(hour)s
    ON CONFLICT (brand_id, slot, network, sentiment, intent) DO UPDATE SET n = excluded.n
), hour_out AS (
    DELETE FROM talk_counthour c WHERE brand_id = %(brand)s AND slot >= %(start)s AND slot < %(end)s
    AND network NOT IN (SELECT network FROM frozen)
    AND NOT EXISTS (SELECT FROM hours f WHERE (f.slot, f.network, f.sentiment, f.intent)
                                            = (c.slot, c.network, c.sentiment, c.intent))
), days AS MATERIALIZED (
    SELECT network, sentiment, intent, sum(n) AS n FROM fresh GROUP BY 1, 2, 3
), day_in AS (
    INSERT INTO talk_countday (brand_id, day, network, sentiment, intent, n)
    SELECT %(brand)s, %(day)s, network, sentiment, intent, n FROM days
    ON CONFLICT (brand_id, day, network, sentiment, intent) DO UPDATE SET n = excluded.n
)
DELETE FROM talk_countday c WHERE brand_id = %(brand)s AND day = %(day)s
AND network NOT IN (SELECT network FROM frozen)
AND NOT EXISTS (SELECT FROM days f WHERE (f.network, f.sentiment, f.intent) = (c.network, c.sentiment, c.intent))
"""


def _lock() -> None:
    """One fold or recount at a time; a statement of its own, so that the next one sees what the last wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def fold(*, at: datetime) -> int:
    """Fold waiting deltas into the 5-minute, hourly and daily counts. Returns how many deltas."""
    _lock()
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, {"most": _AT_ONCE, "five": at - KEEP_FIVE, "hour": at - KEEP_HOUR})
        orgs, folded = cursor.fetchone()
    for org in orgs or ():
        signal(org, "counts")
    return folded


def recount_dirty(*, at: datetime) -> int:
    """Recount the days in which a brand's mentions changed after they were counted. Returns how many."""
    todo: dict[tuple[int, date], list[int]] = {}
    for dirty in DirtyHour.objects.select_related("brand").order_by("pk")[:2000]:
        local = dirty.slot.astimezone(ZoneInfo(dirty.brand.zone)).date()
        todo.setdefault((dirty.brand_id, local), []).append(dirty.pk)
    for (brand, day), dirty_hours in todo.items():
        with transaction.atomic():
            DirtyHour.objects.filter(pk__in=dirty_hours).delete()
            recount_day(brand=Brand.objects.get(pk=brand), day=day, at=at)
    return len(todo)


@transaction.atomic
def recount_day(*, brand: Brand, day: date, at: datetime) -> None:
    """Count one local day of a brand anew in all three grains, from its mentions. What is frozen stays as it is."""
    _lock()
    start, end = day_bounds(brand, day)
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOUNT,
            {
                "brand": brand.pk,
                "day": day,
                "start": start,
                "end": end,
                "five": at - KEEP_FIVE,
                "hour": at - KEEP_HOUR,
            },
        )


def drop_old(*, at: datetime) -> None:
    """Forget 5-minute counts after 35 days and hourly ones after 400; days stay for good."""
    CountFive.objects.filter(slot__lt=at - KEEP_FIVE).delete()
    CountHour.objects.filter(slot__lt=at - KEEP_HOUR).delete()
