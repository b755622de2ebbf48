"""RawPost: the networks' own payloads, partitioned by week of arrival, so that old weeks leave at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

KEEP = timedelta(days=90)


def _week(at: datetime) -> datetime:
    """Midnight UTC of the Sunday that begins the week of `at`."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def ensure_week(at: datetime) -> None:
    """Make the partition of the week of `at` unless it stands."""
    start = _week(at)
    name = f"talk_rawpost_{start:%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            cursor.execute("SELECT pg_advisory_xact_lock(71002)")
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF talk_rawpost "
                f"FOR VALUES FROM ('{start:%Y-%m-%d}+00') TO ('{start + timedelta(days=7):%Y-%m-%d}+00')"
            )


def keep_weeks(*, at: datetime) -> list[str]:
    """Make next week's partition ahead and drop those past keeping. Returns the names dropped."""
    ensure_week(at)
    ensure_week(at + timedelta(days=7))
    oldest = f"talk_rawpost_{_week(at - KEEP):%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'talk_rawpost'::regclass")
        old = sorted(name for (name,) in cursor.fetchall() if name < oldest)
        for name in old:
            cursor.execute(f"DROP TABLE {name}")
    return old
