"""Server time of the pages people keep open, at 100,000 posts: median and 95th percentile of 40 requests each."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

from bench.figures import NOW, Figure, founded, fresh_database, talk

COUNT = 100_000
ROUNDS = 40
PAGES = (
    ("Today", "/"),
    ("Stream", "/stream/?period=30"),
    ("Stream, negative complaints", "/stream/?period=30&sentiment=-1&intent=1"),
    ("Stream, search", "/stream/?period=30&q=מנורה"),
    ("Inbox", "/inbox/"),
)


def measure() -> list[Figure]:
    with fresh_database():
        client = _ready()
        return [figure for name, path in PAGES for figure in _times(client, name, path)]


def _ready() -> object:
    """A month of talk with its cases, and a reader signed in."""
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from siach.background import PIPELINE
    from siach.org.models import Membership, Team, User
    from siach.talk.actions.carrying import carry
    from siach.talk.actions.counting import fold
    from siach.talk.actions.taking import take_in

    brand, source = founded()
    now = timezone.now()
    shift = now - NOW
    posts = talk(COUNT, brand="לומיקה", moved=shift)
    for start in range(0, COUNT, 2000):
        taken = take_in(posts[start : start + 2000], source=source, at=now - timedelta(minutes=5))
        for batch in taken.batches:
            carry(batch, PIPELINE, at=now)
    while fold(at=now):
        pass
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    user = User.objects.create_user("reader@example.test", None, name="Reader")
    team = Team.objects.create(org=brand.org, name="team")  # type: ignore[attr-defined]
    Membership.objects.create(user=user, team=team, role=Membership.Role.OWNER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _times(client: object, name: str, path: str) -> list[Figure]:
    taken = []
    for _ in range(ROUNDS + 3):
        began = time.perf_counter()
        response = client.get(path)  # type: ignore[attr-defined]
        taken.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{path} answered {response.status_code}")
    warm = sorted(taken[3:])
    p95 = warm[int(len(warm) * 0.95) - 1]
    command = "./siach bench pages"
    note = f"{COUNT:,} posts"
    return [
        Figure(f"{name}: server time, median", round(statistics.median(warm), 1), "ms", 100, command, False, note),
        Figure(f"{name}: server time, p95", round(p95, 1), "ms", 300, command, False, note),
    ]
