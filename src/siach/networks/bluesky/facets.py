"""Rich text of a Bluesky post: links, mentions and tags as ranges of UTF-8 bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from siach.networks import graphemes

_MARKS = r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
_BEFORE = rf"(?:^|(?<=[\s(\[{{\"'\u201c\u201e\u05f4,;])){_MARKS}"
_LINK = re.compile(rf"{_BEFORE}(https?://[^\s<>\"]+)", re.IGNORECASE)
_MENTION = re.compile(rf"{_BEFORE}(@((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]*))")
_TAG = re.compile(rf"{_BEFORE}([#\uff03](?!\ufe0f)([^\s#\u00ad\u2060\u200a-\u200d\u20e2]+))")
_TAG_LENGTH, _TAG_BYTES = 64, 640
Resolve = Callable[[str], str | None]
Facet = dict[str, object]


def facets(text: str, resolve: Resolve) -> list[Facet]:
    """The facets of `text`, in order. `resolve` tells the account id of a handle, or None: then the
    mention stays plain text."""
    found: list[tuple[int, int, Facet]] = []
    for hit in _LINK.finditer(text):
        link = _without_tail(hit[1])
        found.append((hit.start(1), hit.start(1) + len(link), {"$type": _kind("link"), "uri": link}))
    for hit in _MENTION.finditer(text):
        did = resolve(hit[2].lower())
        if did:
            found.append((hit.start(1), hit.end(1), {"$type": _kind("mention"), "did": did}))
    for hit in _TAG.finditer(text):
        tag = _without_punctuation(hit[2])
        if _is_tag(tag):
            found.append((hit.start(1), hit.start(2) + len(tag), {"$type": _kind("tag"), "tag": tag}))
    made: list[Facet] = []
    reached = 0
    for start, end, feature in sorted(found, key=lambda entry: entry[:2]):
        if start >= reached:  # a tag inside a link is part of the link
            reached = end
            made.append({"index": _bytes(text, start, end), "features": [feature]})
    return made


def _kind(name: str) -> str:
    return f"app.bsky.richtext.facet#{name}"


def _bytes(text: str, start: int, end: int) -> dict[str, int]:
    first = len(text[:start].encode())
    return {"byteStart": first, "byteEnd": first + len(text[start:end].encode())}


def _without_tail(link: str) -> str:
    """A link without the sentence's punctuation, and without a bracket that was opened before it."""
    while link and (link[-1] in ".,;:!?'\u2019\u201d\u05f3\u05f4" or (link[-1] == ")" and "(" not in link)):
        link = link[:-1]
    return link


def _without_punctuation(tag: str) -> str:
    while tag and unicodedata.category(tag[-1]).startswith("P"):
        tag = tag[:-1]
    return tag


def _is_tag(tag: str) -> bool:
    return bool(tag) and not tag.isdecimal() and graphemes.count(tag) <= _TAG_LENGTH and len(tag.encode()) <= _TAG_BYTES
