"""Mastodon's JSON as FetchedPost, and its HTML as plain text. Trusts nothing: what is no readable post is None."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

import nh3

from siach.networks.contract import FetchedAuthor, FetchedMedia, FetchedMetrics, FetchedPost, Reason
from siach.networks.jsonmap import JsonMap, entries, mapping, moment, number, text_of
from siach.networks.markup import MOST_MARKUP, is_too_deep

_KINDS = {"image": "image", "gifv": "video", "video": "video", "audio": "video"}
_BREAKS = ((re.compile(r"<br ?/?>"), "\n"), (re.compile(r"</p>\s*"), "\n\n"), (re.compile(r"</li>\s*"), "\n"))
_TAG = re.compile(r"<[^<>]*>")
_OURS = {"p", "br", "li"}
PUBLIC = ("public", "unlisted")


def plain(content: str) -> str:
    """The words of a post's HTML: no markup, line breaks kept, links whole as they stand in it."""
    text = content[:MOST_MARKUP]
    if not is_too_deep(text):
        text = nh3.clean(text, tags=_OURS, attributes={})
    for pattern, instead in _BREAKS:
        text = pattern.sub(instead, text)
    return html.unescape(_TAG.sub("", text)).strip()


def itself(status: JsonMap) -> JsonMap:
    """The post that was said: of a share, the one that was shared."""
    return mapping(status, "reblog") or status


def post(
    status: JsonMap,
    reason: Reason,
    *,
    server: str,
    domain: str,
    seen: datetime,
    uris: Mapping[str, str] | None = None,
    root: str = "",
) -> FetchedPost | None:
    """A Status as a FetchedPost; None when it is no readable post.

    `seen`: when the server had it at the latest, because authors' clocks lie. `uris`: the addresses of statuses by
    their ids on this server, among them the one that this answers.
    """
    uri, said_at = text_of(status, "uri"), moment(text_of(status, "created_at"))
    author = _author(mapping(status, "account"), domain)
    if not uri or not text_of(status, "id") or author is None or said_at is None:
        return None
    parent = (uris or {}).get(text_of(status, "in_reply_to_id"), "")
    words = [text_of(status, "spoiler_text").strip(), plain(text_of(status, "content"))]
    return FetchedPost(
        external_id=uri,
        url=text_of(status, "url") or uri,
        text="\n\n".join(part for part in words if part),
        said_at=min(said_at, seen),
        author=author,
        parent_external_id=parent or None,
        root_external_id=root or parent or None,
        language=text_of(status, "language").split("-")[0].lower() or None,
        metrics=metrics(status),
        media=tuple(_media(status)),
        reason=reason,
        raw=status,
        edited_at=moment(text_of(status, "edited_at")),
        target={**target(status, server, domain), "to_us": reason in ("mention", "reply")},
        is_private=text_of(status, "visibility") not in PUBLIC,
    )


def metrics(status: JsonMap) -> FetchedMetrics:
    """Running totals as this server knows them; a quote counts as a share."""
    return FetchedMetrics(
        likes=number(status, "favourites_count"),
        shares=number(status, "reblogs_count") + number(status, "quotes_count"),
        comments=number(status, "replies_count"),
    )


def target(status: JsonMap, server: str, domain: str) -> dict[str, object]:
    """What answering needs: the post's id on this very server, who hears it, and who takes part in it."""
    account = mapping(status, "account")
    return {
        "id": text_of(status, "id"),
        "server": server,
        "uri": text_of(status, "uri"),
        "visibility": text_of(status, "visibility"),
        "language": text_of(status, "language"),
        "account": text_of(account, "id"),
        "acct": full_acct(text_of(account, "acct"), domain),
        "people": [full_acct(text_of(one, "acct"), domain) for one in entries(status, "mentions")],
    }


def full_acct(acct: str, domain: str) -> str:
    """A handle with its server: a server leaves its own name out."""
    return acct if "@" in acct or not acct else f"{acct}@{domain}"


def _author(account: JsonMap, domain: str) -> FetchedAuthor | None:
    known_by, acct = text_of(account, "uri") or text_of(account, "url"), text_of(account, "acct")
    if not known_by or not acct:
        return None
    return FetchedAuthor(
        external_id=known_by,
        handle=full_acct(acct, domain),
        name=text_of(account, "display_name"),
        followers=number(account, "followers_count"),
        avatar_url=text_of(account, "avatar"),
    )


def _media(status: JsonMap) -> Iterator[FetchedMedia]:
    for one in entries(status, "media_attachments"):
        kind, url = _KINDS.get(text_of(one, "type")), text_of(one, "url") or text_of(one, "remote_url")
        if kind and url:
            yield FetchedMedia(kind, url, text_of(one, "description"))
    card = mapping(status, "card")
    if text_of(card, "url"):
        yield FetchedMedia("link", text_of(card, "url"), text_of(card, "title"))
