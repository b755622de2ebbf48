"""What is being said: mentions newest first, a page of 50 at a time, with all that a card shows.

Every list goes through the index of mentions (brand, said_at, id), one brand at a time, and is merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from siach.language.search import Query
from siach.org.models import Brand, Topic
from siach.org.rights import brands_for
from siach.talk.connections import label
from siach.talk.models import Author, Media, Mention, Post, PostMetrics, Source, ThreadMark
from siach.talk.queries import listed, muting, search
from siach.talk.queries.counts import tally, tally_since
from siach.talk.queries.listed import CASE, PAGE, Cursor
from siach.talk.reading_words import tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import User
    from siach.talk.queries.filters import View
    from siach.talk.reading_words import Tag

MOST_NEW = 99
_NO_QUERY = Query((), (), (), ())


@dataclass(frozen=True, slots=True)
class Card:
    """One mention as a list shows it. `marks` are the plain facts of its thread."""

    mention: Mention
    snippet: search.Snippet
    metrics: PostMetrics | None
    marks: tuple[ThreadMark, ...]
    topics: tuple[Topic, ...] = ()
    pictures: tuple[Media, ...] = ()

    @property
    def key(self) -> str:
        """The mention's primary key, as addresses and ids carry it."""
        return str(self.mention.pk)

    @property
    def post(self) -> Post:
        return self.mention.post

    @property
    def author(self) -> Author:
        return self.mention.post.author

    @property
    def parent(self) -> Post | None:
        """The post that this one answers, as far as whoever reads this one may read it."""
        parent = self.mention.post.parent
        return None if parent and parent.is_private and not self.mention.post.is_private else parent

    @property
    def network(self) -> str:
        return label(self.mention.network)

    @property
    def at_network(self) -> str:
        return _("View on %(network)s") % {"network": self.network}

    @property
    def has_case(self) -> bool:
        return any(mark.kind == CASE for mark in self.marks)

    @property
    def tags(self) -> list[Tag]:
        """What stands of its reading beside the text: three chips at most."""
        return tags(self.mention)


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the Stream. `total` is None where it cannot be told; `is_more` says it is at least that.
    `muted` is how many of them the reader's mutes leave out, counted to 1,000."""

    cards: tuple[Card, ...]
    older: Cursor | None
    total: int | None
    is_more: bool
    muted: int = 0


def scope(user: User) -> list[Brand]:
    """The brands whose Stream this person may read, our own first."""
    brands = brands_for(user, "stream.read").select_related("org")
    return sorted(brands, key=lambda brand: (brand.kind, brand.org.name, brand.pk))


def stream(view: View, *, before: Cursor | None = None) -> Shown:
    """A page of 50, and how many there are in all where counts or a search capped at 1,000 can tell."""
    query = search.asked(view.filters.q) if view.filters.q else _NO_QUERY
    if not view.brands or (view.filters.q and search.is_empty(query)):
        return Shown((), None, 0, False)
    asks_signs = any(view.filters.signs)
    muted = listed.count(view, query, mutes=muting.HIDDEN) if view.muted and not asks_signs else 0
    rows = listed.few(view, query) if _is_counted_by_hand(view, query) and not (before or view.muted) else None
    if rows is not None:
        older = Cursor(*rows[PAGE - 1]) if len(rows) > PAGE else None
        ids = [pk for _at, pk in rows[:PAGE]]
        return Shown(
            tuple(cards(ids, query)), older, min(len(rows), listed.MOST_COUNTED), len(rows) > listed.MOST_COUNTED
        )
    ids, older = listed.page(view, query, before)
    total, is_more = _total(view, query)
    return Shown(tuple(cards(ids, query)), older, total, is_more, min(muted, listed.MOST_COUNTED))


def _is_counted_by_hand(view: View, query: Query) -> bool:
    """Whether the total of a view is told, and not by counts."""
    beyond = view.filters.beyond_counts or view.is_narrow
    return beyond and not (view.filters.hidden or query.phrases or query.excluded_phrases)


def counted(view: View) -> int | None:
    """How many mentions a view holds; None where counts cannot tell."""
    return None if view.filters.beyond_counts else _total(view, _NO_QUERY)[0]


def _total(view: View, query: Query) -> tuple[int | None, bool]:
    """How many in all, and whether it is at least that. From counts; a search is counted to 1,000."""
    filters = view.filters
    if not (filters.beyond_counts or view.is_narrow):
        if filters.day:
            return tally(view.brand_ids, filters.day, filters.day, filters.only()).total, False
        if view.since:
            until = view.at + timedelta(days=1)
            return tally_since(view.brand_ids, view.since, until, filters.only()).total, False
        return tally(view.brand_ids, view.first, view.last, filters.only()).total, False
    if not _is_counted_by_hand(view, query):
        return None, False
    return _capped(listed.count(view, query))


def _capped(counted: int) -> tuple[int, bool]:
    return min(counted, listed.MOST_COUNTED), counted > listed.MOST_COUNTED


# --- what their cards show --------------------------------------------------------------------------------


def cards(ids: Sequence[int], query: Query = _NO_QUERY) -> list[Card]:
    """The cards of these mentions, in their order, by the same few queries however many there are."""
    mentions = (
        Mention.objects.filter(pk__in=ids)
        .select_related("post", "post__author", "post__thread", "post__parent", "post__parent__author")
        .defer("post__words", "post__target", "post__parent__words", "post__parent__target")
        .prefetch_related("brand", "corrected_by", Prefetch("post__source", Source.objects.defer("cursor", "error")))
        .in_bulk()
    )
    found = [mentions[pk] for pk in ids if pk in mentions]
    metrics = newest_metrics(mention.post_id for mention in found)
    marks = _grouped(ThreadMark.objects.filter(thread__in={one.post.thread_id for one in found}), "thread_id", "kind")
    pictures = _grouped(Media.objects.filter(post__in={one.post_id for one in found}), "post_id", "pk")
    topics = topics_of(found)
    return [
        Card(
            mention,
            search.snippet(mention.post.text, query),
            metrics.get(mention.post_id),
            marks.get(mention.post.thread_id, ()),
            tuple(topics[pk] for pk in mention.topics or () if pk in topics),
            pictures.get(mention.post_id, ()),
        )
        for mention in found
    ]


def bare(mention: Mention) -> Card:
    """A card of the reading alone, for a page that shows of the post what it needs itself."""
    return Card(mention, search.Snippet(mention.post.text, (), False, ()), None, ())


def _grouped(rows: QuerySet[Any], key: str, order: str) -> dict[int, tuple[Any, ...]]:
    """Rows by the value of `key`, each group in order."""
    found: dict[int, tuple[Any, ...]] = {}
    for row in rows.order_by(order):
        found[getattr(row, key)] = (*found.get(getattr(row, key), ()), row)
    return found


def topics_of(mentions: Iterable[Mention]) -> dict[int, Topic]:
    """The topics that these mentions speak of; no query where there are none."""
    ids = {pk for mention in mentions for pk in mention.topics or ()}
    return Topic.objects.in_bulk(ids) if ids else {}


def newest_metrics(posts: Iterable[int]) -> dict[int, PostMetrics]:
    """The last known numbers of each post that has any."""
    rows = PostMetrics.objects.filter(post__in=list(posts)).order_by("post", "-at").distinct("post")
    return {row.post_id: row for row in rows}


# --- what is new, and what there is elsewhere -------------------------------------------------------------


def newest_id() -> int:
    """An id below which every mention stands that a page drawn now can show."""
    return Mention.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def new_since(view: View, after: int, *, at: datetime) -> int:
    """How many live mentions were written after the one with the id `after`, counted to 100."""
    if not view.brands:
        return 0
    query = search.asked(view.filters.q) if view.filters.q else _NO_QUERY
    joins, where, values = listed.conditions(view, query, text=False, mutes=muting.SHOWN)
    sql = f"""
        SELECT count(*) FROM (
            SELECT FROM talk_mention m{joins}
            WHERE m.brand_id = ANY(%(brands)s) AND m.is_live AND m.is_about AND m.heard_at >= %(since)s
              AND m.said_at >= %(start)s AND m.id > %(after)s AND {listed.signs_asked(view.filters)}{where}
            LIMIT %(most)s
        ) c
    """
    values |= {
        "brands": view.brand_ids,
        "since": at - timedelta(days=1),
        "start": min(view.bounds(brand)[0] for brand in view.brands),
        "after": after,
        "most": MOST_NEW + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def newest_said(view: View) -> datetime | None:
    """When the newest mention of these brands was said, whatever the period. Not told of a brand open only in part."""
    if view.is_narrow:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(f.said_at) FROM unnest(%s::bigint[]) AS b (id) CROSS JOIN LATERAL (
                SELECT said_at FROM talk_mention m WHERE m.brand_id = b.id AND m.is_about ORDER BY said_at DESC LIMIT 1
            ) f
            """,
            [view.brand_ids],
        )
        return cursor.fetchone()[0]
