"""Which mentions a list holds: by the index of (brand, said_at, id) or by words, one brand at a time, merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from siach.language.reading import SURE, probability_code, shift_of
from siach.talk.queries import muting, reach, search
from siach.talk.reading_words import SHOWN, STIRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.language.reading import Emotion, Sign
    from siach.language.search import Query
    from siach.talk.queries.filters import Filters, View

PAGE = 50
MOST_COUNTED = 1_000
CASE = "case"
_SCANS = 5
#: How many mentions are looked at, a step after the other, for what no index knows: the signs of a reading.
_LOOKS = (1_000, 4_000, 16_000)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


# One brand's part of a list. Brand and time stand in it as plain values, so that the planner knows how many
# mentions there are, and whether the words or the time lead to fifty of them sooner.
_OF_BRAND = """(
    SELECT m.said_at, m.id, {signs} AS hit{columns} FROM talk_mention m{joins}
    WHERE m.brand_id = %(brand{n})s AND m.said_at >= %(start{n})s AND m.said_at < %(end{n})s
      AND m.is_about{where}
    {order} LIMIT %(most)s
)"""
_NEWEST = "ORDER BY said_at DESC, id DESC"
# A post's time is its mention's. Asked of the post too, it keeps what the words find in other years out of the way.
_POST_WITHIN = " AND p.said_at >= %(start{n})s AND p.said_at < %(end{n})s"


def page(view: View, query: Query, before: Cursor | None) -> tuple[list[int], Cursor | None]:
    """The ids of one page and the cursor of the next. A phrase is looked up in the texts themselves, and signs in the
    mentions, so a page that finds few may end early, with the place where it stopped looking."""
    phrases = bool(query.phrases or query.excluded_phrases)
    found: list[tuple[datetime, int]] = []
    for most in _steps_of(view.filters, phrases=phrases):
        rows = _rows(view, query, before, most, text=phrases)
        found += [row[:2] for row in rows if _holds(row, query)]
        if len(found) > PAGE:
            last = found[PAGE - 1]
            return [pk for _at, pk in found[:PAGE]], Cursor(*last)
        if len(rows) < most:
            return [pk for _at, pk in found], None
        before = Cursor(*rows[-1][:2])
    return [pk for _at, pk in found], before


def newest(view: View, query: Query, most: int) -> list[int]:
    """The ids of the newest of a view, at most so many; of what no index knows, those among the newest that were
    looked at."""
    phrases = bool(query.phrases or query.excluded_phrases)
    looked = 4 * most if any(view.filters.signs) else most
    rows = _rows(view, query, None, looked, text=phrases)
    return [row[1] for row in rows if _holds(row, query)][:most]


def _holds(row: tuple, query: Query) -> bool:
    """Whether a row has the signs that were asked for and, where its text came along, the phrases."""
    return row[2] and (len(row) == 3 or query.phrases_hold(row[3]))


def _steps_of(filters: Filters, *, phrases: bool) -> Sequence[int]:
    """How many mentions are looked at, one step after the other, until a page is full."""
    if phrases:
        return (4 * PAGE,) * _SCANS
    return _LOOKS if any(filters.signs) else (PAGE + 1,)


def _rows(view: View, query: Query, before: Cursor | None, most: int, *, text: bool = False) -> list[tuple]:
    """The newest of each brand, merged: (said_at, id, whether its signs are those asked for), and the text if it is
    asked for."""
    order = "ORDER BY m.said_at DESC, m.id DESC"
    sql, values = _union(view, query, before, text=text, order=order, mutes=muting.SHOWN)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) u {_NEWEST} LIMIT %(most)s", values | {"most": most})
        return cursor.fetchall()


def few(view: View, query: Query) -> list[tuple[datetime, int]] | None:
    """The newest of a view and one beyond the cap of what is counted, in one look: page and total by the same rows.
    None where the planner expects many, of which the page alone and the count alone are found sooner."""
    sql, values = _union(view, query, None, text=False, order="", mutes="")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values | {"most": MOST_COUNTED})
        expected = cursor.fetchone()[0][0]["Plan"]["Plan Rows"]
    rows = _rows(view, query, None, MOST_COUNTED + 1) if expected < MOST_COUNTED else None
    return None if rows is None else [row[:2] for row in rows]


def count(view: View, query: Query, *, mutes: str = "") -> int:
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
    joins, where, values = conditions(view, query, text=text, mutes=mutes)
    if before:
        where += " AND (m.said_at, m.id) < (%(at)s, %(id)s)"
        values |= {"at": before.said_at, "id": before.id}
    parts = []
    for n, brand in enumerate(view.brands):
        start, end = view.bounds(brand)
        values |= {f"brand{n}": brand.pk, f"start{n}": start, f"end{n}": end}
        within = where + _POST_WITHIN.format(n=n) if "words" in values else where
        columns = {"columns": ", p.text" if text else "", "signs": signs_asked(view.filters)}
        parts.append(_OF_BRAND.format(**columns, joins=joins, where=within, order=order, n=n))
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


def signs_asked(filters: Filters) -> str:
    """What is asked of the signs of a mention, as SQL over `m`; true where nothing is. Of numbers and names of ours."""
    parts = []
    if filters.emotion:
        parts.append(f"{_steps(filters.emotion)} >= {SHOWN}")  # type: ignore[arg-type]
    if filters.unsure:
        doubt = f"m.confidence < {probability_code(SURE)} OR {_steps('sarcasm')} >= {SHOWN}"
        parts.append(f"({doubt}) AND m.corrected_by_id IS NULL")
    if filters.stirs:
        parts.append(f"{_steps('provokes')} >= {STIRS}")
    return " AND ".join(parts) or "true"


def _steps(name: Emotion | Sign) -> str:
    return f"(m.signs >> {shift_of(name)}) & 15"


def _filtered(filters: Filters) -> tuple[list[tuple[str, bool]], dict[str, Any]]:
    """The conditions of the filters, each with whether it needs the post, and their values."""
    chosen = {name: value for name in _CONDITIONS if (value := getattr(filters, name))}
    parts = [_CONDITIONS[name] for name in chosen]
    if filters.heard:
        parts.append(_HEARD[filters.heard])
    return parts, {"kind": CASE} | {name: int(v) if name in _NUMBERS else v for name, v in chosen.items()}


def conditions(view: View, query: Query, *, text: bool, mutes: str) -> tuple[str, str, dict[str, Any]]:
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
