"""What every kind of feed tells: an edition, and its items. Plain data; none of it is trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from siach.networks.contract import FetchedMedia, NetworkError

UNREADABLE = "This address gives no feed that can be read."
LONGEST_KEY = 300


def unreadable() -> NetworkError:
    """What stands there now is no feed; it may be one again, so it is asked again."""
    return NetworkError(UNREADABLE, "retry_at")


@dataclass(frozen=True, slots=True)
class Item:
    """One item as its feed tells it. `id`, `link` and the times may be missing. `parent`: the id of the item that it
    comments on; `talk`: the feed of its comments, and `said`: how many there are (None: not told)."""

    id: str
    link: str
    title: str
    text: str
    author: str
    said_at: datetime | None
    edited_at: datetime | None
    language: str
    media: tuple[FetchedMedia, ...]
    raw: Mapping[str, object]
    parent: str = ""
    talk: str = ""
    said: int | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """A feed at one moment. `rest`: how long its publisher asks to be left alone; `ended`: no more will come. `own`:
    its address by its own word; `hubs`: who tells of its news (WebSub)."""

    title: str
    language: str
    items: tuple[Item, ...]
    rest: timedelta | None = None
    ended: bool = False
    updated_at: datetime | None = None
    own: str = ""
    hubs: tuple[str, ...] = ()


def web(url: object, base: str) -> str:
    """An address that a browser may follow, made whole; "" for anything else."""
    try:
        whole = urljoin(base, str(url or "").strip())
        return whole if urlsplit(whole).scheme in ("http", "https") and urlsplit(whole).hostname else ""
    except ValueError:
        return ""


def code(language: object) -> str:
    """he of he-IL; "" for what is no language."""
    short = str(language or "").strip().lower().replace("_", "-").split("-")[0]
    return short if len(short) in (2, 3) and short.isascii() and short.isalpha() else ""


def key(place: str, *parts: str) -> str:
    """Whatever names a thing, within the place that told it: nobody else's feed can speak of it. Too long a name
    stands by its hash."""
    name = "\x1f".join(parts)
    if len(parts) > 1 or len(name) > LONGEST_KEY:
        name = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:40]
    return f"{place}:{name}"
