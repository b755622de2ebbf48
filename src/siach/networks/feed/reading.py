"""A fetched document as an Edition, and an Edition's items as posts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from siach.networks.charset import decode
from siach.networks.contract import FetchedAuthor, FetchedPost, Reason
from siach.networks.feed import jsonfeed, xmlfeed
from siach.networks.feed.edition import Edition, Item, key, unreadable
from siach.networks.http import Document

_DECLARED = re.compile(rb"""\A[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']""")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_MAX_AGE = re.compile(r"max-age\s*=\s*(\d{1,9})", re.IGNORECASE)
DEFAULT_REST, LONGEST_REST = timedelta(minutes=5), timedelta(days=1)
LONGEST_NAME = 200


def text_of(document: Document) -> str:
    """The document's text: by its own mark or its header, then by what it declares inside."""
    told = _CHARSET.search(document.headers.get("content-type", ""))
    declared = _DECLARED.search(document.body[:300])
    hints = [told.group(1)] if told else []
    hints += [declared.group(1).decode("ascii")] if declared else []
    return decode(document.body, hints)


def is_feed(text: str) -> bool:
    return jsonfeed.is_feed(text) or xmlfeed.is_feed(text)


def edition(text: str, base: str) -> Edition:
    """The feed that this text is; NetworkError where it is none."""
    if jsonfeed.is_feed(text):
        return jsonfeed.read(text, base)
    if not xmlfeed.is_feed(text):
        raise unreadable()
    return xmlfeed.read(text, base)


def rest(headers: Mapping[str, str], told: timedelta | None, now: datetime) -> datetime:
    """When to ask again: not before server and publisher wish it, and within a day."""
    wishes = [DEFAULT_REST, told or timedelta()]
    age = _MAX_AGE.search(headers.get("cache-control", ""))
    wishes.append(timedelta(seconds=int(age.group(1))) if age else timedelta())
    after = headers.get("retry-after", "").strip()
    wishes.append(timedelta(seconds=int(after)) if after.isdecimal() and len(after) < 9 else timedelta())
    return now + min(max(wishes), LONGEST_REST)


class Reader:
    """Items as posts. `place` names the feed in every key; `about`: all of it is about the brand. `now`: when it was
    read; `first`: it was never read before."""

    def __init__(self, place: str, *, about: bool, now: datetime, first: bool) -> None:
        self._place, self._now = place, now
        self._reason: Reason = "about" if about else ""
        self._first = first

    def posts(
        self, edition: Edition, headers: Mapping[str, str], parent: str = ""
    ) -> Iterator[tuple[Item, FetchedPost]]:
        """The posts of an edition; `parent`: the key of the item that all of them comment on."""
        ids = Counter(item.id for item in edition.items)
        missing = self._unsaid(edition, headers)
        for item in edition.items:
            name = item.id if item.id and ids[item.id] == 1 else item.link
            if name or item.title or item.text:
                yield item, self._post(item, edition, name, parent, missing)

    def _post(self, item: Item, edition: Edition, name: str, parent: str, missing: datetime) -> FetchedPost:
        said_at = item.said_at if item.said_at and item.said_at <= self._now else missing
        answered = key(self._place, item.parent) if item.parent else parent
        return FetchedPost(
            external_id=key(self._place, name) if name else key(self._place, item.title, item.text),
            url=item.link,
            text=_text(item, is_comment=bool(answered)),
            said_at=said_at,
            author=self._author(item, edition),
            parent_external_id=answered or None,
            root_external_id=parent or answered or None,
            language=item.language or edition.language or None,
            media=item.media,
            reason=self._reason,
            raw=item.raw,
            edited_at=min(item.edited_at, self._now) if item.edited_at else None,
        )

    def _author(self, item: Item, edition: Edition) -> FetchedAuthor:
        """Feeds know no accounts: a person is a name within the place, and the place itself where nobody is named."""
        name = (item.author or edition.title or self._place)[:LONGEST_NAME]
        known = key(self._place, item.author.casefold()) if item.author else self._place
        return FetchedAuthor(external_id=known, handle="", name=name)

    def _unsaid(self, edition: Edition, headers: Mapping[str, str]) -> datetime:
        """When an item was said whose own time is missing or cannot be: when it first stood here. What stood here
        already at the first reading is older than that, by nobody knows how much."""
        if not self._first:
            return self._now
        before = self._now - timedelta(days=1)
        return min(edition.updated_at or _changed(headers) or before, before)


def _changed(headers: Mapping[str, str]) -> datetime | None:
    try:
        changed = parsedate_to_datetime(headers.get("last-modified", ""))
    except (ValueError, TypeError):
        return None
    return changed if changed.tzinfo else None


def _text(item: Item, *, is_comment: bool) -> str:
    """Title and text, each once. A comment's title only says that it is one."""
    if not item.title or (is_comment and item.text) or item.text.startswith(item.title):
        return item.text
    return f"{item.title}\n\n{item.text}" if item.text else item.title
