"""What is past its time goes, a batch at a time. Numbers stay: the days it stood in are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from siach.org.keeping import BATCH
from siach.talk import bulk
from siach.talk.actions.unlearning import unlearn
from siach.talk.connections import keep_days, names
from siach.talk.models import Author, Evidence, Media, Post, RefusedRow, Thread
from siach.talk.partitions import KEEP

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import Org

RELEASED_FOR = timedelta(days=30)
#: Stands before the id of an author whose name is past keeping.
NAMELESS = "nameless:"


@dataclass(frozen=True, slots=True)
class Spared:
    """What a higher room still needs: its rows, and the fields in which they name what no step here may delete."""

    rows: QuerySet
    posts: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()

    def left(self, found: QuerySet, fields: tuple[str, ...]) -> QuerySet:
        """Of what was found, what none of the rows names in these fields."""
        for field in fields:
            found = found.filter(~Exists(self.rows.filter(**{field: OuterRef("pk")})))
        return found


def drop_posts(org: Org, *, before: datetime, at: datetime, spare: Callable[[Org], Spared]) -> int:
    """Posts that arrived before, or are past their network's own terms, with all that hangs on them."""
    spared = spare(org)
    old = spared.left(Post.objects.filter(_old(before, at), org=org), spared.posts)
    found = list(old.select_for_update(skip_locked=True).values_list("pk", "thread_id")[:BATCH])
    if found:
        delete_posts([pk for pk, _thread in found])
        _drop_threads({thread for _pk, thread in found}, spared)
    return len(found)


def _old(before: datetime, at: datetime) -> Q:
    """Past our own time, or past the shorter one that a network's terms set."""
    old = Q(taken_at__lt=before)
    for network in names():
        days = keep_days(network)
        if days is not None:
            old |= Q(network=network, taken_at__lt=at - timedelta(days=days))
    return old


def delete_posts(ids: Collection[int]) -> None:
    """Delete posts with everything of theirs. The days in which they were counted are frozen first."""
    pks = sorted(ids)
    freeze_days(pks)
    unlearn(pks)
    for sql in _WITH_POSTS:
        bulk.rows(sql, [pks])


def freeze_days(posts: Collection[int]) -> None:
    """From now on these posts' days are never recounted: what is left of them would be too little."""
    bulk.rows(
        """
        INSERT INTO talk_frozenday (brand_id, network, day)
        SELECT DISTINCT m.brand_id, m.network, (m.said_at AT TIME ZONE b.zone)::date
        FROM talk_mention m JOIN org_brand b ON b.id = m.brand_id WHERE m.post_id = ANY(%s)
        ON CONFLICT DO NOTHING
        """,
        [list(posts)],
    )


_WITH_POSTS = (
    "DELETE FROM talk_correction WHERE mention_id IN (SELECT id FROM talk_mention WHERE post_id = ANY(%s))",
    "DELETE FROM talk_sampled WHERE mention_id IN (SELECT id FROM talk_mention WHERE post_id = ANY(%s))",
    "DELETE FROM talk_mention WHERE post_id = ANY(%s)",
    "DELETE FROM talk_postmetrics WHERE post_id = ANY(%s)",
    "DELETE FROM talk_look WHERE post_id = ANY(%s)",
    "DELETE FROM talk_media WHERE post_id = ANY(%s)",
    "DELETE FROM talk_sighting WHERE post_id = ANY(%s)",
    "DELETE FROM talk_setaside WHERE post_id = ANY(%s)",
    "DELETE FROM talk_rawpost WHERE post_id = ANY(%s)",
    "UPDATE talk_outgoing SET target_id = NULL WHERE target_id = ANY(%s)",
    "UPDATE talk_evidence SET post_id = NULL WHERE post_id = ANY(%s)",
    "UPDATE talk_post SET parent_id = NULL WHERE parent_id = ANY(%s)",
    "DELETE FROM talk_post WHERE id = ANY(%s)",
)


def _drop_threads(threads: Collection[int], spared: Spared) -> None:
    """Threads in which nothing is left."""
    empty = spared.left(Thread.objects.filter(pk__in=threads, posts__isnull=True), spared.threads)
    pks = sorted(empty.values_list("pk", flat=True))
    bulk.rows("DELETE FROM talk_threadmark WHERE thread_id = ANY(%s)", [pks])
    bulk.rows("DELETE FROM talk_servedthread WHERE thread_id = ANY(%s)", [pks])
    bulk.rows("DELETE FROM talk_thread WHERE id = ANY(%s)", [pks])


def drop_names(org: Org, *, before: datetime, at: datetime, spare: Callable[[Org], Spared]) -> int:
    """Authors not heard since: without a post the row goes; else name, handle, reach and part go, and posts stay."""
    lately = Post.objects.filter(author=OuterRef("pk"), taken_at__gte=before)
    spared = spare(org)
    old = spared.left(Author.objects.filter(~Exists(lately), org=org, is_ours=False), spared.authors)
    old = old.exclude(external_id__startswith=NAMELESS)
    pks = sorted(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
    silent = list(Author.objects.filter(pk__in=pks, posts__isnull=True).values_list("pk", flat=True))
    bulk.rows("UPDATE talk_evidence SET author_id = NULL WHERE author_id = ANY(%s)", [silent])
    bulk.rows("DELETE FROM talk_consent WHERE author_id = ANY(%s)", [pks])
    bulk.rows("DELETE FROM talk_mute WHERE author_id = ANY(%s)", [silent])
    bulk.rows("DELETE FROM talk_author WHERE id = ANY(%s)", [silent])
    forget_names([pk for pk in pks if pk not in set(silent)])
    return len(pks)


def forget_names(authors: Collection[int]) -> None:
    """Take from authors all that names or describes them; their posts stay, under nobody's name."""
    bulk.rows(
        """
        UPDATE talk_author SET external_id = %s || id, handle = '', name = '', followers = NULL, part = 'unknown',
            part_evidence = '', part_until = NULL, part_by_id = NULL
        WHERE id = ANY(%s)
        """,
        [NAMELESS, sorted(authors)],
    )


def drop_raw(org: Org, *, before: datetime, at: datetime) -> int:
    """Networks' payloads before their partition leaves by itself."""
    if before <= at - KEEP:
        return 0
    gone = bulk.rows(
        """
        WITH old AS MATERIALIZED (
            SELECT r.post_id, r.taken_at FROM talk_rawpost r JOIN talk_post p ON p.id = r.post_id
            WHERE p.org_id = %s AND r.taken_at < %s LIMIT %s
        )
        DELETE FROM talk_rawpost r USING old WHERE r.post_id = old.post_id AND r.taken_at = old.taken_at RETURNING 1
        """,
        [org.pk, before, BATCH],
    )
    return len(gone)


def drop_media(org: Org, *, before: datetime, at: datetime) -> int:
    """Pictures of closed places; their files follow when nothing names them any more."""
    old = Media.objects.filter(org=org, post__thread__is_closed=True, post__taken_at__lt=before)
    pks = list(old.values_list("pk", flat=True)[:BATCH])
    Media.objects.filter(pk__in=pks).delete()
    return len(pks)


def drop_refused(org: Org, *, before: datetime, at: datetime) -> int:
    """Rows of files that could not be taken."""
    pks = list(RefusedRow.objects.filter(job__org=org, job__made_at__lt=before).values_list("pk", flat=True)[:BATCH])
    RefusedRow.objects.filter(pk__in=pks).delete()
    return len(pks)


def drop_released(org: Org, *, before: datetime, at: datetime) -> int:
    """Evidence a month after its release, so that a release by mistake can still be seen."""
    old = Evidence.objects.filter(org=org, released_at__lt=at - RELEASED_FOR)
    pks = list(old.values_list("pk", flat=True)[:BATCH])
    Evidence.objects.filter(pk__in=pks).delete()
    return len(pks)
