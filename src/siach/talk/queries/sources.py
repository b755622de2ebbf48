"""What we hear with and how well: accounts, their sources, and posts that were set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from django.db.models import Q

from siach.calc.rhythm import LEAST_WEEKS
from siach.talk import connections
from siach.talk.models import Account, Post, SetAside, Source, Subscription
from siach.talk.network_words import Explained, explain
from siach.talk.queries.hearing import Health, Usual, health_of, usual_of
from siach.talk.queries.spending import Spent, cost_of
from siach.talk.queries.standing import Standing, standing_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import Brand, Org

MOST_ASIDE = 50
LEARNT_AFTER = timedelta(weeks=LEAST_WEEKS)
MOST_PROPOSED = 6


@dataclass(frozen=True, slots=True)
class Told:
    """Whether a source's place tells of its news itself: "held", since when and until when it is agreed; "asked", while
    its hub has not agreed yet; "refused": it does not, and `error` says why."""

    code: str
    since: datetime | None
    until: datetime | None
    error: Explained


@dataclass(frozen=True, slots=True)
class Heard:
    """A source as its page shows it. `told`: None where nobody else tells of its news. `is_new`: too
    new for its rhythm to be known."""

    source: Source
    health: Health
    usual: Usual
    error: Explained
    spent: Spent | None
    beat: timedelta | None
    told: Told | None
    is_new: bool

    @property
    def is_hot(self) -> bool:
        return self.source.heat == "hot"

    @property
    def is_learning(self) -> bool:
        """Whether it is too new for its rhythm to be known, and nothing is said of that yet."""
        return self.is_new and self.health.code not in ("waiting", "calm")


@dataclass(frozen=True, slots=True)
class Line:
    """An account with its sources; `account` None: what other systems post (`posted`), places of one network that are
    only heard (`places`), or what people bring in by hand. `proposed`: searches to add."""

    account: Account | None
    network: str
    heard: tuple[Heard, ...]
    error: Explained
    can_search: bool
    proposed: tuple[str, ...]
    posted: bool = False
    places: bool = False
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    lines: tuple[Line, ...]
    aside: tuple[SetAside, ...]
    aside_more: bool
    last_heard: datetime | None

    @property
    def listening(self) -> int:
        return sum(heard.health.hears for line in self.lines for heard in line.heard)

    @property
    def deaf(self) -> int:
        return sum(heard.health.tone in ("bad", "warn") for line in self.lines for heard in line.heard)

    @property
    def searchable(self) -> list[Account]:
        """Accounts that a search can be added to."""
        return [line.account for line in self.lines if line.can_search and line.account]


def overview(brands: Sequence[Brand], *, orgs: QuerySet[Org], private: QuerySet[Org], at: datetime) -> Overview:
    """Everything these brands are heard with, and what could not be taken of these organisations: what was said in
    private, of those in `private` alone."""
    accounts = Account.objects.filter(brand__in=brands).select_related("brand__org").order_by("network", "pk")
    sources = list(
        Source.objects.filter(brand__in=brands)
        .exclude(kind=Source.Kind.IMPORT)
        .select_related("account", "brand", "subscription")
        .order_by("kind", "pk")
    )
    usual = usual_of(sources, at=at)
    shown = [_heard(one, usual[one.pk], at=at) for one in sources]
    lines = [_line(account, shown, at=at) for account in accounts if not _is_place(account) and not _is_played(account)]
    lines += _places(shown, at=at)
    others = [heard for heard in shown if heard.source.account_id is None and not _is_heard_alone(heard.source)]
    for posted in (True, False):
        own = tuple(heard for heard in others if (heard.source.kind == Source.Kind.WEBHOOK) == posted)
        if own:
            lines.append(Line(None, "", own, explain(""), can_search=False, proposed=(), posted=posted))
    readable = Q(post__is_private=False) | Q(post__org__in=private)
    aside = list(set_aside(orgs).filter(readable)[: MOST_ASIDE + 1])
    return Overview(
        lines=tuple(lines),
        aside=tuple(aside[:MOST_ASIDE]),
        aside_more=len(aside) > MOST_ASIDE,
        last_heard=max((source.heard_at for source in sources if source.heard_at), default=None),
    )


def _heard(source: Source, usual: Usual, *, at: datetime) -> Heard:
    health = health_of(source, at=at)
    told = told_of(source, at=at) if health.hears else None
    spent, beat = cost_of(source, at=at), _beat(source, health)
    is_new = usual.hourly is None and at - source.connected_at < LEARNT_AFTER
    return Heard(source, health, usual, explain(source.error), spent, beat, told, is_new)


def told_of(source: Source, *, at: datetime) -> Told | None:
    row: Subscription | None = getattr(source, "subscription", None)
    if row is None:
        return None
    code = row.state
    if row.until is not None and row.until <= at:
        code = Subscription.State.REFUSED
    return Told(code, row.held_at, row.until, explain(row.error))


def _beat(source: Source, health: Health) -> timedelta | None:
    """How long lies between two calls, where they work."""
    if not health.hears or source.due_at is None or source.asked_at is None or source.due_at <= source.asked_at:
        return None
    row: Subscription | None = getattr(source, "subscription", None)
    if row is not None and row.look_at is not None and row.look_at >= source.due_at:
        return None  # due because its hub called, not by its beat
    return timedelta(seconds=ceil((source.due_at - source.asked_at).total_seconds()))


def _is_place(account: Account) -> bool:
    """Whether it is only heard, as a feed is: nobody is signed in there to answer."""
    return account.network in connections.names() and not connections.speaks(account.network)


def _is_played(account: Account) -> bool:
    """Whether it is a demo's, which stands for answering alone: nobody signs in to it, and it hears nothing."""
    return account.brand.org.is_demo


def _is_heard_alone(source: Source) -> bool:
    """Whether it stands for listening without an account, as a demo's sources do."""
    return source.account_id is None and source.kind in (Source.Kind.SEARCH, Source.Kind.ALL, Source.Kind.DRILL)


def _places(shown: Sequence[Heard], *, at: datetime) -> list[Line]:
    """What is only heard, a line for each network."""
    own: dict[str, list[Heard]] = {}
    for heard in shown:
        account = heard.source.account
        if _is_heard_alone(heard.source) or (account is not None and _is_place(account)):
            own.setdefault(heard.source.network, []).append(heard)
    return [_place_line(network, own[network], at=at) for network in sorted(own)]


def _place_line(network: str, own: Sequence[Heard], *, at: datetime) -> Line:
    sources = [heard.source for heard in own]
    standing = standing_of(sources[0].account, sources, at=at) if sources[0].account else None
    label = connections.label(network)
    return Line(None, label, tuple(own), explain(""), False, (), places=True, standing=standing)


def set_aside(orgs: QuerySet[Org]) -> QuerySet[SetAside]:
    """Posts of these organisations that a step could not take, newest first. No mandate opens them: nobody knows yet
    which brand they are about."""
    waiting = SetAside.objects.filter(settled_at__isnull=True, batch__org__in=orgs)
    return waiting.exclude(post__state=Post.State.ERASED).select_related("post__author", "batch").order_by("-pk")


def _line(account: Account, shown: Sequence[Heard], *, at: datetime) -> Line:
    own = tuple(heard for heard in shown if heard.source.account_id == account.pk)
    behind = connections.behind(account)
    can_search = account.state == Account.State.LIVE and behind is not None and "search" in behind.CAPABILITIES
    proposed = proposed_searches(account, [heard.source for heard in shown]) if can_search else ()
    standing = standing_of(account, [heard.source for heard in own], at=at)
    label, error = connections.label(account.network), explain(account.error)
    return Line(account, label, own, error, can_search, proposed, standing=standing)


def proposed_searches(account: Account, sources: Sequence[Source]) -> tuple[str, ...]:
    """The brand's names that nobody searches its network for yet. Handles are heard as mentions anyway."""
    have = {
        source.query.strip('"').casefold()
        for source in sources
        if source.kind == Source.Kind.SEARCH
        and (source.network, source.brand_id) == (account.network, account.brand_id)
    }
    return tuple(query for query in searches_for(account.brand.names) if query.strip('"').casefold() not in have)[
        :MOST_PROPOSED
    ]


def searches_for(names: Sequence[str]) -> list[str]:
    """What to search a network for, to hear a brand: each name once, several words as a phrase.

    Handles need no search: they are heard as mentions.
    """
    once = {name.casefold(): name for name in reversed(names) if not name.startswith("@")}
    return [f'"{name}"' if " " in name else name for name in reversed(once.values())]
