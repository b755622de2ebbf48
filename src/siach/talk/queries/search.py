"""Words asked for: what the index is asked, and which words of a text answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.language.clean import parse_query, search_terms, tokens

if TYPE_CHECKING:
    from siach.language.clean import Query

QUERY_LIMIT = 200
SNIPPET = 420
_LOOKED_AT = 20_000
_LEAD = 120

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text as a list shows it: whole, or the part round the first word that was asked for."""

    text: str
    spans: tuple[Span, ...] = ()
    is_cut: bool = False


def asked(q: str) -> Query:
    return parse_query(q[:QUERY_LIMIT])


def is_empty(query: Query) -> bool:
    """Whether a search asks for nothing that the index knows."""
    return not (query.words or query.excluded or query.phrases or query.excluded_phrases)


def tsquery(query: Query) -> str:
    """The search as the text of a PostgreSQL tsquery: every lexeme quoted, so no sign of a typed word is an
    operator. Empty when it asks nothing of the index."""
    words = [" | ".join(map(_quoted, word)) for word in query.words]
    return " & ".join([*(f"({word})" for word in words), *(f"!{_quoted(one)}" for one in query.excluded)])


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def hits(text: str, query: Query) -> list[Span]:
    """Where the words that were asked for stand in a text, as spans of the kind `hit`."""
    wanted = {lexeme for word in query.words for lexeme in word}
    if not wanted:
        return []
    return [(start, end, "hit") for start, end in tokens(text) if not wanted.isdisjoint(search_terms(text[start:end]))]


def snippet(text: str, query: Query | None = None) -> Snippet:
    """At most `SNIPPET` characters of a text, with the words that were asked for marked."""
    found = hits(text[:_LOOKED_AT], query) if query else []
    if len(text) <= SNIPPET:
        return Snippet(text, tuple(found))
    start = found[0][0] - _LEAD if found and found[0][1] > SNIPPET else 0
    start = text.find(" ", start) + 1 if start > 0 else 0
    end = text.rfind(" ", start + SNIPPET // 2, start + SNIPPET)
    end = end if end > 0 else min(len(text), start + SNIPPET)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    spans = tuple((low + shift, high + shift, kind) for low, high, kind in found if start <= low and high <= end)
    return Snippet(before + text[start:end] + after, spans, is_cut=True)
