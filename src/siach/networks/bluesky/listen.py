"""Hearing on Bluesky: notifications, search and threads, with the posts above each one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from siach.networks.bluesky import read
from siach.networks.bluesky.session import Session
from siach.networks.contract import FetchedPost, NetworkError, Page, Reason, SourceSpec
from siach.networks.http import Params, Refused
from siach.networks.jsonmap import JsonMap, entries, mapping, moment, number, text_of
from siach.networks.sweep import Item, Sweep

PAGE = 50
BATCH = 25
ROUNDS = 25
DEEPEST = 1000
REASONS: tuple[Reason, ...] = ("mention", "reply", "quote")
_TERM = re.compile(r'"([^"]+)"|(\S+)')
_OPERATOR = re.compile(r"^(from|to|mentions|lang|since|until|domain|url|did|author):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _FeedPage:
    """One page of a feed: what stands on it, the network's next cursor, and the post views if it had them."""

    heard: Sequence[tuple[Item, Reason]]
    following: str
    views: Mapping[str, JsonMap] | None = None


def mentions(session: Session, spec: SourceSpec, stored: Mapping[str, object], now: datetime) -> Page:
    """What is said to the account: mentions, replies and quotes."""

    def read_page(cursor: str) -> _FeedPage:
        # Without priority=false an account may be told of the people it follows only.
        params: Params = {"limit": PAGE, "reasons": list(REASONS), "priority": False, **_cursor(cursor)}
        answer = session.get("app.bsky.notification.listNotifications", params)
        heard = [
            (Item(text_of(entry, "uri"), moment(text_of(entry, "indexedAt"))), reason)
            for entry in entries(answer, "notifications")
            for reason in REASONS
            if text_of(entry, "reason") == reason and text_of(entry, "uri")
        ]
        return _FeedPage(heard, text_of(answer, "cursor"))

    return _sweep(session, stored, now, read_page)


def search(session: Session, spec: SourceSpec, stored: Mapping[str, object], now: datetime) -> Page:
    """What anyone says with the words of `spec.query`, newest first, checked again on our side."""
    if not spec.query.strip():
        raise NetworkError("A search needs words to search for.", "never")

    def read_page(cursor: str) -> _FeedPage:
        params: Params = {"q": spec.query, "sort": "latest", "limit": PAGE, **_cursor(cursor)}
        answer = session.get("app.bsky.feed.searchPosts", params)
        views = {text_of(view, "uri"): view for view in entries(answer, "posts") if says(view, spec.query)}
        heard: list[tuple[Item, Reason]] = []
        for view in entries(answer, "posts"):
            uri = text_of(view, "uri")
            # What the query does not really find is remembered under a name that is no post's.
            name = uri if uri in views else f"~{uri}"
            heard.append((Item(name, moment(text_of(view, "indexedAt"))), "search"))
        return _FeedPage(heard, text_of(answer, "cursor"), views)

    return _sweep(session, stored, now, read_page)


def thread(session: Session, spec: SourceSpec, stored: Mapping[str, object], now: datetime) -> Page:
    """One whole thread from its root down. Empty while nothing in it changed; "never" once it is gone."""
    above = _thread(session, spec.external_id, depth=0, height=DEEPEST)
    top = mapping(above, "thread")
    while mapping(mapping(top, "parent"), "post"):
        top = mapping(top, "parent")
    root = text_of(mapping(top, "post"), "uri") or spec.external_id
    whole = mapping(_thread(session, root, depth=DEEPEST, height=0), "thread")
    views = {
        text_of(view, "uri"): view for view in (*read.thread_views(mapping(above, "thread")), *read.thread_views(whole))
    }
    posts = _in_order(read.post(view, "thread") for view in views.values())
    if not posts:
        raise NetworkError("This thread cannot be read: it is gone, or hidden from this account.", "never")
    told = [(post.external_id, post.target.get("cid"), repr(post.metrics)) for post in posts]
    digest = hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()
    return Page(() if stored.get("digest") == digest else posts, {"digest": digest}, more=False)


def posts_of(session: Session, uris: Iterable[str]) -> dict[str, JsonMap]:
    """Post views by address; posts that are gone, or hidden from this account, are missing."""
    views: dict[str, JsonMap] = {}
    for batch in _batches(uris):
        answer = session.get("app.bsky.feed.getPosts", {"uris": batch})
        views.update({text_of(view, "uri"): view for view in entries(answer, "posts")})
    return views


def says(view: JsonMap, query: str) -> bool:
    """Whether a found post really holds every word and phrase of the query, in any case. Operators such
    as `from:` are the network's to judge."""
    record = mapping(view, "record")
    heard = [text_of(record, "text"), text_of(mapping(view, "author"), "handle")]
    heard += [f"#{tag}" for tag in cast(list[object], record.get("tags") or [])]
    post = read.post(view)
    heard += [f"{medium.url} {medium.alt}" for medium in (post.media if post else ())]
    whole = "\n".join(heard).casefold()
    for phrase, word in _TERM.findall(query):
        if not _OPERATOR.match(word) and (phrase or word).casefold() not in whole:
            return False
    return True


def _sweep(
    session: Session, stored: Mapping[str, object], now: datetime, read_page: Callable[[str], _FeedPage]
) -> Page:
    """One page of a newest-first feed: its unseen posts, and the posts above them."""
    state = Sweep.load(stored).start(now)
    try:
        answer = read_page(state.next)
    except Refused as refusal:
        if not state.next or refusal.then == "renew" or refusal.status == 429:
            raise
        # The network may no longer know the cursor of a sweep broken off long ago: begin that sweep again.
        return Page((), Sweep(state.high, state.recent, state.deep_at).dump(), more=True)
    reasons: dict[str, Reason] = {}
    for item, reason in answer.heard:
        reasons.setdefault(item.id, reason)
    before = state
    fresh, state = state.take([item for item, _ in answer.heard], answer.following)
    views = posts_of(session, fresh) if answer.views is None else answer.views
    found = {uri: views[uri] for uri in fresh if uri in views}
    followers = _followers(session, found.values())
    posts = [
        read.post(view, reasons[uri], followers.get(text_of(mapping(view, "author"), "did")))
        for uri, view in found.items()
    ]
    above = [read.post(view, "thread") for view in _above(session, found, before)]
    return Page(_in_order([*above, *posts]), state.dump(), more=bool(state.next))


def _above(session: Session, found: Mapping[str, JsonMap], state: Sweep) -> Iterator[JsonMap]:
    """The posts that the found ones answer, up to the roots, one batch of requests per step upwards.
    Stops at posts heard before: what stands above those was fetched with them."""
    have = set(found)
    step: Mapping[str, JsonMap] = found
    for _ in range(ROUNDS):
        wanted: list[str] = []
        for view in step.values():
            reply = mapping(mapping(view, "record"), "reply")
            for end in ("parent", "root"):
                uri = text_of(mapping(reply, end), "uri")
                if uri and uri not in have and not state.known(uri):
                    have.add(uri)
                    wanted.append(uri)
        if not wanted:
            return
        step = posts_of(session, wanted)
        yield from step.values()


def _followers(session: Session, views: Iterable[JsonMap]) -> dict[str, int]:
    """How many follow each author, by account id."""
    dids = dict.fromkeys(text_of(mapping(view, "author"), "did") for view in views)
    counts: dict[str, int] = {}
    for batch in _batches(did for did in dids if did):
        answer = session.get("app.bsky.actor.getProfiles", {"actors": batch})
        for profile in entries(answer, "profiles"):
            counts[text_of(profile, "did")] = number(profile, "followersCount")
    return counts


def _thread(session: Session, uri: str, *, depth: int, height: int) -> JsonMap:
    try:
        return session.get("app.bsky.feed.getPostThread", {"uri": uri, "depth": depth, "parentHeight": height})
    except Refused as refusal:
        if refusal.code == "NotFound":
            raise NetworkError("This thread is gone.", "never") from refusal
        raise


def _in_order(posts: Iterable[FetchedPost | None]) -> tuple[FetchedPost, ...]:
    """Oldest first, so that parents mostly come before their replies."""
    return tuple(sorted((post for post in posts if post), key=lambda post: (post.said_at, post.external_id)))


def _batches(values: Iterable[str]) -> Iterator[list[str]]:
    every: Sequence[str] = list(values)
    for start in range(0, len(every), BATCH):
        yield list(every[start : start + BATCH])


def _cursor(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}
