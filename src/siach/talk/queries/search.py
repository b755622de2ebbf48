"""Words asked for: what the index is asked, and which words of a text answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from siach.language.clean import tokens
from siach.language.search import answer, is_answer, parse_query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siach.language.search import How, Query

QUERY_LIMIT = 200
SNIPPET = 420
_LOOKED_AT = 20_000
_LEAD = 120
_TOLD = 3

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text as a list shows it: whole, or the part round the first word that was asked for. `why`: of words that
    answer without being written as they were asked for, the reason."""

    text: str
    spans: tuple[Span, ...] = ()
    is_cut: bool = False
    why: tuple[str, ...] = ()


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
    wanted = frozenset(lexeme for word in query.words for lexeme in word)
    if not wanted:
        return []
    return [(start, end, "hit") for start, end in tokens(text) if is_answer(text[start:end], wanted)]


def why(text: str, spans: Iterable[Span], query: Query) -> tuple[str, ...]:
    """For each word asked for that stands nowhere in these spans as it was typed: which word answers it, and how."""
    nearest: dict[str, tuple[str, How]] = {}
    for start, end, _kind in spans:
        asked, how = answer(text[start:end], query) or ("", "")
        if asked and (asked not in nearest or not how):
            nearest[asked] = (text[start:end], how)
    return tuple(_reason(asked, word, how) for asked, (word, how) in nearest.items() if how)[:_TOLD]


def _reason(asked: str, word: str, how: How) -> str:
    """One reason, in the reader's language."""
    told = {
        "prefix": _("“%(word)s”: with or without a prefix, it is “%(asked)s”"),
        "part": _("“%(word)s” has “%(asked)s” in it"),
        "spelling": _("“%(word)s” is another spelling of “%(asked)s”"),
    }
    isolated = {name: f"\u2068{one}\u2069" for name, one in (("word", word), ("asked", asked))}
    return told[how] % isolated


def snippet(text: str, query: Query | None = None) -> Snippet:
    """At most `SNIPPET` characters of a text, with the words that were asked for marked and explained."""
    found = hits(text[:_LOOKED_AT], query) if query else []
    reasons = why(text, found, query) if query else ()
    if len(text) <= SNIPPET:
        return Snippet(text, tuple(found), why=reasons)
    start = found[0][0] - _LEAD if found and found[0][1] > SNIPPET else 0
    start = text.find(" ", start) + 1 if start > 0 else 0
    end = text.rfind(" ", start + SNIPPET // 2, start + SNIPPET)
    end = end if end > 0 else min(len(text), start + SNIPPET)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    spans = tuple((low + shift, high + shift, kind) for low, high, kind in found if start <= low and high <= end)
    return Snippet(before + text[start:end] + after, spans, is_cut=True, why=reasons)
