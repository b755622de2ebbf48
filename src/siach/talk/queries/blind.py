"""What is not heard: deaf and unusually quiet sources, and the places on the check-list that nobody hears.

From the rows of sources alone; no post is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from siach.talk import connections
from siach.talk.models import PlaceWaiver, Source
from siach.talk.places import GROUPS, PLACES, Group, KnownPlace
from siach.talk.queries.hearing import Health, health_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.utils.functional import Promise

    from siach.org.models import Brand

#: How long after its last capture a place counts as heard by people.
BY_HAND_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ear:
    """A source that hears a place, and how well."""

    source: Source
    health: Health

    @property
    def is_by_hand(self) -> bool:
        return self.source.kind == Source.Kind.CAPTURE


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place as the check-list shows it. state: heard, deaf (only by sources that hear nothing now), stale (brought by
    people, and not for long), waived, unheard. `connector`: the one of ours that would hear it, "" without any."""

    place: KnownPlace
    state: str
    ears: tuple[Ear, ...]
    connector: str
    waiver: PlaceWaiver | None

    @property
    def is_unsupported(self) -> bool:
        """Whether it is missed, and neither a connector nor people could hear it."""
        return not (self.connector or self.place.by_hand or self.state in ("heard", "waived"))

    @property
    def takes_posts(self) -> bool:
        """Whether a service could post what is said there: closed places are no service's."""
        return self.place.group != Group.CLOSED


@dataclass(frozen=True, slots=True)
class CheckList:
    brand: Brand
    groups: tuple[tuple[str | Promise, tuple[PlaceRow, ...]], ...]

    @property
    def rows(self) -> list[PlaceRow]:
        return [row for _name, rows in self.groups for row in rows]

    @property
    def heard(self) -> int:
        return sum(row.state == "heard" for row in self.rows)

    @property
    def is_unsupported(self) -> bool:
        """Whether Siach cannot listen by itself to some place on it yet."""
        return any(row.is_unsupported for row in self.rows)

    @property
    def missing(self) -> int:
        return sum(row.state in ("unheard", "deaf", "stale") for row in self.rows)

    @property
    def main_missing(self) -> list[PlaceRow]:
        return [row for row in self.rows if row.place.is_main and row.state in ("unheard", "stale")]


@dataclass(frozen=True, slots=True)
class Blind:
    """What these brands do not hear: the deaf first, the longest first; then the unusually quiet; then main places that
    none of them hears. `sources`: how many there are; `heard_at`: when something was last heard."""

    deaf: tuple[Ear, ...]
    quiet: tuple[Ear, ...]
    places: tuple[KnownPlace, ...]
    sources: int
    heard_at: datetime | None

    @property
    def is_any(self) -> bool:
        return bool(self.deaf or self.quiet or self.places)


def blind_spots(brands: Sequence[Brand], *, at: datetime) -> Blind:
    """What none of these brands hears, in two queries."""
    ids = [brand.pk for brand in brands]
    ears = _ears(ids, at=at)
    waived = set(PlaceWaiver.objects.filter(brand__in=ids).values_list("brand", "place"))
    missing = [
        place
        for place in PLACES
        if place.is_main
        and ids
        and not any((brand, place.key) in waived for brand in ids)
        and _state(_of(place, ears), at=at) in ("unheard", "stale")
    ]
    by_time = sorted(ears, key=lambda ear: (ear.health.since is None, ear.health.since, ear.source.pk))
    return Blind(
        deaf=tuple(ear for ear in by_time if ear.health.is_deaf),
        quiet=tuple(ear for ear in by_time if ear.health.code == "quiet"),
        places=tuple(missing),
        sources=len(ears),
        heard_at=max((ear.source.heard_at for ear in ears if ear.source.heard_at), default=None),
    )


def check_list(brand: Brand, *, at: datetime) -> CheckList:
    """Every known place, whether this brand hears it, and how it could."""
    ears = _ears([brand.pk], at=at)
    waivers = {waiver.place: waiver for waiver in PlaceWaiver.objects.filter(brand=brand).select_related("by")}
    rows = [_row(place, _of(place, ears), waivers, at=at) for place in PLACES]
    groups = ((name, tuple(row for row in rows if row.place.group == group)) for group, name in GROUPS.items())
    return CheckList(brand, tuple(groups))


def _ears(brands: Sequence[int], *, at: datetime) -> list[Ear]:
    sources = Source.objects.filter(brand__in=brands).exclude(kind=Source.Kind.IMPORT)
    found = sources.select_related("account").defer("cursor", "account__grant").order_by("pk")
    return [Ear(source, health_of(source, at=at)) for source in found]


def _of(place: KnownPlace, ears: Sequence[Ear]) -> tuple[Ear, ...]:
    return tuple(ear for ear in ears if ear.source.network in place.stored_as)


def _row(place: KnownPlace, ears: tuple[Ear, ...], waivers: Mapping[str, PlaceWaiver], *, at: datetime) -> PlaceRow:
    ours = [name for name in (place.key, *place.connectors) if name in connections.names()]
    state, waiver = _state(ears, at=at), waivers.get(place.key)
    if waiver and state != "heard":
        state = "waived"
    return PlaceRow(place, state, ears, ours[0] if ours else "", waiver)


def _state(ears: Sequence[Ear], *, at: datetime) -> str:
    if any(_hears(ear, at=at) for ear in ears):
        return "heard"
    if any(not ear.is_by_hand and ear.health.code != "paused" for ear in ears):
        return "deaf"
    return "stale" if any(ear.is_by_hand for ear in ears) else "unheard"


def _hears(ear: Ear, *, at: datetime) -> bool:
    if ear.is_by_hand:
        return ear.source.heard_at is not None and at - ear.source.heard_at <= BY_HAND_FOR
    return ear.health.hears or ear.health.code == "waiting"
