"""Hearing on Mastodon: notifications, tags, search and threads, with the posts above each one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import parse_qs, quote, urlsplit

from siach.networks.contract import FetchedPost, NetworkError, Page, Reason, SourceSpec
from siach.networks.http import Listed, Params, Refused
from siach.networks.jsonmap import JsonMap, entries, mapping, moment, text_of
from siach.networks.mastodon import read
from siach.networks.mastodon.session import Session
from siach.networks.sweep import Item, Sweep

#: Of each fresh answer the posts above it are asked for, and 300 requests in five minutes are all there are.
PAGE = 30
FOUND = 40
_TERM = re.compile(r'"([^"]+)"|(\S+)')
_OPERATOR = re.compile(r"^[+-]?(from|before|after|during|language|in|has|is):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Heard:
    """One status with why it came, when the server had it at the latest, and the time that its feed is ordered by."""

    status: JsonMap
    reason: Reason
    seen: datetime
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _FeedPage:
    heard: Sequence[_Heard]
    following: str


def mentions(session: Session, spec: SourceSpec, stored: Mapping[str, object], now: datetime) -> Page:
    """What is said to the account: mentions, replies and quotes, in public and in private."""

    def read_page(cursor: str) -> _FeedPage:
        params: Params = {"types[]": ["mention", "quote"], "limit": PAGE, **_older(cursor)}
        listed = session.get_list("/api/v1/notifications", params)
        heard = [
            _Heard(status, _reason(one, status, session.id), min(told or now, now), told)
            for one in listed.items
            for told in (moment(text_of(one, "created_at")),)
            if (status := read.itself(mapping(one, "status"))) and text_of(one, "type") in ("mention", "quote")
        ]
        return _FeedPage(heard, _following(listed, PAGE))

    posts, state = _sweep(session, stored, now, read_page)
    return Page(posts, state.dump(), more=bool(state.next), not_before=session.rests_until)


def _reason(notification: JsonMap, status: JsonMap, own_id: str) -> Reason:
    if text_of(notification, "type") == "quote":
        return "quote"
    return "reply" if text_of(status, "in_reply_to_account_id") == own_id else "mention"


def search(session: Session, spec: SourceSpec, stored: Mapping[str, object], now: datetime) -> Page:
    """What anyone says under the query as a tag, and what the server's own search finds, where it searches posts."""
    if not spec.query.strip():
        raise NetworkError("A search needs words to search for.", "never")
    tag = tag_of(spec.query)
    posts: list[FetchedPost] = []
    tagged, found = Sweep(), Sweep.load(_part(stored, "found"))
    if tag:
        more, tagged = _sweep(session, _part(stored, "tagged"), now, lambda cursor: _tagged(session, tag, cursor, now))
        posts += more
    if not tagged.next and not spec.query.startswith("#"):
        more, found = _sweep(session, found.dump(), now, lambda _cursor: _found(session, spec.query, now))
        posts += more
    cursor = {"tagged": tagged.dump(), "found": found.dump()}
    unique = {post.external_id: post for post in posts}
    return Page(tuple(unique.values()), cursor, more=bool(tagged.next), not_before=session.rests_until)


def tag_of(query: str) -> str:
    """The query as one tag: its words in one; "" where it can be none."""
    tag = re.sub(r"\W", "", query.casefold()) if not _OPERATOR.match(query) else ""
    return "" if tag.isdecimal() else tag


def _tagged(session: Session, tag: str, cursor: str, now: datetime) -> _FeedPage:
    listed = session.get_list(f"/api/v1/timelines/tag/{quote(tag, safe='')}", {"limit": PAGE, **_older(cursor)})
    heard = [_Heard(read.itself(status), "search", now) for status in listed.items]
    return _FeedPage(heard, _following(listed, PAGE))


def _found(session: Session, query: str, now: datetime) -> _FeedPage:
    """The newest that the server's search tells, checked again; nothing where it does not search posts."""
    try:
        # Only Mastodon itself is known to take quotes for a phrase; another server may look for the very marks.
        words = query if session.is_mastodon else query.replace('"', "")
        answer = session.get("/api/v2/search", {"q": words, "type": "statuses", "limit": FOUND})
    except Refused as refusal:
        if refusal.then != "never":
            raise
        return _FeedPage((), "")
    statuses = [read.itself(status) for status in entries(answer, "statuses")]
    return _FeedPage([_Heard(status, "search", now) for status in statuses if says(status, query)], "")


def says(status: JsonMap, query: str) -> bool:
    """Whether a found post really holds every word and phrase of the query. Operators are the server's to judge."""
    parts = [text_of(status, "spoiler_text"), read.plain(text_of(status, "content"))]
    parts += [text_of(mapping(status, "account"), "acct")]
    parts += [text_of(one, "description") for one in entries(status, "media_attachments")]
    whole = "\n".join(parts).casefold()
    return all(_OPERATOR.match(word) or (phrase or word).casefold() in whole for phrase, word in _TERM.findall(query))


def thread(session: Session, spec: SourceSpec, stored: Mapping[str, object], now: datetime) -> Page:
    """One whole thread from its root down. Empty while nothing in it changed; "never" once it is gone."""
    status = find_status(session, spec.external_id)
    if status is None:
        raise NetworkError("This thread cannot be read: it is gone, or hidden from this account.", "never")
    above = _context(session, text_of(status, "id"))["ancestors"]
    root = above[0] if above else status
    below = _context(session, text_of(root, "id"))["descendants"]
    whole = {text_of(one, "uri"): one for one in (*above, root, *below, status)}
    posts = _in_order(_posts(session, [_Heard(one, "thread", now) for one in whole.values()], text_of(root, "uri")))
    told = [(post.external_id, post.text, repr(post.metrics)) for post in posts]
    digest = hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()
    shown = () if stored.get("digest") == digest else posts
    return Page(shown, {"digest": digest}, more=False, not_before=session.rests_until)


def find_status(session: Session, uri: str) -> JsonMap | None:
    """A post as this server knows it, by the address that it has everywhere; None where it knows none."""
    answer = session.get("/api/v2/search", {"q": uri, "type": "statuses", "resolve": True, "limit": 1})
    found = [read.itself(status) for status in entries(answer, "statuses")]
    return next((status for status in found if uri in (text_of(status, "uri"), text_of(status, "url"))), None)


def _sweep(
    session: Session, stored: Mapping[str, object], now: datetime, read_page: Callable[[str], _FeedPage]
) -> tuple[tuple[FetchedPost, ...], Sweep]:
    """One page of a newest-first feed: its unseen posts with those above them, and the next state."""
    state = Sweep.load(stored).start(now)
    page = read_page(state.next)
    by_uri = {text_of(one.status, "uri"): one for one in reversed(page.heard)}
    items = [
        Item(uri, one.at or moment(text_of(one.status, "created_at"))) for uri, one in reversed(by_uri.items()) if uri
    ]
    fresh, state = state.take(items, page.following)
    heard = [by_uri[uri] for uri in fresh]
    posts = {post.external_id: post for one in heard for post in _with_those_above(session, one, now)}
    posts |= {post.external_id: post for post in _posts(session, heard) if post.external_id not in posts}
    return _in_order(posts.values()), state


def _with_those_above(session: Session, heard: _Heard, now: datetime) -> list[FetchedPost]:
    """An answer and all that it stands under; nothing for what answers nothing."""
    if not text_of(heard.status, "in_reply_to_id"):
        return []
    above = _context(session, text_of(heard.status, "id"))["ancestors"]
    root = text_of(above[0], "uri") if above else ""
    return _posts(session, [*(_Heard(one, "thread", now) for one in above), heard], root)


def _posts(session: Session, heard: Iterable[_Heard], root: str = "") -> list[FetchedPost]:
    """Statuses of one thread as posts, each tied to the one that it answers where that is among them."""
    together = list(heard)
    uris = {text_of(one.status, "id"): text_of(one.status, "uri") for one in together}
    posts = [
        read.post(
            one.status,
            one.reason,
            server=session.server,
            domain=session.domain,
            seen=one.seen,
            uris=uris,
            root=root if text_of(one.status, "uri") != root else "",
        )
        for one in together
    ]
    return [post for post in posts if post is not None]


def _context(session: Session, status_id: str) -> dict[str, list[JsonMap]]:
    """What stands above a status and below it; nothing of one that went meanwhile."""
    try:
        answer = session.get(f"/api/v1/statuses/{quote(status_id, safe='')}/context")
    except Refused as refusal:
        if refusal.then != "never":
            raise
        answer = {}
    return {name: entries(answer, name) for name in ("ancestors", "descendants")}


def _following(listed: Listed, size: int) -> str:
    """Where the feed goes on: by its Link header, or behind the last one where a server sends no such header."""
    if listed.links:
        query = parse_qs(urlsplit(listed.links.get("next", "")).query)
        return (query.get("max_id") or [""])[0]
    return text_of(listed.items[-1], "id") if len(listed.items) >= size else ""


def _older(cursor: str) -> dict[str, str]:
    return {"max_id": cursor} if cursor else {}


def _part(stored: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = stored.get(name)
    return cast(Mapping[str, object], value) if isinstance(value, dict) else {}


def _in_order(posts: Iterable[FetchedPost]) -> tuple[FetchedPost, ...]:
    """Oldest first, so that parents mostly come before their replies."""
    return tuple(sorted(posts, key=lambda post: (post.said_at, post.external_id)))
