"""What this room gives to an organisation's archive, and takes away when it is removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q

from siach.org.keeping import BATCH
from siach.org.rights import brands_for
from siach.talk import bulk, pictures
from siach.talk.models import EvidencePicture, Import, Media, Mute, SavedView, Source
from siach.talk.rows import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from siach.org.models import Org, User


def raw_of(org: Org) -> Iterator[dict[str, Any]]:
    """The networks' payloads of an organisation's posts, in the order of the posts."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT r.post_id, r.taken_at, r.payload::text FROM talk_rawpost r
                JOIN (SELECT id FROM talk_post WHERE org_id = %s AND id > %s ORDER BY id LIMIT %s) p ON p.id = r.post_id
                ORDER BY r.post_id
                """,
                [org.pk, last, BATCH],
            )
            rows = cursor.fetchall()
            cursor.execute(
                "SELECT max(id) FROM (SELECT id FROM talk_post WHERE org_id = %s AND id > %s ORDER BY id LIMIT %s) p",
                [org.pk, last, BATCH],
            )
            newest = cursor.fetchone()[0]
        for post, taken_at, payload in rows:
            yield {"post_id": post, "taken_at": taken_at, "payload": json.loads(payload)}
        if newest is None:
            return
        last = newest


def files_of(org: Org) -> list[Path]:
    """The pictures of its posts and of its evidence, each once."""
    names = set(Media.objects.filter(org=org).values_list("sha256", flat=True))
    names |= set(EvidencePicture.objects.filter(evidence__org=org).values_list("sha256", flat=True))
    return [pictures.path_of(name) for name in sorted(names)]


def hush(org: Org, *, at: datetime) -> None:
    """REMOVE, first: nothing more is asked of any network."""
    Source.objects.filter(org=org).update(state=Source.State.PAUSED, due_at=None)


def drop_files_of(org: Org, *, at: datetime) -> None:
    """REMOVE: pictures that nobody else's row names, and files that wait to be taken in."""
    for path in files_of(org):
        others = Media.objects.filter(sha256=path.name).exclude(org=org).exists()
        if not others and not EvidencePicture.objects.filter(sha256=path.name).exclude(evidence__org=org).exists():
            path.unlink(missing_ok=True)
    for job in Import.objects.filter(org=org).exclude(path=""):
        file_of(job).unlink(missing_ok=True)


def drop_raw_of(org: Org, *, at: datetime) -> None:
    """REMOVE: the networks' payloads, which no foreign key leads to."""
    while bulk.rows(
        """
        WITH old AS MATERIALIZED (
            SELECT r.post_id, r.taken_at FROM talk_rawpost r JOIN talk_post p ON p.id = r.post_id
            WHERE p.org_id = %s LIMIT %s
        )
        DELETE FROM talk_rawpost r USING old WHERE r.post_id = old.post_id AND r.taken_at = old.taken_at RETURNING 1
        """,
        [org.pk, BATCH],
    ):
        pass


def drop_wishes_of(*, user: User, at: datetime) -> int:
    """PARTED: their own views and mutes where they no longer read; what they shared stays with the team."""
    orgs = brands_for(user, "stream.read").values("org")
    views = SavedView.objects.filter(by=user, is_shared=False).exclude(org__in=orgs).delete()[0]
    gone = Q(author__isnull=False) & ~Q(author__org__in=orgs)
    gone |= Q(topic__isnull=False) & ~Q(topic__brand__in=brands_for(user, "stream.read"))
    return views + Mute.objects.filter(gone, user=user).delete()[0]
