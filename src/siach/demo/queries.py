"""Whether a demo stands, and how far it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from procrastinate.contrib.django.models import ProcrastinateJob

from siach.org.models import LedgerEntry, Membership, Org, User
from siach.talk.models import Post

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Wanted:
    """The world that a demo holds: what `siach.world.making.make` is called with."""

    seed: int
    end: datetime
    posts: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a demo is: `state` is loading, failed (no worker is at it) or loaded."""

    org: Org
    state: str
    done: int
    total: int

    @property
    def share(self) -> float:
        return min(1.0, self.done / self.total)


def demo_orgs() -> QuerySet[Org]:
    """Everything of the demo, the brand before its agency."""
    return Org.objects.filter(is_demo=True).order_by("pk")


def demo_org() -> Org | None:
    return demo_orgs().filter(kind=Org.Kind.OWN).first()


def owner_of(org: Org) -> User:
    """Who looks at the demo."""
    owners = Membership.objects.filter(team__org=org, role=Membership.Role.OWNER).select_related("user")
    return owners.order_by("pk")[0].user


def wanted(org: Org) -> Wanted:
    facts = LedgerEntry.objects.get(org=org, name="org.demo_founded").facts
    return Wanted(facts["seed"], datetime.fromisoformat(facts["end"]), facts["posts"])


def is_loaded(org: Org) -> bool:
    return LedgerEntry.objects.filter(org=org, name="org.demo_loaded").exists()


def is_going(org: Org) -> bool:
    """Whether its removal was asked for."""
    return hasattr(org, "removal")


def has_people() -> bool:
    """Whether anybody is here whom no demo invented."""
    return User.objects.exclude(memberships__team__org__is_demo=True).exists()


def progress(org: Org) -> Progress:
    total = wanted(org).posts
    if is_loaded(org):
        return Progress(org, "loaded", total, total)
    jobs = ProcrastinateJob.objects.filter(task_name="demo_load", status__in=("todo", "doing"), args__org=org.pk)
    done = Post.objects.filter(org=org).count()
    return Progress(org, "loading" if jobs.exists() else "failed", done, total)
