"""Whether a demo stands, and how far it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from procrastinate.contrib.django.models import ProcrastinateJob

from siach.org.models import LedgerEntry, Membership, Org, User
from siach.org.queries import first_owner, has_people
from siach.talk.models import Post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from siach.org.models import Brand
    from siach.world.data import Language


@dataclass(frozen=True, slots=True)
class Wanted:
    """The world that a demo holds: what `siach.world.making.make` is called with."""

    seed: int
    end: datetime
    posts: int
    language: Language


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the strip of a demo leads: `may_found`, an organisation of one's own; `may_return`, out to the real one."""

    may_found: bool
    may_return: bool


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


def team() -> dict[str, User]:
    """Everybody of the demo, by what stands before the @ of their address."""
    people = User.objects.filter(memberships__team__org__is_demo=True)
    return {user.email.partition("@")[0]: user for user in people}


def wanted(org: Org) -> Wanted:
    facts = LedgerEntry.objects.get(org=org, name="org.demo_founded").facts
    end = datetime.fromisoformat(facts["end"])
    return Wanted(facts["seed"], end, facts["posts"], facts.get("language", "he"))


def is_loaded(org: Org) -> bool:
    return LedgerEntry.objects.filter(org=org, name="org.demo_loaded").exists()


def is_going(org: Org) -> bool:
    """Whether its removal was asked for."""
    return hasattr(org, "removal")


def in_view(request: HttpRequest) -> Brand | None:
    """The demo's brand, where a reader has nothing but the demo before them."""
    brands: Sequence[Brand] = [request.brand] if request.brand else request.brands  # type: ignore[attr-defined]
    return brands[0] if brands and all(brand.org.is_demo for brand in brands) else None


def ways(user: User, brand: Brand) -> Ways:
    is_owner = owner_of(brand.org) == user
    is_alone = not has_people()
    return Ways(may_found=is_owner and is_alone, may_return=is_owner and not is_alone)


def founds(user: User) -> Org | None:
    """The demo whose owner this is, while nobody else is here: from it an organisation of one's own is founded."""
    org = demo_org()
    return org if org is not None and not has_people() and owner_of(org) == user else None


def beside(user: User) -> Org | None:
    """The demo that stands beside other organisations, for whoever set this Siach up."""
    org = demo_org()
    return org if org is not None and not is_going(org) and has_people() and first_owner() == user else None


def progress(org: Org) -> Progress:
    total = wanted(org).posts
    if is_loaded(org):
        return Progress(org, "loaded", total, total)
    jobs = ProcrastinateJob.objects.filter(task_name="demo_load", status__in=("todo", "doing"), args__org=org.pk)
    done = Post.objects.filter(org=org).count()
    return Progress(org, "loading" if jobs.exists() else "failed", done, total)
