"""What is read where counts cannot tell: the newest posts of what is listed, and as many of the rest.

The rest is spread over its time, each slice of it by the index of (brand, said_at, id). Our own posts are not among
them unless an author's part is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from django.db import connection

from siach.talk.queries import listed, muting, search
from siach.talk.queries.days import day_bounds
from siach.talk.queries.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siach.language.search import Query
    from siach.org.models import Brand
    from siach.talk.queries.filters import View

MOST = 2_000  # posts of either side
_LETTERS = 2_000
_SLICES = 40
_LOOKED_AT = 1_000  # mentions of a slice

#: With what is compared: the same filters on the other days or in the period before, or the others of the same time.
Against = Literal["days", "others", "before"]


@dataclass(frozen=True, slots=True)
class Read:
    """A mention that was read, with its post and the topics it speaks of."""

    id: int
    post: int
    said_at: datetime
    text: str
    may_be_quoted: bool
    topics: Sequence[int]


def newest(view: View, query: Query) -> list[int]:
    """The ids of the mentions that are read."""
    return listed.newest(view, query, MOST) if view.brands else []


def names(view: View, query: Query) -> Iterable[str]:
    """What is said anyhow: the names of the brands, and the words that were asked for."""
    yield from query.typed.values()
    for brand in view.brands:
        yield brand.name
        yield from brand.names


def read(view: View, ids: Sequence[int]) -> list[Read]:
    """These mentions, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT m.id, p.id, m.said_at, left(p.text, {_LETTERS}),
                   NOT p.is_private AND NOT t.is_closed AND p.state = 'heard', coalesce(m.topics, '{{}}')
            FROM talk_mention m JOIN talk_post p ON p.id = m.post_id JOIN talk_author a ON a.id = p.author_id
                 JOIN talk_thread t ON t.id = p.thread_id
            WHERE m.id = ANY(%(ids)s) AND p.state <> 'erased' AND (%(ours)s OR NOT a.is_ours)
            ORDER BY m.said_at DESC, m.id DESC
            """,
            {"ids": list(ids), "ours": bool(view.filters.part)},
        )
        return [Read(*row) for row in cursor.fetchall()]


def rest(view: View, against: Against, query: Query, ids: Sequence[int], posts: Sequence[Read]) -> list[str]:
    """The texts of as many others as `posts` may be, which were read with these ids."""
    if not posts:
        return []
    plain = Filters(brand=view.filters.brand, muted=view.filters.muted)
    filters = plain if against == "others" else replace(view.filters, day=None)
    others = replace(view, filters=filters)
    asked = search.asked("") if against == "others" else query
    slices = [one for brand in view.brands for one in _slices(view, brand, against, posts)]
    if not slices:
        return []
    joins, where, values = listed.conditions(others, asked, text=True, mutes=muting.SHOWN)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT f.text FROM unnest(%(of)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
                AS s (brand, since, until)
            CROSS JOIN LATERAL (
                SELECT left(p.text, {_LETTERS}) AS text FROM (
                    SELECT * FROM talk_mention n
                    WHERE n.brand_id = s.brand AND n.said_at >= s.since AND n.said_at < s.until AND n.is_about
                    ORDER BY n.said_at DESC, n.id DESC LIMIT {_LOOKED_AT}
                ) m{joins} JOIN talk_author o ON o.id = p.author_id
                WHERE m.id <> ALL(%(ids)s) AND p.state <> 'erased' AND (%(ours)s OR NOT o.is_ours)
                  AND {listed.signs_asked(filters)}{where}
                LIMIT %(each)s
            ) f
            """,
            values | _in_slices(slices) | {"ids": list(ids), "ours": bool(filters.part)},
        )
        return [text for (text,) in cursor.fetchall() if asked.phrases_hold(text)]


Slice = tuple[int, datetime, datetime]


def _in_slices(slices: Sequence[Slice]) -> dict[str, Any]:
    of, starts, ends = zip(*slices, strict=True)
    return {"of": list(of), "starts": list(starts), "ends": list(ends), "each": -(-MOST // len(slices))}


def _slices(view: View, brand: Brand, against: Against, posts: Sequence[Read]) -> list[Slice]:
    """The time of the rest in equal parts, each with its brand: (brand, from, until)."""
    start, end = view.bounds(brand)
    if against == "before":
        start, end = start - (end - start), start
    elif against == "others":
        start = max(start, posts[-1].said_at)
        end = max(start, min(end, posts[0].said_at)) + timedelta(seconds=1)
    else:
        whole = replace(view, filters=replace(view.filters, day=None)).bounds(brand)
        day = day_bounds(brand, view.filters.day)  # type: ignore[arg-type]
        return [*_parts(brand.pk, whole[0], day[0], view), *_parts(brand.pk, day[1], whole[1], view)]
    return _parts(brand.pk, start, end, view)


def _parts(brand: int, start: datetime, end: datetime, view: View) -> list[Slice]:
    count = max(2, _SLICES // len(view.brands))
    step = (end - start) / count
    return [(brand, start + n * step, start + (n + 1) * step) for n in range(count)] if step > timedelta() else []
