"""Why this day, why these filters: the words, copies and sentences of what is listed against the rest.

It reads posts, so it reads few: the newest of what is listed, and as many of the rest spread over the same time, each
slice of it by the index of (brand, said_at, id). Our own posts are not among them unless an author's part is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from django.db import connection

from siach.language.claims import claim_groups
from siach.language.similar import fingerprint, near_groups
from siach.language.summary import Sentence, summary
from siach.language.words import Term, characteristic
from siach.talk.queries import listed, muting, search
from siach.talk.queries.days import day_bounds
from siach.talk.queries.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siach.language.search import Query
    from siach.org.models import Brand
    from siach.talk.queries.filters import View

MOST = 2_000  # posts of either side
TERMS = 18
GROUPS = 3
LEAST_ALIKE = 3
_LETTERS = 2_000
_SLICES = 40
_LOOKED_AT = 1_000  # mentions of a slice

Against = Literal["days", "others", "before"]


@dataclass(frozen=True, slots=True)
class Alike:
    """Mentions, the newest first, that make the same claim; `copies` of them in nearly the same words."""

    ids: tuple[int, ...]
    copies: int
    text: str

    @property
    def first(self) -> int:
        """The mention by which the group is named: the one that came first."""
        return min(self.ids)

    @property
    def is_copied(self) -> bool:
        return self.copies == len(self.ids)


@dataclass(frozen=True, slots=True)
class Telling:
    """What marks out `read` mentions against `rest` others: the same filters on other days, the other mentions of the
    same time, or those of the period before. `is_part`: more are listed than were read. Sentences have the keys of
    posts for keys."""

    against: Against
    read: int
    rest: int
    is_part: bool
    terms: tuple[Term, ...]
    groups: tuple[Alike, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class _Post:
    id: int
    post: int
    said_at: datetime
    text: str
    may_be_quoted: bool


def telling(view: View) -> Telling:
    """What marks out what a view lists."""
    query, against = _asked(view), against_what(view)
    ids = listed.newest(view, query, MOST) if view.brands else []
    posts = _posts(view, ids)
    rest = _rest(view, against, query, ids, posts)
    texts = [one.text for one in posts]
    terms = characteristic(texts, rest, without=_names(view, query), most=TERMS)
    quotable = [(str(one.post), one.text) for one in posts if one.may_be_quoted]
    groups = _alike(posts)[:GROUPS]
    return Telling(
        against, len(posts), len(rest), len(ids) == MOST, tuple(terms), tuple(groups), tuple(summary(quotable, terms))
    )


def alike(view: View, mention: int) -> Alike | None:
    """The group of a view that a mention is in."""
    ids = listed.newest(view, _asked(view), MOST) if view.brands else []
    return next((one for one in _alike(_posts(view, ids)) if mention in one.ids), None)


def against_what(view: View) -> Against:
    """With what a view is compared."""
    if view.filters.day:
        return "days"
    return "others" if view.filters.is_narrow else "before"


def _asked(view: View) -> Query:
    return search.asked(view.filters.q)


def _names(view: View, query: Query) -> Iterable[str]:
    """What is said anyhow: the names of the brands, and the words that were asked for."""
    yield from query.typed.values()
    for brand in view.brands:
        yield brand.name
        yield from brand.names


def _posts(view: View, ids: Sequence[int]) -> list[_Post]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT m.id, p.id, m.said_at, left(p.text, {_LETTERS}),
                   NOT p.is_private AND NOT t.is_closed AND p.state = 'heard'
            FROM talk_mention m JOIN talk_post p ON p.id = m.post_id JOIN talk_author a ON a.id = p.author_id
                 JOIN talk_thread t ON t.id = p.thread_id
            WHERE m.id = ANY(%(ids)s) AND p.state <> 'erased' AND (%(ours)s OR NOT a.is_ours)
            ORDER BY m.said_at DESC, m.id DESC
            """,
            {"ids": list(ids), "ours": bool(view.filters.part)},
        )
        return [_Post(*row) for row in cursor.fetchall()]


# --- the rest ---------------------------------------------------------------------------------------------


def _rest(view: View, against: Against, query: Query, ids: Sequence[int], posts: Sequence[_Post]) -> list[str]:
    """The texts of as many others."""
    if not posts:
        return []
    plain = Filters(brand=view.filters.brand, muted=view.filters.muted)
    filters = replace(view.filters, day=None) if against == "days" else plain
    others = replace(view, filters=filters)
    asked = query if against == "days" else search.asked("")
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


def _slices(view: View, brand: Brand, against: Against, posts: Sequence[_Post]) -> list[Slice]:
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


# --- what is alike ----------------------------------------------------------------------------------------


def _alike(posts: Sequence[_Post]) -> list[Alike]:
    found = []
    for group in claim_groups([one.text for one in posts]):
        members = [posts[place] for place in group]
        if len({one.post for one in members}) >= LEAST_ALIKE:
            copies = near_groups([fingerprint(one.text) for one in members])
            ids = tuple(one.id for one in members)
            found.append(Alike(ids, len(copies[0]) if copies else 0, members[-1].text))
    return found
