"""What is kept as evidence, within a reader's organisations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from siach.org.rights import orgs_for
from siach.talk.evidence import is_whole
from siach.talk.models import Evidence

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from siach.org.models import User
    from siach.talk.models import Post

PAGE = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """One copy as its page shows it. `who`: how its author is called; `is_due`: its review day is here."""

    evidence: Evidence
    who: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of copies: those due first, then the newest. `older` is the next page's number, None at the end."""

    held: int
    due: int
    released: int
    shown: tuple[Kept, ...]
    older: int | None


def evidence_for(user: User, right: str) -> QuerySet[Evidence]:
    """The copies of organisations in which this person holds the right."""
    return Evidence.objects.filter(org__in=orgs_for(user, right))


def shelf(user: User, *, released: bool, page: int, today: date) -> Shelf:
    """Held copies, or those that were released."""
    mine = evidence_for(user, "evidence.keep")
    held, gone = mine.filter(released_at__isnull=True), mine.filter(released_at__isnull=False)
    due = held.filter(review_on__lte=today)
    ordered = gone.order_by("-released_at", "-pk") if released else held.order_by("review_on", "-pk")
    start = page * PAGE
    found = list(ordered.select_related("owner", "brand")[start : start + PAGE + 1])
    return Shelf(
        held=held.count(),
        due=due.count(),
        released=gone.count(),
        shown=tuple(kept(one, today=today) for one in found[:PAGE]),
        older=page + 1 if len(found) > PAGE else None,
    )


def kept(evidence: Evidence, *, today: date) -> Kept:
    copy = evidence.copy
    author = copy.get("author", {})
    named = author.get("name") or author.get("handle") or "–"
    return Kept(
        evidence,
        named if named != "–" else _("somebody without a name"),
        evidence.is_due(today),
    )


def of_post(post: Post, user: User) -> list[Evidence]:
    """The copies of one post, the newest first."""
    mine = evidence_for(user, "evidence.keep").filter(post=post)
    return list(mine.select_related("by").order_by("-at", "-pk"))


def still_whole(evidence: Evidence) -> bool:
    """Whether the copy still has the hash it was kept with."""
    return is_whole(evidence)
