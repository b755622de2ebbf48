"""The feed that an ordinary web page names."""

from __future__ import annotations

import html
import re

from siach.networks.feed.edition import web

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_HEAD = 500_000
_PAGE = re.compile(r"<(!doctype\s+html|html|head|body|link|meta)\b", re.IGNORECASE)
_LINK = re.compile(r"<(link|base)\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z]{1,20})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


def feeds_of(text: str, base: str) -> list[str]:
    """The feeds that a page names, in its order; those of comments behind the others."""
    text = text[:_HEAD]
    if not _PAGE.search(text):
        return []
    tags = [(tag.lower(), _told(attributes)) for tag, attributes in _LINK.findall(text)]
    based = next((told["href"] for tag, told in tags if tag == "base" and told.get("href")), "")
    base = web(based, base) or base
    found = [told for tag, told in tags if tag == "link" and _is_feed(told)]
    found.sort(key=lambda told: _is_of_comments(told.get("href", ""), told.get("title", "")))
    return [url for url in dict.fromkeys(web(told.get("href"), base) for told in found if told.get("href")) if url]


def _told(attributes: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(attributes)
    return {name.lower(): html.unescape(double or single or bare) for name, double, single, bare in found}


def _is_feed(told: dict[str, str]) -> bool:
    kind = told.get("type", "").split(";")[0].strip().lower()
    return "alternate" in told.get("rel", "").lower().split() and kind in _TYPES


def _is_of_comments(href: str, title: str) -> bool:
    return "comment" in f"{href} {title}".lower() or "תגוב" in title
