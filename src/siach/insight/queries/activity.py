"""Activity: the ledger as lines, newest first, each with who did it and what it was done to."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import pgettext_lazy

from siach.org.models import LedgerEntry, Mandate, User
from siach.org.rights import brands_for, orgs_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.db.models import Model, QuerySet
    from django.utils.functional import Promise

    from siach.org.models import Brand

PAGE = 50
#: Like deeds that follow one another stand as one from this many on, and so many entries are looked through for a page.
FOLDED = 4
MOST_READ = 300
BY_ITSELF = "siach"
PERIODS = (1, 7, 30)
RANGE = "range"
MOST_EXPORTED = 50_000

#: The nouns that deeds begin with: how a filter calls them, and their icon.
KINDS: dict[str, tuple[str | Promise, str]] = {
    "case": (pgettext_lazy("deeds", "Cases"), "inbox"),
    "reply": (pgettext_lazy("deeds", "Replies"), "reply"),
    "reading": (pgettext_lazy("deeds", "Corrected readings"), "edit"),
    "author": (pgettext_lazy("deeds", "Roles in the conversation"), "flag"),
    "account": (pgettext_lazy("deeds", "Accounts"), "link"),
    "place": (pgettext_lazy("deeds", "Places"), "eye"),
    "source": (pgettext_lazy("deeds", "Sources"), "sources"),
    "import": (pgettext_lazy("deeds", "Imported files"), "upload"),
    "capture": (pgettext_lazy("deeds", "Captured posts"), "paste"),
    "post": (pgettext_lazy("deeds", "Posts that were set aside"), "eye"),
    "privacy": (pgettext_lazy("deeds", "Privacy"), "shield"),
    "request": (pgettext_lazy("deeds", "Data requests"), "person"),
    "evidence": (pgettext_lazy("deeds", "Evidence"), "lock"),
    "view": (pgettext_lazy("deeds", "Saved views"), "filter"),
    "brand": (pgettext_lazy("deeds", "Brands"), "brand"),
    "approval": (pgettext_lazy("deeds", "Approvals"), "check"),
    "rule": (pgettext_lazy("deeds", "Approval rules"), "settings"),
    "goal": (pgettext_lazy("deeds", "Goals"), "target"),
    "org": (pgettext_lazy("deeds", "The organisation"), "team"),
    "mandate": (pgettext_lazy("deeds", "Mandates"), "link"),
    "member": (pgettext_lazy("deeds", "Roles"), "person"),
    "drill": (pgettext_lazy("deeds", "Drills"), "flag"),
    "team": (pgettext_lazy("deeds", "Teams"), "team"),
    "topic": (pgettext_lazy("deeds", "Topics"), "list"),
    "notice": (pgettext_lazy("deeds", "Notices"), "bell"),
    "invitation": (pgettext_lazy("deeds", "Invitations"), "person"),
    "person": (pgettext_lazy("deeds", "Sign-in"), "key"),
    "shift": (pgettext_lazy("deeds", "Shifts"), "calendar"),
    "service": (pgettext_lazy("deeds", "Integrations"), "link"),
}

_CHUNK = 500
_KIND = re.compile(r"[a-z]{2,20}\.[a-z]{2,20}")

#: What a sentence says of its subject besides the row itself, fetched with it.
_WITH: dict[str, tuple[str, ...]] = {
    "care.case": ("author", "thread", "brand", "assignee"),
    "care.reply": ("case__thread",),
    "org.approval": ("brand",),
    "org.goal": ("brand",),
    "org.mandate": ("brand",),
    "talk.account": ("brand",),
    "talk.import": ("brand",),
    "talk.mention": ("brand", "post__author"),
    "talk.outgoing": ("target__author",),
    "talk.post": ("author", "thread"),
    "talk.setaside": ("post__author",),
    "talk.source": ("account", "brand"),
}


#: Subjects that belong to a thread.
_OF_THREADS = ("care.case", "care.reply", "talk.post")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asked for; "" and None ask for everything.

    `by` is a user's id or `siach`; `days` is one of PERIODS or RANGE, then `first` and `last` are days of the
    reader's zone; `on` is one subject, as `kind:id`.
    """

    by: str = ""
    kind: str = ""
    brand: str = ""
    days: str = ""
    first: date | None = None
    last: date | None = None
    on: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Filters:
        """From a query string; what nobody offered is left out."""
        days, on = asked.get("days", ""), asked.get("on", "")
        by, brand, kind = asked.get("by", ""), asked.get("brand", ""), asked.get("kind", "")
        first, last = (_date(asked.get(name, "")) if days == RANGE else None for name in ("first", "last"))
        if first and last and first > last:
            first, last = last, first
        return cls(
            by=by if by == BY_ITSELF or _is_id(by) else "",
            kind=kind if kind in KINDS else "",
            brand=brand if _is_id(brand) else "",
            days=days if days == RANGE or days in map(str, PERIODS) else "",
            first=first,
            last=last,
            on=on if _subject(on) else "",
        )

    def __bool__(self) -> bool:
        return bool(self.address())

    def address(self, **more: str) -> str:
        """As a query string, without what asks nothing."""
        values = {field.name: getattr(self, field.name) for field in fields(self)} | more
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """One deed. `subject` is None once it was erased; `template` holds the sentence; `drill` is the number of the drill
    that it was done in; `more` are the like deeds right before it, where a page shows them as one."""

    entry: LedgerEntry
    by: User | None
    subject: Model | None
    facts: Mapping[str, Any]
    template: str
    icon: str
    drill: int | None
    more: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """A page of lines by day; `older` is the cursor of the next page, "" at the end."""

    days: tuple[tuple[date, tuple[Line, ...]], ...]
    older: str


def activity(user: User, filters: Filters, *, before: str = "", at: datetime) -> Activity:
    """A page of the ledger within this reader's organisations: one query, and one for each kind of subject. What was
    done to one thing is told in full; elsewhere like deeds that follow one another are one line."""
    found = list(_from(_entries(user, filters, at), before)[: (PAGE if filters.on else MOST_READ) + 1])
    page = found[: PAGE if filters.on else _enough(found)]
    days = groupby(_lines(page), key=lambda line: timezone.localdate(line.entry.at))
    shown = tuple((day, tuple(of_day) if filters.on else tuple(_folded(of_day))) for day, of_day in days)
    return Activity(shown, _cursor(page[-1]) if len(found) > len(page) else "")


def _enough(entries: Sequence[LedgerEntry]) -> int:
    """How many of them fill a page, once like ones are one."""
    shown = read = 0
    for _alike, run in groupby(entries[:MOST_READ], key=lambda one: (one.name, one.by_id, timezone.localdate(one.at))):
        many = len(list(run))
        shown += 1 if many >= FOLDED else many
        read += many
        if shown >= PAGE:
            return read - (shown - PAGE if many < FOLDED else 0)
    return read


def _folded(lines: Iterable[Line]) -> Iterator[Line]:
    """FOLDED or more alike, of the same person and drill, as the newest of them with the others behind it."""
    for _alike, of_run in groupby(
        lines, key=lambda one: (one.entry.name, one.entry.by_id, one.entry.brand_id, one.drill)
    ):
        run = list(of_run)
        if len(run) < FOLDED:
            yield from run
        else:
            yield replace(run[0], more=tuple(run[1:]))


def exported(user: User, filters: Filters, *, at: datetime) -> Iterator[Line]:
    """Every line that the filters ask for, newest first, a page in memory at a time, MOST_EXPORTED at most."""
    entries, before, left = _entries(user, filters, at), "", MOST_EXPORTED
    while left > 0 and (page := list(_from(entries, before)[: min(left, _CHUNK)])):
        yield from _lines(page)
        before, left = _cursor(page[-1]), left - len(page)


def _entries(user: User, filters: Filters, at: datetime) -> QuerySet[LedgerEntry]:
    """The ledger within this reader's organisations, newest first."""
    entries = LedgerEntry.objects.filter(_asked(filters, at), org__in=orgs_for(user, "activity.read"))
    return entries.select_related("by", "brand").order_by("-at", "-pk")


def people(user: User) -> QuerySet[User]:
    """Everybody whose deeds this reader may see."""
    orgs = orgs_for(user, "activity.read")
    of_agencies = Q(memberships__team__mandates__in=Mandate.objects.in_force().filter(org__in=orgs))
    return User.objects.filter(Q(memberships__team__org__in=orgs) | of_agencies).distinct().order_by("name", "pk")


def brands(user: User) -> QuerySet[Brand]:
    return brands_for(user, "activity.read").order_by("name", "pk")


def _asked(filters: Filters, at: datetime) -> Q:
    asked = Q()
    if filters.by:
        asked &= Q(by=None) if filters.by == BY_ITSELF else Q(by=int(filters.by))
    if filters.kind:
        asked &= Q(name__startswith=f"{filters.kind}.")
    if filters.brand:
        asked &= Q(brand=int(filters.brand))
    if filters.on:
        kind, _sep, pk = filters.on.partition(":")
        asked &= Q(subject_kind=kind, subject_id=int(pk))
    first, last = filters.first, filters.last
    if filters.days and filters.days != RANGE:
        first = timezone.localdate(at) - timedelta(days=int(filters.days) - 1)
    if first:
        asked &= Q(at__gte=_midnight(first))
    if last:
        asked &= Q(at__lt=_midnight(last + timedelta(days=1)))
    return asked


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def _date(text: str) -> date | None:
    """An ISO date within a few centuries, so that a day more or less is still a date."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def _subject(text: str) -> bool:
    """Whether it names a subject as the ledger does: `care.case:7`."""
    kind, _sep, pk = text.partition(":")
    return bool(_KIND.fullmatch(kind)) and _is_id(pk)


def _cursor(entry: LedgerEntry) -> str:
    return f"{entry.at.isoformat()}~{entry.pk}"


def _from(entries: QuerySet[LedgerEntry], before: str) -> QuerySet[LedgerEntry]:
    """Behind the cursor. A cursor that nobody gave out starts from the newest."""
    when, _sep, last = before.rpartition("~")
    try:
        moment = parse_datetime(when)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment) or not _is_id(last):
        return entries
    return entries.filter(Q(at__lt=moment) | Q(at=moment, pk__lt=int(last)))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _lines(entries: Sequence[LedgerEntry]) -> list[Line]:
    subjects = _subjects(entries)
    found = ((entry, subjects.get((entry.subject_kind, entry.subject_id))) for entry in entries)
    return [
        Line(
            entry=entry,
            by=entry.by,
            subject=subject,
            facts=entry.facts,
            template=f"{entry.room}/events/{entry.name}.html",
            icon=KINDS[entry.name.partition(".")[0]][1],
            drill=_drill(entry.subject_kind, subject),
        )
        for entry, subject in found
    ]


def _drill(kind: str, subject: Any) -> int | None:
    """The number of the drill in which the thread of a case, a reply or a post was played."""
    if subject is None or kind not in _OF_THREADS:
        return None
    thread = subject.case.thread if kind == "care.reply" else subject.thread
    return thread.drill if thread else None


def _subjects(entries: Sequence[LedgerEntry]) -> dict[tuple[str, int], Model]:
    """Every subject that still stands, one query for each kind."""
    asked: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        asked[entry.subject_kind].add(entry.subject_id)
    return {
        (kind, row.pk): row
        for kind, ids in asked.items()
        for row in apps.get_model(kind)._base_manager.select_related(*_WITH.get(kind, ())).filter(pk__in=ids)
    }
