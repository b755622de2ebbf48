"""The world's posts as a brand's people would have heard them: their sources, and what each brought, beat by beat."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from siach.talk.actions.hooks import make_hook
from siach.talk.actions.taking import Place
from siach.talk.captured import hash_of
from siach.talk.connections import FetchedAuthor, FetchedMetrics, FetchedPost
from siach.talk.models import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from siach.org.models import Brand, User
    from siach.world.data import Person, Said, Way, World
    from siach.world.data import Place as Ground

#: What was said so long before the end was heard as it was said; all before is history.
LIVE = timedelta(days=2)
#: How much time one beat of what is heard live holds: less than the team needs to answer anything.
BEAT = timedelta(minutes=4)
#: How long after the last post of a page it is heard.
LAG = timedelta(seconds=20)
LARGEST = 2_000
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_REASONS: dict[str, str] = {"listen": "search", "mail": "about"}
#: Way and network.
Ear = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """What one source brought at once, of one place, by `at`. `ours`: whom of its authors the brand speaks through."""

    source: Source
    place: Place
    posts: tuple[FetchedPost, ...]
    ours: frozenset[str]
    at: datetime
    is_history: bool


@dataclass(frozen=True, slots=True)
class Beat:
    """What is taken in at once: one page of history, or what all places brought from `since` until `until`."""

    pages: tuple[Page, ...]
    since: datetime
    until: datetime
    is_history: bool

    @property
    def posts(self) -> int:
        return sum(len(page.posts) for page in self.pages)


def sources_of(*, world: World, brand: Brand, by: User, at: datetime) -> dict[Ear, Source]:
    """What the brand hears with, by way and network: those that stand, and those that are still to be made."""
    known = {_ear(source): source for source in Source.objects.filter(brand=brand)}
    for ground in world.places:
        ear = (ground.way, ground.network)
        if ear not in known:
            known[ear] = _opened(ground, brand=brand, by=by, at=at)
    return known


def _ear(source: Source) -> Ear:
    ways: dict[str, Way] = {
        Source.Kind.CAPTURE: "capture",
        Source.Kind.WEBHOOK: "webhook",
        Source.Kind.SEARCH: "listen",
        Source.Kind.ALL: "mail" if source.network == "mail" else "feed",
    }
    return ways[source.kind], source.network


def _opened(ground: Ground, *, brand: Brand, by: User, at: datetime) -> Source:
    """A source as its own page would make it, but for the account: a demo is signed in nowhere, and is never due."""
    if ground.way == "webhook":
        name = _("Branches on the map") if ground.town else ground.name or _("Monitoring service")
        return make_hook(brand=brand, name=name, network=ground.network, by=by, at=at)[0]
    told = {"org_id": brand.org_id, "brand": brand, "network": ground.network}
    if ground.way == "capture":
        return Source.objects.create(**told, kind=Source.Kind.CAPTURE, state=Source.State.OPEN, connected_at=_ALWAYS)
    if ground.way == "listen":
        return Source.objects.create(**told, kind=Source.Kind.SEARCH, query=brand.name, connected_at=at)
    return Source.objects.create(**told, kind=Source.Kind.ALL, place=ground.name, connected_at=at)


def live_since(world: World) -> datetime:
    return world.end - LIVE


def history(world: World, sources: Mapping[Ear, Source]) -> Iterator[Beat]:
    """What was said before anybody listened, place by place, in large pages."""
    people, since = _people(world), live_since(world)
    for ground, said in _by_place([one for one in world.said if one.at < since], world):
        for start in range(0, len(said), LARGEST):
            page = _page(ground, said[start : start + LARGEST], sources, people, at=world.end, is_history=True)
            yield Beat((page,), since, since, is_history=True)


def live(world: World, sources: Mapping[Ear, Source]) -> Iterator[Beat]:
    """What is heard live, in the order of time. A beat begins where the one before it ended, and lasts until something
    was said."""
    people, since = _people(world), live_since(world)
    beats: dict[int, list[Said]] = defaultdict(list)
    for one in world.said:
        if one.at >= since:
            beats[int((one.at - since) / BEAT)].append(one)
    begun = since
    for beat in sorted(beats):
        until = _end_of(beat, world)
        pages = [
            _page(ground, said, sources, people, at=min(said[-1].at + LAG, world.end), is_history=False)
            for ground, said in _by_place(beats[beat], world)
        ]
        yield Beat(tuple(pages), begun, until, is_history=False)
        begun = until


def last_beat(world: World) -> datetime:
    """Until when the last beat lasts in which anything was said."""
    last = world.said[-1].at
    return _end_of(int((last - live_since(world)) / BEAT), world) if last >= live_since(world) else live_since(world)


def _end_of(beat: int, world: World) -> datetime:
    return min(live_since(world) + (beat + 1) * BEAT, world.end)


def _people(world: World) -> dict[str, Person]:
    return {one.key: one for one in world.people}


def _by_place(said: Iterable[Said], world: World) -> list[tuple[Ground, list[Said]]]:
    grounds = {one.key: one for one in world.places}
    found: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        found[one.place].append(one)
    return [(grounds[key], found[key]) for key in sorted(found)]


def _page(
    ground: Ground,
    said: Sequence[Said],
    sources: Mapping[Ear, Source],
    people: Mapping[str, Person],
    *,
    at: datetime,
    is_history: bool,
) -> Page:
    posts = tuple(fetched(one, ground, people[one.author]) for one in said)
    ours = (post.author.external_id for one, post in zip(said, posts, strict=True) if _is_ours(people[one.author]))
    return Page(
        source=sources[ground.way, ground.network],
        place=Place(ground.name, is_closed=ground.way == "capture"),
        posts=posts,
        ours=frozenset(ours),
        at=at,
        is_history=is_history,
    )


def _is_ours(person: Person) -> bool:
    return person.role in ("brand", "staff")


def fetched(said: Said, ground: Ground, person: Person) -> FetchedPost:
    """A post of the world as a network would have told it."""
    handle = person.handles.get(said.network, "")
    author = FetchedAuthor(handle or person.key, handle, person.name, person.followers or None)
    if ground.way == "capture":  # whoever was heard in a closed place is an alias of that thread
        alias = hash_of(said.root or said.key, person.key)
        author = FetchedAuthor(f"alias:{alias}", "", person.name)
    metrics = said.metrics
    return FetchedPost(
        external_id=said.key,
        url=said.url,
        text=said.text,
        said_at=said.at,
        author=author,
        parent_external_id=said.parent or None,
        root_external_id=said.root or None,
        metrics=FetchedMetrics(metrics.likes, metrics.shares, metrics.comments, metrics.views),
        reason=_REASONS.get(ground.way, ""),  # type: ignore[arg-type]
        is_private=said.is_private,
        target={"id": said.key, "private": said.is_private},
    )
