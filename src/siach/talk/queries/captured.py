"""Captured posts: which of them a new capture is, and what was seen of one, look by look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from siach.talk.captured import is_alike, key_of, tidy_place
from siach.talk.models import HandedIn, Media, Post, Sighting, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.org.models import Brand, User

LOOKED_BACK = timedelta(days=30)
MOST_COMPARED = 300
MOST_SIGHTINGS = 100


@dataclass(frozen=True, slots=True)
class Known:
    """A post that is here already. `is_same`: by its link or its very words; else it only looks like it.
    `by` and `at`: who looked at it last, and when; `by` "" where nobody knows."""

    post: Post
    is_same: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Number:
    """A number that somebody looked at, and how much was added since it was told before."""

    now: int
    added: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at a post as its page shows it; a number is None where nobody looked at it."""

    sighting: Sighting
    likes: Number | None
    comments: Number | None
    shares: Number | None
    pictures: tuple[Media, ...]


def same_post(*, org_id: int, network: str, place: str, text: str, url: str) -> Post | None:
    """The post by its key; or the same words in the same place, captured once with its link and once without."""
    posts = Post.objects.filter(org=org_id, network=network)
    by_words = posts.filter(thread__place=place, text=text)
    return posts.filter(key=key_of(place, text, url)).first() or (by_words.filter(url="") if url else by_words).first()


def like_it(*, brand: Brand, network: str, place: str, text: str, at: datetime) -> Post | None:
    """The newest post of the brand's captures that looks like this one, in the same place."""
    lately = Post.objects.filter(
        source__brand=brand,
        source__kind=Source.Kind.CAPTURE,
        network=network,
        thread__place=place,
        state=Post.State.HEARD,
        taken_at__gt=at - LOOKED_BACK,
    )
    newest = lately.order_by("-pk").values_list("pk", "text")[:MOST_COMPARED]
    return Post.objects.filter(pk__in=[pk for pk, words in newest if is_alike(words, text)]).order_by("-pk").first()


def known_as(*, brand: Brand, network: str, place: str, text: str, url: str, at: datetime) -> Known | None:
    """The captured post of this brand that this is, or looks like."""
    place = tidy_place(place)
    same = same_post(org_id=brand.org_id, network=network, place=place, text=text, url=url)
    if same is not None and (same.source is None or same.source.brand_id != brand.pk):
        return None
    found = same or (like_it(brand=brand, network=network, place=place, text=text, at=at) if text.strip() else None)
    if found is None or found.state != Post.State.HEARD:
        return None
    return known(found, is_same=found == same)


def known(post: Post, *, is_same: bool) -> Known:
    """A post with who saw it last."""
    last = Sighting.objects.filter(post=post).select_related("by").order_by("-at", "-pk").first()
    if last is None:
        return Known(post, is_same, "", post.taken_at)
    return Known(post, is_same, last.by.name if last.by else "", last.at)


def places(brands: Sequence[Brand], *, most: int = 20) -> list[tuple[str, str]]:
    """Closed places, each with its network, in which posts were captured lately, the latest first."""
    captured = Post.objects.filter(
        source__brand__in=brands, source__kind=Source.Kind.CAPTURE, thread__is_closed=True
    ).order_by("-pk")
    found = captured.values_list("thread__place", "network")[:300]
    return list(dict(reversed(found)).items())[::-1][:most]


def last_place(user: User, brands: Sequence[Brand]) -> dict[str, str | int]:
    """Where this person looked at a post last, as the form names it; empty where that is none of these brands."""
    looks = Sighting.objects.filter(by=user).select_related("post__thread", "post__source")
    last = looks.order_by("-pk").first()
    source = last.post.source if last else None
    if last is None or source is None or source.brand_id not in {brand.pk for brand in brands}:
        return {}
    return {"place": last.post.thread.place, "network": last.post.network, "brand": source.brand_id}


def waiting(user: User) -> list[HandedIn]:
    """What came by this person's own address and is not finished, the newest first."""
    return list(HandedIn.objects.filter(user=user).order_by("-at", "-pk"))


def waiting_one(user: User, asked: str, shared: str) -> HandedIn | None:
    """One of these by its number, or by the key of a device that sent it in the meantime."""
    number = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 19 else 0
    same = Q(pk=number) | Q(key=shared[:64]) if shared.strip("\0") else Q(pk=number)
    return HandedIn.objects.filter(same, user=user).first() if number or shared else None


def seen(post: Post) -> list[Seen]:
    """What was seen of a captured post, the newest look first."""
    looks = Sighting.objects.filter(post=post).select_related("by").prefetch_related("media")
    newest = list(looks.order_by("-at", "-pk")[:MOST_SIGHTINGS])
    before: dict[str, int] = {}
    found = [_seen(one, before) for one in reversed(newest)]
    return found[::-1]


def _seen(one: Sighting, before: dict[str, int]) -> Seen:
    """One look beside what was told `before` it, which is brought up to it."""
    numbers: dict[str, Number | None] = {}
    for name in ("likes", "comments", "shares"):
        now = getattr(one, name)
        numbers[name] = None if now is None else Number(now, now - before.get(name, now))
        before |= {} if now is None else {name: now}
    return Seen(one, **numbers, pictures=tuple(one.media.all()))
