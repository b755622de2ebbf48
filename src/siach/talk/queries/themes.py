"""What people talk about in what is listed, whether or not a topic of the brand names it.

It reads what the words that stand out read (`sample`), and nothing more: how many a theme's link finds is counted among
the mentions that were read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from siach.language.clean import key
from siach.language.search import EITHER
from siach.language.summary import Sentence, summary
from siach.language.themes import LEAST_POSTS, Theme, themes
from siach.org.models import Topic
from siach.talk.queries import sample, search
from siach.talk.queries.search import QUERY_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.talk.queries.filters import View
    from siach.talk.queries.sample import Against, Read

_WHOLE_FROM = 3
_MOSTLY = 0.5  # of a theme's posts, those that speak of a topic for the theme to lie within it


@dataclass(frozen=True, slots=True)
class Told:
    """A theme; `asked` is the search that finds its posts, `found` how many of what was read it finds, ours too. The
    sentence is of one of its public posts and has that post's key; `topic` is the one within which it mostly lies."""

    theme: Theme
    asked: str
    found: int
    sentence: Sentence | None
    topic: Topic | None

    @property
    def times(self) -> float | None:
        """How many times as common it is as in the other time, as it is said."""
        grew = self.theme.grew
        return grew and round(grew, 0 if grew >= _WHOLE_FROM else 1)


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes of `read` mentions, with `rest` others to compare. `is_thin`: too few were read to tell any;
    `is_part`: more are listed than were read. `share`: of those read, what speaks of one of them."""

    against: Against
    read: int
    rest: int
    is_part: bool
    is_thin: bool
    told: tuple[Told, ...]
    share: float


def talked_about(view: View) -> Themes:
    """The themes of what a view lists."""
    query, against = search.asked(view.filters.q), against_what(view)
    ids = sample.newest(view, query)
    posts = sample.read(view, ids)
    is_part, is_thin = len(ids) == sample.MOST, len(posts) < LEAST_POSTS
    if is_thin:
        return Themes(against, len(posts), 0, is_part, is_thin, (), 0.0)
    rest = sample.rest(view, against, query, ids, posts)
    texts = [(str(one.id), one.text) for one in posts]
    found = themes(texts, rest, without=sample.names(view, query))
    asked = [(theme, words) for theme in found if (words := _asked(theme, view.filters.q))]
    counts, topics = _counts(ids, [words for _theme, words in asked]), _topics(view)
    by_id = {str(one.id): one for one in posts}
    told = [
        _told(theme, words, count, [by_id[pk] for pk in theme.keys], topics)
        for (theme, words), count in zip(asked, counts, strict=True)
    ]
    share = len({pk for one in told for pk in one.theme.keys}) / len(posts)
    return Themes(against, len(posts), len(rest), is_part, is_thin, tuple(told), share)


def against_what(view: View) -> Against:
    """With what a view's themes are compared: growth is told against another time."""
    return "days" if view.filters.day else "before"


def _told(theme: Theme, words: str, found: int, posts: Sequence[Read], topics: dict[int, Topic]) -> Told:
    said = summary([(str(one.post), one.text) for one in posts if one.may_be_quoted], theme.terms, most=1)
    return Told(theme, words, found, said[0] if said else None, _topic(theme, posts, topics))


def _asked(theme: Theme, before: str) -> str:
    """The search for any of a theme's words, as many as there is room for behind what is asked already."""
    room, words = QUERY_LIMIT - len(before) - 1, ""
    for form in (form for name in theme.names for form in name.forms):
        longer = f"{words}{EITHER}{form}" if words else form
        if len(longer) <= room:
            words = longer
    return words


def _counts(ids: Sequence[int], asked: Sequence[str]) -> list[int]:
    """How many of these mentions each search finds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT q.n, count(*) FROM unnest(%s::text[]) WITH ORDINALITY AS q (words, n)
                JOIN talk_mention m ON m.id = ANY(%s) JOIN talk_post p ON p.id = m.post_id
            WHERE p.words @@ q.words::tsquery GROUP BY q.n
            """,
            [[search.tsquery(search.asked(one)) for one in asked], list(ids)],
        )
        counted = dict(cursor.fetchall())
    return [counted.get(n, 0) for n in range(1, len(asked) + 1)]


def _topics(view: View) -> dict[int, Topic]:
    return {topic.pk: topic for topic in Topic.objects.filter(brand__in=view.brand_ids).order_by("name", "pk")}


def _topic(theme: Theme, posts: Sequence[Read], topics: dict[int, Topic]) -> Topic | None:
    """The topic that half of a theme's posts speak of, else one that has the first of its words."""
    spoken = Counter(pk for one in posts for pk in one.topics if pk in topics)
    mostly = max(spoken, key=lambda pk: (spoken[pk], -pk), default=None)
    if mostly and spoken[mostly] >= _MOSTLY * len(posts):
        return topics[mostly]
    first = {key(form) for form in (theme.names[0].shown, *theme.names[0].forms)}
    return next((topic for topic in topics.values() if not first.isdisjoint(map(key, topic.words))), None)
