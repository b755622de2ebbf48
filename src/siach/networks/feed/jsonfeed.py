"""JSON Feed (versions 1 and 1.1) as an Edition."""

from __future__ import annotations

import json
from collections.abc import Iterable

from siach.networks.contract import FetchedMedia
from siach.networks.feed.edition import Edition, Item, code, unreadable, web
from siach.networks.feed.xmlfeed import MOST_ITEMS, MOST_MEDIA
from siach.networks.jsonmap import JsonMap, entries, mapping, moment, text_of
from siach.networks.markup import line, plain, tidy

_VERSION = "https://jsonfeed.org/version/1"


def is_feed(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def read(text: str, base: str) -> Edition:
    """The feed that this text is; NetworkError where it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise unreadable() from None
    if not isinstance(data, dict) or not text_of(data, "version").startswith(_VERSION):
        raise unreadable()
    return Edition(
        title=line(text_of(data, "title")),
        language=code(data.get("language")),
        items=tuple(_item(item, data, base) for item in entries(data, "items")[:MOST_ITEMS]),
        ended=data.get("expired") is True,
        own=text_of(data, "feed_url"),
        hubs=tuple(text_of(one, "url") for one in entries(data, "hubs") if text_of(one, "type").lower() == "websub"),
    )


def _item(item: JsonMap, feed: JsonMap, base: str) -> Item:
    said_at, edited_at = moment(text_of(item, "date_published")), moment(text_of(item, "date_modified"))
    said_at = said_at or edited_at
    words = tidy(text_of(item, "content_text")) or plain(text_of(item, "content_html"))
    return Item(
        id=_id(item.get("id")),
        link=web(item.get("url"), base) if item.get("url") else web(item.get("external_url"), ""),
        title=line(text_of(item, "title")),
        text=words or tidy(text_of(item, "summary")),
        author=_author(item) or _author(feed),
        said_at=said_at,
        edited_at=edited_at if said_at and edited_at and edited_at > said_at else None,
        language=code(item.get("language")),
        media=tuple(_media(item, base))[:MOST_MEDIA],
        raw=item,
    )


def _id(value: object) -> str:
    """An id is a string; the standard has readers take numbers too."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _author(owner: JsonMap) -> str:
    names = [text_of(one, "name") for one in (*entries(owner, "authors"), mapping(owner, "author"))]
    return line(next(filter(None, names), ""))


def _media(item: JsonMap, base: str) -> Iterable[FetchedMedia]:
    pictures = [text_of(item, "image"), text_of(item, "banner_image")]
    for url in dict.fromkeys(web(one, base) for one in pictures if one):
        if url:
            yield FetchedMedia("image", url)
    for one in entries(item, "attachments"):
        kind = text_of(one, "mime_type").split("/")[0]
        url = web(one.get("url"), base)
        if url and kind in ("image", "video"):
            yield FetchedMedia(kind, url, line(text_of(one, "title")))
