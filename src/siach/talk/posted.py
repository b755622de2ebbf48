"""What another system posts, as posts: each row of the body a post, or what is wrong with it. Knows no table of ours.

What is wrong is told in English, to whoever writes that system.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from siach.talk.connections import FetchedAuthor, FetchedPost
from siach.talk.rows import LONGEST_ID, NOBODY
from siach.talk.tabular import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

MOST_ROWS = 1_000
NETWORK = re.compile(r"[\w][\w .-]{0,39}")
_TOMORROW = timedelta(days=1)
_MOST = 2**53
_LONGEST = {"url": 1_000, "network": 40, "place": 200, "handle": 200, "name": 200}
_TAKEN = ("id", "text", "said_at", "url", "parent_id", "thread_id", "network", "place")
_OF_AUTHOR = ("id", "name", "handle", "followers")


class NotPosts(Exception):
    """The body is no list of posts at all. The message is English, for whoever posts."""


class _Wrong(Exception):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


@dataclass(frozen=True, slots=True)
class Posted:
    """One good row: the post, its network, and the place where it was said ("" where none is named)."""

    post: FetchedPost
    network: str
    place: str


def rows_of(body: bytes) -> list[Any]:
    """The rows of a body: one post, or a list of at most 1,000. NotPosts for anything else."""
    try:
        found = json.loads(body, parse_constant=lambda _name: None, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NotPosts("The body is no JSON in UTF-8.") from error
    rows = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise NotPosts("The body must be one post (an object) or a list of posts.")
    if not rows or len(rows) > MOST_ROWS:
        raise NotPosts(f"The list must hold 1 to {MOST_ROWS} posts; this one holds {len(rows)}.")
    return rows


def read(row: Any, *, network: str, closed: Collection[str], zone: ZoneInfo, at: datetime) -> Posted | str:
    """A row as a post of `network` unless it names another, or what is wrong with it. `closed`: networks that nobody
    may post to. A time without a zone is of `zone`."""
    if not isinstance(row, dict):
        return "the row is no object"
    try:
        named = (_text(row, "network") or network).strip().lower()
        if not NETWORK.fullmatch(named) or named in closed:
            raise _Wrong("network", "letters and digits, 40 at most, and no network that Siach listens to itself")
        return Posted(_post(row, zone=zone, at=at), named, " ".join(_text(row, "place").split()))
    except _Wrong as error:
        return str(error)


def _post(row: Mapping[str, Any], *, zone: ZoneInfo, at: datetime) -> FetchedPost:
    key, text = _id(row, "id"), _text(row, "text")
    for field, value in (("id", key), ("text", text.strip())):
        if not value:
            raise _Wrong(field, "is missing or empty")
    author = row.get("author") or {}
    return FetchedPost(
        external_id=key,
        url=_url(row),
        text=text,
        said_at=_said_at(row, zone=zone, at=at),
        author=_author(author),
        parent_external_id=_id(row, "parent_id") or None,
        root_external_id=_id(row, "thread_id") or None,
        raw={
            **{field: row[field] for field in _TAKEN if field in row},
            "author": {field: author[field] for field in _OF_AUTHOR if field in author},
        },
    )


def _said_at(row: Mapping[str, Any], *, zone: ZoneInfo, at: datetime) -> datetime:
    said_at = moment(str(row.get("said_at", "")), zone)
    if said_at is None or said_at > at + _TOMORROW:
        raise _Wrong("said_at", "no time that can be read (ISO 8601, or seconds since 1970), or one in the future")
    return said_at


def _url(row: Mapping[str, Any]) -> str:
    url = _text(row, "url")
    if url and not url.lower().startswith(("https://", "http://")):
        raise _Wrong("url", "must begin with https:// or http://")
    return url


def _author(author: Any) -> FetchedAuthor:
    if not isinstance(author, dict):
        raise _Wrong("author", "must be an object: id, name, handle, followers")
    handle, name = _text(author, "handle").lstrip("@"), _text(author, "name")
    followers = author.get("followers")
    if followers is not None and (type(followers) is not int or not 0 <= followers <= _MOST):
        raise _Wrong("author.followers", "must be a whole number")
    who = _id(author, "id") or handle or name or NOBODY
    return FetchedAuthor(external_id=who, handle=handle, name=name, followers=followers)


def _text(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong(field, "must be text")
    if len(value) > _LONGEST.get(field, len(value)):
        raise _Wrong(field, f"is longer than {_LONGEST[field]} characters")
    return value.encode("utf-8", "replace").decode("utf-8")


def _id(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    whole = str(value) if type(value) is int and abs(value) <= 2**63 else _text(row, field).strip()
    if len(whole) > LONGEST_ID:
        raise _Wrong(field, f"is longer than {LONGEST_ID} characters")
    return whole


def _finite(written: str) -> float | None:
    value = float(written)
    return value if math.isfinite(value) else None
