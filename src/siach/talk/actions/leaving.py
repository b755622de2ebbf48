"""What this room gives to an organisation's archive, and takes away when it is removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.db import connection
from django.db.models import Q

from siach.org.keeping import BATCH
from siach.org.models import Brand
from siach.org.rights import brands_for
from siach.talk import bulk, pictures
from siach.talk.connections import drop_stage
from siach.talk.models import EvidencePicture, Import, Look, Media, Mute, SavedView, Source
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
    Look.objects.filter(account__org=org).delete()


def drop_files_of(org: Org, *, at: datetime) -> None:
    """REMOVE: pictures that nobody else's row names, files that wait to be taken in, a demo's pretend network."""
    drop_stage(org)
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
    """PARTED: their own views and mutes where they no longer read; what they shared stays with the team, but what
    narrows to a brand that only a mandate opened."""
    brands = brands_for(user, "stream.read")
    orgs, served = brands.values("org"), brands_for(user, "inbox.read").values("org")
    theirs = SavedView.objects.filter(by=user)
    lost = ~Q(org__in=orgs) | Q(screen=SavedView.Screen.INBOX) & ~Q(org__in=served)
    views = [one.pk for one in theirs if _narrows_to_lost(one, set(brands.values_list("pk", flat=True)))]
    gone = Q(author__isnull=False) & ~Q(author__org__in=orgs)
    gone |= Q(topic__isnull=False) & ~Q(topic__brand__in=brands)
    dropped = theirs.filter(lost & Q(is_shared=False) | Q(pk__in=views)).delete()[0]
    return dropped + Mute.objects.filter(gone, user=user).delete()[0]


def _narrows_to_lost(view: SavedView, read: set[int]) -> bool:
    """Whether the view names a brand, or a topic of one, that its owner does not read; of a shared view, one of
    another organisation than the view's."""
    asked = dict(parse_qsl(view.address))
    brand, topic = (int(asked[name]) if asked.get(name, "").isdecimal() else 0 for name in ("brand", "topic"))
    named = Brand.objects.filter(Q(pk=brand) | Q(topics=topic)).exclude(pk__in=read)
    return (named.exclude(org=view.org_id) if view.is_shared else named).exists()
