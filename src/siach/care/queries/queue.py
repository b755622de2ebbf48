"""The queue: who to answer next, and how many wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Left
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from siach.calc.priority import Clock, clock
from siach.care.models import ENDED, OPEN_STATES, TO_ANSWER, Case, Reply
from siach.care.queries.filters import Filters, read_filters
from siach.care.queries.scope import cases_for
from siach.talk import connections
from siach.talk.models import Mention, Outgoing, SavedView
from siach.talk.queries.views import PINNED, Pin, views_for
from siach.talk.reading_words import aside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from siach.org.models import Brand, User

#: Safety before every clock: behind the complaints of a storm that are late already, nobody would see it in time.
LESS_GRAVE = ExpressionWrapper(Q(priority__gt=1), output_field=BooleanField())
ORDER = (LESS_GRAVE, "due_at", "pk")
GRAVE = "p1~"  # begins the cursor of a case of P1
PAGE = 50
SNIPPET = 240
COUNTED = 1000
EVERY = Q()
BADGE = 99
VIEWS: dict[str, str | Promise] = {
    "all": _("Awaiting us"),
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "waiting": _("Awaiting customer"),
    "ended": _("Resolved"),
}
_COUNTED_VIEWS = ("all", "mine", "unassigned", "waiting")
_State = Outgoing.State
_TROUBLE = (
    _State.UNCLEAR,
    _State.FAILED,
    _State.DRAFT,
    _State.HELD,
    _State.WAITING,
    _State.SENDING,
    _State.QUEUED,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case as the queue shows it. `clock` is None while nobody waits for us; `since` is then shown.

    `reply` is the state of an answer that is not settled yet: any but sent and withdrawn, or "". `aside`: words for
    what weighs in the reading of the customer's last post.
    """

    case: Case
    said: str
    gone: bool
    network: str
    clock: Clock | None
    since: datetime | None
    reply: str
    aside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue; `after` is the cursor of the next page, "" at the end."""

    view: str
    rows: tuple[Row, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A view of the queue with how many stand in it, counted up to `COUNTED`; None is not counted."""

    view: str
    label: str | Promise
    count: int | None


def _of_view(view: str, user: User) -> Q:
    if view == "mine":
        return Q(state__in=TO_ANSWER, assignee=user)
    if view == "unassigned":
        return Q(state__in=TO_ANSWER, assignee__isnull=True)
    if view == "waiting":
        return Q(state=Case.State.WAITING)
    if view == "ended":
        return Q(state__in=ENDED)
    return Q(state__in=TO_ANSWER)


def queue(
    *,
    brands: Iterable[Brand],
    view: str,
    user: User,
    at: datetime,
    only: Q = EVERY,
    after: str = "",
    limit: int = PAGE,
) -> Queue:
    """A page of a view, of what `only` asks for: of what waits for us P1 first and then the nearest breach, of the
    other views the newest.

    Each organisation is asked by itself, within what this person reaches of it, and the answers are merged: no
    statement ever reads two clients at once.
    """
    cases = cases_for(user, "inbox.read").filter(_of_view(view, user), only)
    cases = cases.select_related("author", "thread", "assignee", "brand__org")
    signs = Mention.objects.filter(post=OuterRef("last_post"), brand=OuterRef("brand")).values("signs")
    cases = cases.annotate(
        said=Left("last_post__text", SNIPPET), gone=F("last_post__gone_at"), signs=Subquery(signs[:1])
    )
    cases = _from(cases, view, after)
    found: list[Case] = []
    for org, of_org in _by_org(brands):
        found += cases.filter(org=org, brand__in=of_org)[: limit + 1]
    found.sort(key=lambda case: _place(case, view))
    page = found[:limit]
    replies = _replies(page)
    rows = tuple(_row(case, at, replies.get(case.pk, "")) for case in page)
    return Queue(view, rows, _cursor(page[-1], view) if len(found) > limit else "")


def _by_org(brands: Iterable[Brand]) -> list[tuple[int, list[int]]]:
    orgs: dict[int, list[int]] = {}
    for brand in brands:
        orgs.setdefault(brand.org_id, []).append(brand.pk)
    return sorted(orgs.items())


def _place(case: Case, view: str) -> tuple[bool, float, int]:
    """Where a case stands in a view: the same order as `_from` asks of the database."""
    if view == "waiting":
        return False, 0, -case.pk
    if view == "ended":
        return False, -case.resolved_at.timestamp() if case.resolved_at else inf, -case.pk
    return case.priority > 1, case.due_at.timestamp() if case.due_at else inf, case.pk


def _from(cases: QuerySet[Case], view: str, after: str) -> QuerySet[Case]:
    """In the view's order, behind the cursor. A cursor that nobody gave out starts from the beginning."""
    grave = after.startswith(GRAVE)
    when, _sep, last = after.removeprefix(GRAVE).rpartition("~")
    pk = int(last) if last.isdecimal() and len(last) < 19 else None
    try:
        moment = parse_datetime(when)
    except ValueError:
        moment = None
    if view == "waiting":
        return cases.filter(**({"pk__lt": pk} if pk else {})).order_by("-pk")
    if view == "ended":
        behind = Q(resolved_at__lt=moment) | Q(resolved_at=moment, pk__lt=pk) if moment and pk else Q()
        return cases.filter(behind).order_by(F("resolved_at").desc(nulls_last=True), "-pk")
    later = Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=pk) if moment and pk else Q()
    if grave and later:
        return cases.filter(Q(priority=1) & later | Q(priority__gt=1)).order_by(*ORDER)
    return cases.filter(Q(priority__gt=1) & later if later else Q()).order_by(*ORDER)


def _cursor(case: Case, view: str) -> str:
    when = {"waiting": None, "ended": case.resolved_at}.get(view, case.due_at)
    return f"{GRAVE if case.priority == 1 else ''}{when.isoformat() if when else ''}~{case.pk}"


def _replies(cases: Sequence[Case]) -> dict[int, str]:
    """The gravest unsettled answer of each case."""
    open_ones = Reply.objects.filter(case__in=[case.pk for case in cases], outgoing__state__in=_TROUBLE)
    found: dict[int, str] = {}
    for case, state in open_ones.values_list("case", "outgoing__state"):
        if case not in found or _TROUBLE.index(state) < _TROUBLE.index(found[case]):
            found[case] = state
    return found


def clock_of(case: Case, at: datetime) -> Clock | None:
    """The clock of whoever waits in this case, None while nobody waits for us."""
    if case.waiting_since is None or case.state not in TO_ANSWER:
        return None
    return clock(case.waiting_since, case.priority, at, answered=case.answered_at is not None)


def _row(case: Case, at: datetime, reply: str) -> Row:
    return Row(
        case=case,
        said=case.said,  # type: ignore[attr-defined]
        gone=bool(case.gone) and not case.said,  # type: ignore[attr-defined]
        network=connections.label(case.thread.network),
        clock=clock_of(case, at),
        since=case.resolved_at or case.answered_at or case.opened_at,
        reply=reply,
        aside=tuple(aside(case.signs or 0)),  # type: ignore[attr-defined]
    )


def chips(*, brands: Iterable[Brand], user: User, only: Q = EVERY) -> list[Chip]:
    """The views with their counts of what `only` asks for, in one query over at most `COUNTED` open cases."""
    cases = cases_for(user, "inbox.read").filter(only, brand__in=brands, state__in=OPEN_STATES)
    open_ones = cases.values("pk", "state", "assignee")[:COUNTED]
    counts = open_ones.aggregate(**{view: Count("pk", filter=_of_view(view, user)) for view in _COUNTED_VIEWS})
    return [Chip(view, label, counts.get(view)) for view, label in VIEWS.items()]


def pins(*, brands: Iterable[Brand], user: User, shown: Filters) -> list[Pin]:
    """The first views of the Inbox that this person has, as chips with their counts of open cases."""
    kept = list(views_for(user, SavedView.Screen.INBOX)[:PINNED])
    asked = [read_filters(QueryDict(view.address).dict(), VIEWS) for view in kept]
    cases = cases_for(user, "inbox.read").filter(brand__in=brands, state__in=OPEN_STATES)
    open_ones = cases.values("pk", "state", "assignee", "priority", "intent", "topics", "thread__network")[:COUNTED]
    wanted = {f"n{n}": one.only() & _of_view(one.view, user) for n, one in enumerate(asked) if one.view != "ended"}
    counts = open_ones.aggregate(**{n: Count("pk", filter=q) for n, q in wanted.items()}) if wanted else {}
    both = enumerate(zip(kept, asked, strict=True))
    return [Pin(view, f"?{one.address()}", one == shown, counts.get(f"n{n}")) for n, (view, one) in both]


def badge(*, brands: Iterable[Brand], user: User, manages: bool = False) -> int:
    """How many cases wait for this person: their own and nobody's, for who `manages` the brand all; up to 99."""
    cases = cases_for(user, "inbox.read").filter(brand__in=brands, state__in=TO_ANSWER)
    waiting = cases if manages else cases.filter(Q(assignee=user) | Q(assignee=None))
    return waiting.values("pk")[:BADGE].count()
