"""What a person sees of their notices: only of what they may still read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from siach.org.models import Notice
from siach.org.rights import brands_for, members, orgs_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import Model, QuerySet

    from siach.org.models import Org, User

PAGE = 60
#: Like lines that follow one another stand as one from this many on.
FOLDED = 4
COUNTED = 99
DAYS = 7

#: Nouns that gather other notices: they are no interruption more.
GATHERED = frozenset({"brief", "digest"})
#: The nouns that kinds of notices begin with, and their icon; any other noun has a bell.
ICONS = {
    "approval": "check",
    "brief": "today",
    "case": "inbox",
    "digest": "list",
    "hold": "pause",
    "import": "upload",
    "reply": "reply",
    "source": "sources",
}


#: What does not wait for a digest any more.
HERE = Q(waits=False) | Q(digested_at__isnull=False)


@dataclass(slots=True)
class Line:
    """One notice as its reader sees it. `subject` is None once it is erased; `older` are earlier ones of the same,
    `alike` those right behind it that say the like of other things."""

    notice: Notice
    subject: Model | None
    facts: Mapping[str, Any]
    template: str
    icon: str
    url: str
    older: list[Line] = field(default_factory=list)
    alike: list[Line] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether it still waits for the person to say that they have it in hand."""
        notice = self.notice
        return notice.level >= Notice.Level.INTERRUPTS and notice.acknowledged_at is None and notice.over_at is None


@dataclass(frozen=True, slots=True)
class Centre:
    """What is new (the gravest first), what waits for the digest, what was seen before.

    `newest` is the id behind which nothing is shown.
    """

    new: list[Line]
    waiting: list[Line]
    seen: list[Line]
    newest: int


def visible(user: User) -> QuerySet[Notice]:
    """This person's notices about what they may still reach; a former member's are gone with the membership."""
    scope = Q(brand__in=brands_for(user, "today.read")) | Q(org__in=orgs_for(user, "self.manage"))
    return Notice.objects.filter(scope, user=user)


def interruptions() -> QuerySet[Notice]:
    """What called on somebody: not the quiet ones, not what waits for a digest, not the digest and the brief."""
    called = Notice.objects.filter(level__gte=Notice.Level.NORMAL, waits=False, planned_at__isnull=False)
    for noun in GATHERED:
        called = called.exclude(kind__startswith=f"{noun}.")
    return called


def interruptions_by_day(user: User, *, at: datetime) -> list[tuple[date, int]]:
    """How often this person was interrupted on each of the last seven days of the active zone, today last."""
    days = [timezone.localdate(at) - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    found = interruptions().filter(user=user, planned_at__gt=at - timedelta(days=DAYS + 1))
    counts = dict(found.annotate(day=TruncDate("planned_at")).values_list("day").annotate(n=Count("pk")))
    return [(day, counts.get(day, 0)) for day in days]


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A person and how often they were interrupted on each of the last seven days, today last."""

    user: User
    days: list[tuple[date, int]]


def interruptions_of(org: Org, *, at: datetime) -> list[Interrupted]:
    """Everybody of an organisation, those who were interrupted most first; only its own notices count."""
    days = [timezone.localdate(at) - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    found = interruptions().filter(org=org, planned_at__gt=at - timedelta(days=DAYS + 1))
    counts: dict[int, dict[date, int]] = defaultdict(dict)
    rows = found.annotate(day=TruncDate("planned_at")).values_list("user", "day").annotate(n=Count("pk"))
    for user, day, n in rows:
        counts[user][day] = n
    people = members(org, "self.manage").order_by("name", "pk")
    shown = [Interrupted(user, [(day, counts[user.pk].get(day, 0)) for day in days]) for user in people]
    return sorted(shown, key=lambda row: -sum(n for _day, n in row.days))


def unseen(user: User) -> int:
    """The number on the bell, counted up to 99. Quiet notices, and what waits for the digest, are not counted."""
    found = visible(user).filter(HERE, seen_at=None, level__gte=Notice.Level.NORMAL)
    return found.values("pk")[:COUNTED].count()


def centre(user: User) -> Centre:
    """The newest notices, those about the same thing as one line: a query, and one for each kind of subject."""
    found = list(visible(user).select_related("brand").order_by("-at", "-pk")[:PAGE])
    lines = lines_of(found)
    waiting = [line for line in lines if _waits(line.notice)]
    new = [line for line in lines if (line.notice.seen_at is None or line.asks) and not _waits(line.notice)]
    seen = [line for line in lines if line.notice.seen_at is not None and not line.asks]
    return Centre(
        new=sorted(_gathered(new), key=lambda line: (not line.asks, -line.notice.level if line.asks else 0)),
        waiting=_folded(_gathered(waiting)),
        seen=_folded(_gathered(seen)),
        newest=max((notice.pk for notice in found), default=0),
    )


def _waits(notice: Notice) -> bool:
    return notice.waits and notice.digested_at is None and notice.seen_at is None


def lines_of(notices: Sequence[Notice]) -> list[Line]:
    """The notices with what they speak of."""
    subjects = _subjects(notices)
    return [
        Line(
            notice=notice,
            subject=subjects.get((notice.subject_kind, notice.subject_id)),
            facts=notice.facts,
            template=f"{notice.room}/notices/{notice.kind}.html",
            icon=ICONS.get(notice.kind.partition(".")[0], "bell"),
            url=reverse("notice", args=[notice.pk]),
        )
        for notice in notices
    ]


def target(notice: Notice) -> str:
    """The address of what it speaks of, or the notices themselves where that page is no more."""
    try:
        return reverse(notice.url_name, kwargs=notice.url_args)
    except NoReverseMatch:
        return reverse("notices")


def _gathered(lines: Sequence[Line]) -> list[Line]:
    """One line for each thing, the newest in front; nothing that still asks hides behind another."""
    first: dict[tuple[str, str, int], Line] = {}
    shown: list[Line] = []
    for line in lines:
        noun = line.notice.kind.partition(".")[0]
        thing = (noun, line.notice.subject_kind, line.notice.subject_id)
        front = first.get(thing)
        if front is None or line.asks:
            first.setdefault(thing, line)
            shown.append(line)
        else:
            front.older.append(line)
    return shown


def _folded(lines: Sequence[Line]) -> list[Line]:
    """FOLDED or more that say the like as the newest of them, with the others behind it."""
    shown: list[Line] = []
    for _alike, of_run in groupby(lines, key=_likeness):
        run = list(of_run)
        if len(run) >= FOLDED:
            run[0].alike = run[1:]
            run = run[:1]
        shown += run
    return shown


def _likeness(line: Line) -> tuple[object, ...]:
    notice = line.notice
    how = (notice.acknowledged_at is None, notice.over_at is None)
    return notice.kind, notice.level, notice.brand_id, line.facts.get("drill"), *how


def _subjects(notices: Sequence[Notice]) -> dict[tuple[str, int], Model]:
    """Every subject that still stands, one query for each kind."""
    asked: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        asked[notice.subject_kind].add(notice.subject_id)
    return {
        (kind, row.pk): row
        for kind, ids in asked.items()
        for row in apps.get_model(kind)._base_manager.filter(pk__in=ids)
    }
