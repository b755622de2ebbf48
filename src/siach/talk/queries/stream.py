"""What is being said: mentions newest first, a page of 50 at a time, with all that a card shows.

Every list goes through the index of mentions (brand, said_at, id), one brand at a time, and is merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from siach.language.search import Query
from siach.org.models import Brand, Topic
from siach.org.rights import brands_for
from siach.talk.connections import label
from siach.talk.models import Author, Media, Mention, Post, PostMetrics, ThreadMark
from siach.talk.queries import muting, reach, search
from siach.talk.queries.counts import tally, tally_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from siach.org.models import User
    from siach.talk.queries.filters import Filters, View

PAGE = 50
MOST_COUNTED = 1_000
MOST_NEW = 99
UNSURE = 500
CASE = "case"
_SCANS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_QUERY = Query((), (), (), ())


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: below the mention with this time and id."""

    said_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.said_at - _EPOCH) // timedelta(microseconds=1)}.{self.id}"


def cursor_of(written: str) -> Cursor | None:
    """A cursor as an address carries it; None for anything else."""
    micros, _dot, pk = written.partition(".")
    if not (micros.isascii() and micros.isdecimal() and pk.isascii() and pk.isdecimal()):
        return None
    if len(micros) > 16 or len(pk) > 18:
        return None
    return Cursor(_EPOCH + timedelta(microseconds=int(micros)), int(pk))


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
        return _("At %(network)s") % {"network": self.network}

    @property
    def has_case(self) -> bool:
        return any(mark.kind == CASE for mark in self.marks)

    @property
    def share(self) -> float:
        """How likely the reader held its answer, 0 to 1."""
        return self.mention.confidence / 1000

    @property
    def is_unsure(self) -> bool:
        """The reader gave its own likeliest answer less than even odds, and nobody has judged it since."""
        return self.mention.confidence < UNSURE and self.mention.corrected_by_id is None


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
    ids, older = _page(view, query, before)
    total, is_more = _total(view, query) if older or before or not _is_all(ids, view, query) else (len(ids), False)
    muted = _counted(view, query, mutes=muting.HIDDEN) if view.muted else 0
    return Shown(tuple(cards(ids, query)), older, total, is_more, min(muted, MOST_COUNTED))


def _is_all(ids: Sequence[int], view: View, query: Query) -> bool:
    """Whether a first page without a second holds all that a search would count."""
    plain = query.words and not (query.phrases or query.excluded_phrases)
    return bool(plain) and not (view.muted or view.filters.hidden) and len(ids) <= MOST_COUNTED


# --- which mentions ---------------------------------------------------------------------------------------

# One brand's part of a list. Brand and time stand in it as plain values, so that the planner knows how many
# mentions there are, and whether the words or the time lead to fifty of them sooner.
_OF_BRAND = """(
    SELECT m.said_at, m.id{columns} FROM talk_mention m{joins}
    WHERE m.brand_id = %(brand{n})s AND m.said_at >= %(start{n})s AND m.said_at < %(end{n})s{where}
    {order} LIMIT %(most)s
)"""
_NEWEST = "ORDER BY said_at DESC, id DESC"
# A post's time is its mention's. Asked of the post too, it keeps what the words find in other years out of the way.
_POST_WITHIN = " AND p.said_at >= %(start{n})s AND p.said_at < %(end{n})s"


def _page(view: View, query: Query, before: Cursor | None) -> tuple[list[int], Cursor | None]:
    """The ids of one page and the cursor of the next. A phrase is looked up in the texts themselves, so a page
    that finds few may end early, with the place where it stopped looking."""
    phrases = bool(query.phrases or query.excluded_phrases)
    found: list[tuple[datetime, int]] = []
    for _scan in range(_SCANS if phrases else 1):
        most = 4 * PAGE if phrases else PAGE + 1
        rows = _rows(view, query, before, most, text=phrases)
        found += [row[:2] for row in rows if not phrases or query.phrases_hold(row[2])]
        if len(found) > PAGE:
            last = found[PAGE - 1]
            return [pk for _at, pk in found[:PAGE]], Cursor(*last)
        if len(rows) < most:
            return [pk for _at, pk in found], None
        before = Cursor(*rows[-1][:2])
    return [pk for _at, pk in found], before


def _rows(view: View, query: Query, before: Cursor | None, most: int, *, text: bool = False) -> list[tuple]:
    """The newest of each brand, merged: (said_at, id), and the text if it is asked for."""
    order = "ORDER BY m.said_at DESC, m.id DESC"
    sql, values = _union(view, query, before, text=text, order=order, mutes=muting.SHOWN)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) u {_NEWEST} LIMIT %(most)s", values | {"most": most})
        return cursor.fetchall()


def _counted(view: View, query: Query, *, mutes: str = "") -> int:
    """How many there are, counted no further than one beyond the cap; muted or not, unless `mutes` narrows it."""
    sql, values = _union(view, query, None, text=False, order="", mutes=mutes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT FROM ({sql}) u LIMIT %(most)s) c", values | {"most": MOST_COUNTED + 1}
        )
        return cursor.fetchone()[0]


def _union(
    view: View, query: Query, before: Cursor | None, *, text: bool, order: str, mutes: str
) -> tuple[str, dict[str, Any]]:
    joins, where, values = _conditions(view, query, text=text, mutes=mutes)
    if before:
        where += " AND (m.said_at, m.id) < (%(at)s, %(id)s)"
        values |= {"at": before.said_at, "id": before.id}
    parts = []
    for n, brand in enumerate(view.brands):
        start, end = view.bounds(brand)
        values |= {f"brand{n}": brand.pk, f"start{n}": start, f"end{n}": end}
        within = where + _POST_WITHIN.format(n=n) if "words" in values else where
        parts.append(_OF_BRAND.format(columns=", p.text" if text else "", joins=joins, where=within, order=order, n=n))
    return " UNION ALL ".join(parts), values


_POST = " JOIN talk_post p ON p.id = m.post_id"
# Each filter: the SQL of its condition, whether it needs the post's row. Its value is %(<name>)s.
_CONDITIONS: dict[str, tuple[str, bool]] = {
    "sentiment": ("m.sentiment = %(sentiment)s", False),
    "intent": ("m.intent = %(intent)s", False),
    "urgency": ("m.urgency >= %(urgency)s", False),
    "safety": ("m.is_safety", False),
    "network": ("m.network = %(network)s", False),
    "via": ("m.via = %(via)s", False),
    "topic": ("m.topics @> ARRAY[%(topic)s]::bigint[]", False),
    "corrected": ("EXISTS (SELECT FROM talk_correction c WHERE c.mention_id = m.id)", False),
    "language": ("p.language = %(language)s", True),
    "part": ("EXISTS (SELECT FROM talk_author a WHERE a.id = p.author_id AND a.part = %(part)s)", True),
    "case": ("EXISTS (SELECT FROM talk_threadmark k WHERE k.thread_id = p.thread_id AND k.kind = %(kind)s)", True),
}
_HEARD: dict[str, tuple[str, bool]] = {
    "live": ("m.is_live", False),
    "history": ("NOT m.is_live", False),
    "captured": ("EXISTS (SELECT FROM talk_source s WHERE s.id = p.source_id AND s.kind = 'capture')", True),
}
_NUMBERS = frozenset({"sentiment", "intent", "urgency", "via", "topic"})


def _filtered(filters: Filters) -> tuple[list[tuple[str, bool]], dict[str, Any]]:
    """The conditions of the filters, each with whether it needs the post, and their values."""
    chosen = {name: value for name in _CONDITIONS if (value := getattr(filters, name))}
    parts = [_CONDITIONS[name] for name in chosen]
    if filters.heard:
        parts.append(_HEARD[filters.heard])
    return parts, {"kind": CASE} | {name: int(v) if name in _NUMBERS else v for name, v in chosen.items()}


def _conditions(view: View, query: Query, *, text: bool, mutes: str) -> tuple[str, str, dict[str, Any]]:
    """Joins, conditions and values of the filters, and of the reader's mutes (muting.SHOWN, HIDDEN or "" for no
    matter). Values reach the database as parameters only."""
    parts, values = _filtered(view.filters)
    words = search.tsquery(query)
    if words:
        parts.append(("p.words @@ %(words)s::tsquery", True))
        values["words"] = words
    if mutes and view.muted:
        parts.append((mutes, True))
        values |= view.muted.values
    if view.is_narrow:
        limit, of_limit = reach.condition(view.limits)
        parts.append((limit, True))
        values |= of_limit
    if view.shut:
        parts.append((reach.SPOKEN_OPENLY, True))
        values["shut"] = list(view.shut)
    needs_post = text or any(post for _sql, post in parts)
    return _POST if needs_post else "", "".join(f" AND {sql}" for sql, _post in parts), values


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
    if filters.hidden or query.phrases or query.excluded_phrases:
        return None, False
    counted = _counted(view, query)
    return min(counted, MOST_COUNTED), counted > MOST_COUNTED


# --- what their cards show --------------------------------------------------------------------------------


def cards(ids: Sequence[int], query: Query = _NO_QUERY) -> list[Card]:
    """The cards of these mentions, in their order, by the same few queries however many there are."""
    mentions = (
        Mention.objects.filter(pk__in=ids)
        .select_related(
            *("brand", "corrected_by", "post", "post__author", "post__thread"),
            *("post__parent", "post__parent__author", "post__source"),
        )
        .defer(
            *("post__words", "post__target", "post__parent__words", "post__parent__target"),
            *("post__source__cursor", "post__source__error"),
        )
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
    joins, where, values = _conditions(view, query, text=False, mutes=muting.SHOWN)
    sql = f"""
        SELECT count(*) FROM (
            SELECT FROM talk_mention m{joins}
            WHERE m.brand_id = ANY(%(brands)s) AND m.is_live AND m.heard_at >= %(since)s
              AND m.said_at >= %(start)s AND m.id > %(after)s{where}
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
                SELECT said_at FROM talk_mention m WHERE m.brand_id = b.id ORDER BY said_at DESC LIMIT 1
            ) f
            """,
            [view.brand_ids],
        )
        return cursor.fetchone()[0]
