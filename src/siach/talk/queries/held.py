"""What Settings > Privacy shows: how many people are held, what was deleted, and who looked at whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.db.models import Sum

from siach.org.keeping import RULES, days_of
from siach.org.models import Deletion, Membership, Privacy, ReadLog, User
from siach.org.rights import orgs_for
from siach.talk.connections import keep_days, label
from siach.talk.models import Author, Post
from siach.talk.queries.recipients import recipients

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from siach.org.keeping import Rule
    from siach.org.models import Org
    from siach.talk.queries.recipients import Recipients

#: The Data Security Regulations of 2017: above either, the highest band of security.
MANY_PEOPLE, MANY_USERS = 100_000, 100
SHOWN_DAYS = timedelta(days=30)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of thing: its rule, the days in force, and how many went in the last thirty days."""

    kind: str
    rule: Rule
    days: int
    gone: int


@dataclass(frozen=True, slots=True)
class Held:
    """An organisation as its privacy page shows it. `networks`: (name, days) where a network's terms are shorter."""

    org: Org
    people: int
    users: int
    is_high: bool
    kept: tuple[Kept, ...]
    networks: tuple[tuple[str | Promise, int], ...]
    privacy: Privacy
    recipients: Recipients


def held(org: Org, *, at: datetime) -> Held:
    people = Author.objects.filter(org=org, is_ours=False).count()
    users = Membership.objects.filter(team__org=org, user__is_active=True).values("user").distinct().count()
    since = (at - SHOWN_DAYS).astimezone(UTC).date()
    went = Deletion.objects.filter(org=org, day__gte=since).values_list("kind").annotate(n=Sum("n"))
    gone, days = dict(went), days_of(org)
    networks = Post.objects.filter(org=org).order_by().values_list("network", flat=True).distinct()
    terms = tuple((label(name), limit) for name in networks if (limit := keep_days(name)) is not None)
    return Held(
        org=org,
        people=people,
        users=users,
        is_high=people > MANY_PEOPLE or users > MANY_USERS,
        kept=tuple(Kept(kind, rule, days[kind], gone.get(kind, 0)) for kind, rule in RULES.items()),
        networks=terms,
        privacy=Privacy.objects.filter(org=org).first() or Privacy(org=org),
        recipients=recipients(org, at=at),
    )


@dataclass(frozen=True, slots=True)
class Looks:
    """A page of the read log; `older` is the next page's number, None at the end."""

    shown: tuple[tuple[ReadLog, Author | None], ...]
    older: int | None


def looks(user: User, asked: Mapping[str, str]) -> Looks:
    """Who looked at whom: `by` a user's id, `what` a kind of look, `person` an author's id, `page`."""
    found: QuerySet[ReadLog] = ReadLog.objects.filter(org__in=orgs_for(user, "privacy.manage"))
    for name in ("by", "person"):
        value = asked.get(name, "")
        if value.isascii() and value.isdecimal() and len(value) < 19:
            found = found.filter(**{name: int(value)})
    if asked.get("what") in ReadLog.What.values:
        found = found.filter(what=asked["what"])
    page = asked.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 0
    rows = list(found.select_related("by").order_by("-at", "-pk")[number * PAGE : number * PAGE + PAGE + 1])
    people = Author.objects.in_bulk([row.person for row in rows])
    return Looks(tuple((row, people.get(row.person)) for row in rows[:PAGE]), number + 1 if len(rows) > PAGE else None)


def lookers(user: User) -> QuerySet[User]:
    """Everybody whose looks this reader may see."""
    orgs = orgs_for(user, "privacy.manage")
    return User.objects.filter(memberships__team__org__in=orgs).distinct().order_by("name", "pk")
