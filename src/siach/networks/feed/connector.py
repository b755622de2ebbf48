"""Feeds: RSS, Atom and JSON Feed of any public page, read without a sign-in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from siach.networks.contract import (
    Capability,
    Clock,
    Consent,
    FetchedPost,
    Field,
    Grant,
    NetworkError,
    Page,
    Push,
    SignedIn,
    Sleeper,
    SourceSpec,
    Terms,
    TextLimit,
)
from siach.networks.feed import fetching, hubs, reading
from siach.networks.feed.discover import feeds_of
from siach.networks.feed.edition import LONGEST_KEY, Edition
from siach.networks.feed.talks import Talks
from siach.networks.http import MAX_SECONDS, utc_now

NO_FEED = "This page names no feed. Paste the address of the feed itself."
NO_ADDRESS = "A feed needs its address. Connect it again."
OVER = "This feed has ended: it says itself that no more will come."
_SHOWN = 200


class Connector:
    """One feed. `seconds` is the longest that any one request may take."""

    NAME: ClassVar[str] = "feed"
    LABEL: ClassVar[str] = "Feed"
    INTRO: ClassVar[str] = "News, blogs, reviews and forums that offer RSS, Atom or JSON Feed. No sign-in needed."
    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("address", "Address", help="Of the feed, or of the page it belongs to"),
        Field(
            "about",
            "Everything in it is about the brand",
            "check",
            help="For example, reviews of the brand. Otherwise only posts that name the brand count",
            required=False,
        ),
    )
    TERMS: ClassVar[Terms] = Terms(
        keep_days=None, refresh_days=None, on_gone="keep", may_train=False, may_link_people=False
    )
    CAPABILITIES: ClassVar[frozenset[Capability]] = frozenset(("all", "push"))
    TEXT_LIMIT: ClassVar[TextLimit] = TextLimit(0)
    METERED: ClassVar[int] = 0

    def __init__(
        self,
        grant: Grant | None = None,
        *,
        clock: Clock | None = None,
        sleep: Sleeper | None = None,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self.grant: Grant | None = grant
        self._clock = clock or utc_now
        self._fetcher = fetching.Fetcher(self._clock, sleep, seconds)
        self._asker = hubs.Asker(self._clock, sleep, seconds)

    def close(self) -> None:
        """Nothing is held between two calls."""

    def sign_in_url(self, state: str, back: str) -> str | None:
        return None

    def sign_in(self, answers: Mapping[str, str]) -> SignedIn | Consent:
        """Read the feed once; of an ordinary page, the feed that it names first."""
        found, told = self._discovered(fetching.address(answers.get("address", "")))
        url = found.lasting
        parts = urlsplit(url)
        return SignedIn(
            external_id=url if len(url) <= LONGEST_KEY else f"long:{hashlib.sha256(url.encode()).hexdigest()}",
            handle=f"{parts.netloc}{parts.path}".rstrip("/")[:_SHOWN],
            name=(told.title or parts.netloc)[:_SHOWN],
            grant=Grant({"url": url, "place": parts.hostname or "", "about": "1" if answers.get("about") else ""}),
        )

    def _discovered(self, url: str) -> tuple[fetching.Found, Edition]:
        found = self._fetcher.get(url)
        text = reading.text_of(found.document)
        if reading.is_feed(text):
            return found, reading.edition(text, found.url)
        for named in feeds_of(text, found.url)[:1]:
            found = self._fetcher.get(fetching.address(named))
            text = reading.text_of(found.document)
            if reading.is_feed(text):
                return found, reading.edition(text, found.url)
        raise NetworkError(NO_FEED, "never")

    def renew(self, grant: Grant) -> Grant:
        """There is nothing that could run out."""
        return grant

    def fetch(self, spec: SourceSpec, cursor: Mapping[str, object]) -> Page:
        if self.grant is None:
            raise NetworkError(NO_ADDRESS, "renew")
        if cursor.get("ended"):
            raise NetworkError(OVER, "never")
        known = {name: str(value) for name, value in cursor.items() if isinstance(value, str)}
        found = self._fetcher.get(self.grant.data["url"], _conditions(known))
        self._remember(found.lasting)
        document, now = found.document, self._clock()
        digest = hashlib.sha256(document.body).hexdigest()
        told = timedelta(seconds=int(known.get("rest") or 0))
        if document.status == 304 or digest == known.get("digest"):
            rest = reading.rest(document.headers, told, now)
            return Page((), cursor, more=False, not_before=rest, push=hubs.known(cursor.get("push")))
        edition = reading.edition(reading.text_of(document), found.url)
        posts, talks = self._read(edition, document.headers, cursor, now)
        push = hubs.named(edition, document.headers, found.url)
        left: dict[str, object] = {"talk": talks.counts, **hubs.kept(push)}
        if edition.rest:
            left["rest"] = str(int(min(edition.rest, reading.LONGEST_REST).total_seconds()))
        if talks.whole:  # what was left out this time is read again, unchanged as it may be
            left |= _marks(document.headers) | {"digest": digest} | ({"ended": True} if edition.ended else {})
        rest = reading.rest(document.headers, edition.rest, now)
        return Page(tuple(posts), left, more=False, not_before=rest, push=push)

    def subscribe(self, push: Push, callback: str, secret: str, seconds: int) -> None:
        self._asker.ask("subscribe", push, callback, {"hub.secret": secret, "hub.lease_seconds": str(seconds)})

    def unsubscribe(self, push: Push, callback: str) -> None:
        self._asker.ask("unsubscribe", push, callback, {})

    def _remember(self, url: str) -> None:
        """The feed moved for good: from now on it is asked there. What names its posts stays as it was."""
        if self.grant is not None and self.grant.data["url"] != url:
            self.grant = Grant({**self.grant.data, "url": url})

    def _read(
        self, edition: Edition, headers: Mapping[str, str], cursor: Mapping[str, object], now: datetime
    ) -> tuple[list[FetchedPost], Talks]:
        data = self.grant.data if self.grant else {}
        reader = reading.Reader(data["place"], about=bool(data.get("about")), now=now, first=not cursor)
        talks = Talks(self._fetcher, reader, data["place"], cursor.get("talk"))
        posts = []
        for item, post in reader.posts(edition, headers):
            posts += [post, *talks.below(item, post.external_id)]
        return posts, talks


def _conditions(known: Mapping[str, str]) -> dict[str, str]:
    """What the server needs to say that nothing is new."""
    asked = {"if-none-match": known.get("etag", ""), "if-modified-since": known.get("modified", "")}
    return {name: value for name, value in asked.items() if value}


def _marks(headers: Mapping[str, str]) -> dict[str, object]:
    told = {"etag": headers.get("etag", ""), "modified": headers.get("last-modified", "")}
    return {name: value[:500] for name, value in told.items() if value}
