"""The feed that an ordinary web page names."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from siach.networks.feed.edition import web

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_HEAD = 500_000
_PAGE = re.compile(r"<(!doctype\s+html|html|head|body|link|meta)\b", re.IGNORECASE)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = told.get("href", "")
        if tag != "link" or "alternate" not in told.get("rel", "").lower().split():
            return
        if told.get("type", "").split(";")[0].strip().lower() in _TYPES:
            self.found.append((told.get("href", ""), told.get("title", "").lower()))


def feeds_of(text: str, base: str) -> list[str]:
    """The feeds that a page names, in its order; those of comments behind the others."""
    if not _PAGE.search(text[:_HEAD]):
        return []
    links = _Links()
    links.feed(text[:_HEAD])
    base = web(links.base, base) if links.base else base
    ordered = sorted(links.found, key=lambda one: "comment" in f"{one[0].lower()} {one[1]}" or "תגוב" in one[1])
    return [url for url in dict.fromkeys(web(href, base or "") for href, _title in ordered if href) if url]
