"""RSS and Atom as an Edition. feedparser reads them; what is dangerous in XML never reaches it."""

from __future__ import annotations

import calendar
import io
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from siach.networks.contract import FetchedMedia
from siach.networks.feed.edition import Edition, Item, code, unreadable, web
from siach.networks.markup import is_too_deep, line, plain, tidy

MOST_ITEMS = 1_000
MOST_MEDIA = 4
MOST_TAGS = 500_000
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*?>")
_BEFORE_ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(.)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF|channel)[\s>/]", re.IGNORECASE)
_PICTURE = re.compile(r"<img\b[^<>]{0,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|alt|width|height)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


def is_feed(text: str) -> bool:
    """Whether a document is RSS or Atom. One that declares entities of its own is refused, whatever it is."""
    at = _begin(text)
    declared = _DOCTYPE.match(text, at)
    if declared:
        if declared.group(1) == "[":
            return False
        at = _begin(text, declared.end())
    return bool(_ROOT.match(text, at))


def _begin(text: str, at: int = 0) -> int:
    found = _BEFORE_ROOT.match(text, at)
    return found.end() if found else at


def read(text: str, base: str) -> Edition:
    """The feed that this text is; NetworkError where it is none."""
    if not is_feed(text) or _is_a_burden(text):
        raise unreadable()
    told = {"content-type": "application/xml; charset=utf-8", "content-location": base}
    try:
        parsed = feedparser.parse(
            io.BytesIO(_DECLARATION.sub("", text).encode("utf-8", "replace")),
            response_headers=told,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        entries = parsed.entries[:MOST_ITEMS]
        return _edition(parsed.feed, [_item(entry, base) for entry in entries])
    except Exception as error:  # a library on bytes from anywhere: whatever it stumbles over is no feed to us
        raise unreadable() from error


def _is_a_burden(text: str) -> bool:
    """Whether it would only keep its reader busy: markup without end, or within itself."""
    return text.count("<") > MOST_TAGS or text.count("&") > 2 * MOST_TAGS or is_too_deep(_outside_cdata(text))


def _outside_cdata(text: str) -> str:
    parts = text.split("<![CDATA[")
    return parts[0] + "".join(part.partition("]]>")[2] for part in parts[1:])


def _edition(feed: dict[str, Any], items: Iterable[Item]) -> Edition:
    return Edition(
        title=line(_words(feed, "title")),
        language=code(feed.get("language")),
        items=tuple(items),
        rest=_rest(feed),
        updated_at=_moment(feed, "updated_parsed", "published_parsed"),
        own=next(_linked(feed, "self"), ""),
        hubs=tuple(_linked(feed, "hub")),
    )


def _linked(feed: Mapping[str, Any], rel: str) -> Iterator[str]:
    return (str(link.get("href") or "") for link in feed.get("links", ()) if link.get("rel") == rel)


def _item(entry: dict[str, Any], base: str) -> Item:
    content = _content(entry)
    said_at = _moment(entry, "published_parsed", "updated_parsed", "created_parsed")
    edited_at = _moment(entry, "updated_parsed")
    title = entry.get("title_detail") or {}
    language = code(title.get("language")) or code((entry.get("summary_detail") or {}).get("language"))
    answered = entry.get("thr_in-reply-to")
    return Item(
        id=str(entry.get("id") or "").strip(),
        link=web(entry.get("link"), base),
        title=line(_words(entry, "title")),
        text=content,
        author=line(str((entry.get("author_detail") or {}).get("name") or entry.get("author") or "")),
        said_at=said_at,
        edited_at=edited_at if said_at and edited_at and edited_at > said_at else None,
        language=language,
        media=tuple(_media(entry, base))[:MOST_MEDIA],
        raw=_raw(entry),
        parent=str(answered.get("ref") or "").strip() if isinstance(answered, Mapping) else "",
        talk=web(entry.get("wfw_commentrss"), base) if entry.get("wfw_commentrss") else "",
        said=_number(entry.get("slash_comments")),
    )


def _words(owner: Mapping[str, Any], name: str) -> str:
    """A title as text: markup only where its feed says, or shows, that there is some."""
    value, kind = str(owner.get(name) or ""), (owner.get(f"{name}_detail") or {}).get("type", "")
    return plain(value) if "html" in kind else tidy(value)


def _content(entry: Mapping[str, Any]) -> str:
    """The longest that is told of an item: whole texts stand beside their summaries, in either order."""
    bodies = [(str(one.get("value") or ""), str(one.get("type") or "")) for one in entry.get("content", ())]
    bodies.append(
        (str(entry.get("summary") or ""), str((entry.get("summary_detail") or {}).get("type") or "text/html"))
    )
    return max((plain(value) if "html" in kind else tidy(value) for value, kind in bodies), key=len)


def _moment(owner: dict[str, Any], *names: str) -> datetime | None:
    """The first of these times that can be one."""
    for name in names:
        parsed = dict.get(owner, name)  # its own `get` gives one time for another
        if isinstance(parsed, time.struct_time):
            try:
                moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
            except (ValueError, OverflowError, OSError):
                continue
            if moment > _OLDEST:
                return moment
    return None


def _number(value: object) -> int | None:
    text = str(value or "").strip()
    return int(text) if text.isdecimal() and len(text) < 9 else None


def _rest(feed: Mapping[str, Any]) -> timedelta | None:
    """What `ttl` (minutes) or sy:updatePeriod asks for."""
    minutes = _number(feed.get("ttl"))
    if minutes:
        return timedelta(minutes=minutes)
    hours = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    return timedelta(hours=hours) / (_number(feed.get("sy_updatefrequency")) or 1) if hours else None


def _media(entry: Mapping[str, Any], base: str) -> Iterable[FetchedMedia]:
    """Pictures and films, each once: attached, or shown within the text."""
    seen = set()
    for kind, url, alt in (*_attached(entry), *_shown(entry)):
        whole = web(url, base)
        if whole and whole not in seen:
            seen.add(whole)
            yield FetchedMedia(kind, whole, line(alt)[:1000])


def _attached(entry: Mapping[str, Any]) -> Iterable[tuple[str, object, str]]:
    for one in (*entry.get("enclosures", ()), *entry.get("media_content", ()), *entry.get("media_thumbnail", ())):
        told = f"{one.get('medium', '')} {one.get('type', '')}"
        if "video" in told:
            yield "video", one.get("href") or one.get("url"), ""
        elif "image" in told or one in entry.get("media_thumbnail", ()):
            yield "image", one.get("href") or one.get("url"), ""


def _shown(entry: Mapping[str, Any]) -> Iterable[tuple[str, object, str]]:
    """Pictures within the text, without the dots that only count readers."""
    bodies = [str(one.get("value") or "") for one in entry.get("content", ())] or [str(entry.get("summary") or "")]
    for found in _PICTURE.finditer("".join(bodies)[:200_000]):
        told = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(found.group())}
        if told.get("width") not in ("0", "1") and told.get("height") not in ("0", "1"):
            yield "image", told.get("src", ""), told.get("alt", "")


def _raw(entry: Mapping[str, Any]) -> dict[str, object]:
    """The item as it was read, without what is only our reader's own."""
    return {str(name): value for name, value in entry.items() if not str(name).endswith("_parsed")}
