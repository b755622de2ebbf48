"""Today: the day's pulse on its usual band, what waits, what was handled, where the brand stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, DurationField, F, Q

from siach.calc.sentiment import wilson
from siach.care.models import ENDED, Case, Reply
from siach.care.queries import cases_for, words_for
from siach.insight.queries.waiting import Waiting, waiting
from siach.org.models import Goal
from siach.org.rights import narrow, reaches
from siach.talk import connections
from siach.talk.models import CountDay, CountDelta, Outgoing
from siach.talk.queries import counts
from siach.talk.queries.blind import Blind, blind_spots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.org.models import Brand, User

HANDLED_FROM = 18
IMAGE_DAYS = 28
SERVICE_DAYS = 7
WITHIN = timedelta(hours=1)
GOING_OUT = 5

Level = Literal["", "quieter", "usual", "louder"]


class _Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class Pulse:
    """Mentions since midnight of the brand. `hours` and `band` are empty for several brands at once; `level`
    compares the last full hour with its usual range, "" while too little is known."""

    total: int
    hours: tuple[int, ...]
    band: tuple[tuple[float, float], ...]
    level: Level
    day: date
    now_hour: float


@dataclass(frozen=True, slots=True)
class Handled:
    """Cases with a first answer or an end since `since`; `median` is from opened to first answer; `people` is
    how many of us answered."""

    since: datetime
    answered: int
    median: timedelta | None
    people: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal and where the brand stands. `value` is None without data; the interval has 95 % confidence and is
    given for net sentiment and the answered share; `n` is how many it rests on."""

    goal: Goal
    value: float | None
    low: float | None
    high: float | None
    n: int
    since: date

    @property
    def share(self) -> float:
        """How much of the way to the target is done, 0 to 1: from nothing, or from -100 where that is behind it."""
        if self.value is None:
            return 0.0
        floor = 0 if self.goal.target > 0 else -100
        span = self.goal.target - floor
        return 1.0 if span <= 0 else max(0.0, min(1.0, (self.value - floor) / span))

    @property
    def is_met(self) -> bool:
        return self.value is not None and self.value >= self.goal.target


@dataclass(frozen=True, slots=True)
class Today:
    """What Today shows. `is_heard`: something was ever said about these brands."""

    at: datetime
    brands: tuple[Brand, ...]
    brand: Brand | None
    pulse: Pulse
    waiting: Waiting
    handled: Handled
    standings: tuple[Standing, ...]
    outgoing: tuple[Outgoing, ...]
    is_heard: bool
    blind: Blind


def today(user: User, rights: frozenset[str], brands: Sequence[Brand], *, at: datetime) -> Today:
    """Everything that Today shows for these brands, in a constant number of queries."""
    brand = brands[0] if len(brands) == 1 else None
    ids = [one.pk for one in brands]
    parts = narrow(reaches(user, "today.read"))
    whole = [one for one in brands if one.pk not in parts]
    counted = [one.pk for one in whole]
    blind = blind_spots(whole, at=at)
    pulse = _pulse(whole, at)
    serves = "inbox.read" in rights
    cases = cases_for(user, "inbox.read").filter(brand__in=ids)
    return Today(
        at=at,
        brands=tuple(brands),
        brand=brand,
        pulse=pulse,
        waiting=waiting(user, rights, brands, at=at),
        handled=_handled(cases if serves else cases.none(), _yesterday_evening(brands, at)),
        standings=_standings(brand, at) if brand and brand in whole else (),
        outgoing=tuple(_going_out(user, ids)) if serves else (),
        is_heard=_ever_counted(counted),
        blind=blind,
    )


def _zone(brands: Sequence[Brand]) -> ZoneInfo:
    return ZoneInfo(brands[0].zone if brands else "UTC")


def _ever_counted(ids: Sequence[int]) -> bool:
    """Whether anything was ever said about these brands."""
    return CountDay.objects.filter(brand__in=ids).exists() or CountDelta.objects.filter(brand__in=ids).exists()


def _pulse(brands: Sequence[Brand], at: datetime) -> Pulse:
    here = at.astimezone(_zone(brands))
    now_hour = here.hour + here.minute / 60
    if len(brands) != 1:
        total = counts.tally([one.pk for one in brands], here.date(), here.date()).total
        return Pulse(total, (), (), "", here.date(), now_hour)
    hours = tuple(hour.total for hour in counts.hours_today(brands[0], at))
    band = tuple((low, high) for _hour, low, high in counts.usual_band(brands[0], at) or ())
    return Pulse(sum(hours), hours, band, level(hours, band), here.date(), now_hour)


def level(hours: Sequence[int], band: Sequence[tuple[float, float]]) -> Level:
    """The last full hour beside its usual range; the running one too when it is already above its own."""
    if not band or not hours:
        return ""
    now = len(hours) - 1
    if hours[now] > band[now][1]:
        return "louder"
    if not now:
        return ""
    low, high = band[now - 1]
    return "louder" if hours[now - 1] > high else "quieter" if hours[now - 1] < low else "usual"


def _yesterday_evening(brands: Sequence[Brand], at: datetime) -> datetime:
    """18:00 of the day before, by the brand's own clock."""
    zone = _zone(brands)
    day = at.astimezone(zone).date() - timedelta(days=1)
    return datetime(day.year, day.month, day.day, HANDLED_FROM, tzinfo=zone)


def _handled(cases, since: datetime) -> Handled:  # type: ignore[no-untyped-def]
    ended = Q(resolved_at__gte=since, state__in=ENDED)
    found = cases.filter(Q(answered_at__gte=since) | ended).aggregate(
        answered=Count("pk", filter=Q(answered_at__gte=since)),
        median=_Median(F("answered_at") - F("opened_at"), filter=Q(answered_at__gte=since)),
        resolved=Count("pk", filter=Q(resolved_at__gte=since, state=Case.State.RESOLVED)),
    )
    sent = Reply.objects.filter(case__in=cases.values("pk"), outgoing__sent_at__gte=since)
    people = sent.exclude(by=None).aggregate(people=Count("by", distinct=True))["people"]
    return Handled(since=since, people=people, **found)


def _standings(brand: Brand, at: datetime) -> tuple[Standing, ...]:
    """Each goal of the brand beside what the counts and the cases say, one query for each measure."""
    today = at.astimezone(ZoneInfo(brand.zone)).date()
    goals = Goal.objects.filter(brand=brand).order_by("pk")
    measures = {
        Goal.Measure.POSITIVE_MENTIONS: _positive,
        Goal.Measure.NET_SENTIMENT: _net,
        Goal.Measure.ANSWERED_SHARE: _answered,
    }
    return tuple(measures[Goal.Measure(goal.measure)](goal, brand, today, at) for goal in goals)


def _positive(goal: Goal, brand: Brand, today: date, at: datetime) -> Standing:
    """Positive mentions of the week that began on Sunday."""
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    week = counts.tally([brand.pk], sunday, today)
    return Standing(goal, week.positive if week.total else None, None, None, week.total, sunday)


def _net(goal: Goal, brand: Brand, today: date, at: datetime) -> Standing:
    start = today - timedelta(days=IMAGE_DAYS - 1)
    net = counts.net_sentiment(brand, start, today)
    return Standing(goal, net.value, net.low, net.high, net.n, start)


def _answered(goal: Goal, brand: Brand, today: date, at: datetime) -> Standing:
    """Of the cases that opened within seven days and are at least an hour old: those answered within it."""
    start = at - timedelta(days=SERVICE_DAYS)
    quick = Q(answered_at__lte=F("opened_at") + WITHIN)
    cases = Case.objects.filter(brand=brand, opened_at__gte=start, opened_at__lte=at - WITHIN)
    cases = cases.exclude(state=Case.State.CLOSED, answered_at=None)
    found = cases.aggregate(n=Count("pk"), quick=Count("pk", filter=quick))
    low, high = wilson(found["quick"], found["n"])
    value = 100 * found["quick"] / found["n"] if found["n"] else None
    return Standing(goal, value, 100 * low, 100 * high, found["n"], start.astimezone(ZoneInfo(brand.zone)).date())


def _going_out(user: User, brands: Sequence[int]) -> list[Outgoing]:
    """Words on their way, the next one first."""
    states = (Outgoing.State.QUEUED, Outgoing.State.SENDING, Outgoing.State.HELD, Outgoing.State.WAITING)
    found = words_for(user, "inbox.read").filter(brand__in=brands, state__in=states)
    found = found.select_related("account", "target__author")
    rows = list(found.defer("target__text", "target__words").order_by("not_before", "pk")[:GOING_OUT])
    for row in rows:
        row.network_label = connections.label(row.account.network)  # type: ignore[attr-defined]
    return rows
