"""Why this day, why these filters: the words, copies and sentences of what is listed against the rest.

It reads posts, so it reads few (`sample`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.language.claims import claim_groups
from siach.language.similar import fingerprint, near_groups
from siach.language.summary import Sentence, summary
from siach.language.words import Term, characteristic
from siach.talk.queries import sample, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.language.search import Query
    from siach.talk.queries.filters import View
    from siach.talk.queries.sample import Against, Read

TERMS = 18
GROUPS = 3
LEAST_ALIKE = 3


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


def telling(view: View) -> Telling:
    """What marks out what a view lists."""
    query, against = _asked(view), against_what(view)
    ids = sample.newest(view, query)
    posts = sample.read(view, ids)
    rest = sample.rest(view, against, query, ids, posts)
    texts = [one.text for one in posts]
    terms = characteristic(texts, rest, without=sample.names(view, query), most=TERMS)
    quotable = [(str(one.post), one.text) for one in posts if one.may_be_quoted]
    groups, said = _alike(posts)[:GROUPS], summary(quotable, terms)
    is_part = len(ids) == sample.MOST
    return Telling(against, len(posts), len(rest), is_part, tuple(terms), tuple(groups), tuple(said))


def alike(view: View, mention: int) -> Alike | None:
    """The group of a view that a mention is in."""
    posts = sample.read(view, sample.newest(view, _asked(view)))
    return next((one for one in _alike(posts) if mention in one.ids), None)


def against_what(view: View) -> Against:
    """With what a view is compared."""
    if view.filters.day:
        return "days"
    return "others" if view.filters.is_narrow else "before"


def _asked(view: View) -> Query:
    return search.asked(view.filters.q)


def _alike(posts: Sequence[Read]) -> list[Alike]:
    found = []
    for group in claim_groups([one.text for one in posts]):
        members = [posts[place] for place in group]
        if len({one.post for one in members}) >= LEAST_ALIKE:
            copies = near_groups([fingerprint(one.text) for one in members])
            ids = tuple(one.id for one in members)
            found.append(Alike(ids, len(copies[0]) if copies else 0, members[-1].text))
    return found
