"""Bluesky's JSON as FetchedPost. Trusts nothing: a post that lacks what a post needs becomes None."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from siach.networks.contract import FetchedAuthor, FetchedMedia, FetchedMetrics, FetchedPost, Reason
from siach.networks.jsonmap import JsonMap, entries, mapping, moment, number, text_of

POST = "app.bsky.feed.post"


def split_uri(uri: str) -> tuple[str, str, str]:
    """(account, collection, record key) of an at:// address; empty strings for anything else."""
    parts = uri.removeprefix("at://").split("/")
    if not uri.startswith("at://") or len(parts) != 3:
        return "", "", ""
    return parts[0], parts[1], parts[2]


def web_url(uri: str) -> str:
    did, _, rkey = split_uri(uri)
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def post(view: JsonMap, reason: Reason = "", followers: int | None = None) -> FetchedPost | None:
    """A post view (app.bsky.feed.defs#postView) as a FetchedPost; None when it is no readable post."""
    uri, record = text_of(view, "uri"), mapping(view, "record")
    author, did = mapping(view, "author"), text_of(mapping(view, "author"), "did")
    said_at = _said_at(text_of(record, "createdAt"), text_of(view, "indexedAt"))
    if split_uri(uri)[1] != POST or not did or said_at is None:
        return None
    reply = mapping(record, "reply")
    return FetchedPost(
        external_id=uri,
        url=web_url(uri),
        text=text_of(record, "text"),
        said_at=said_at,
        author=FetchedAuthor(
            external_id=did,
            handle=text_of(author, "handle"),
            name=text_of(author, "displayName"),
            followers=followers,
            avatar_url=text_of(author, "avatar"),
        ),
        parent_external_id=text_of(mapping(reply, "parent"), "uri") or None,
        root_external_id=text_of(mapping(reply, "root"), "uri") or None,
        language=_language(record),
        metrics=metrics(view),
        media=(*_media(mapping(view, "embed")), *_links(record)),
        reason=reason,
        raw=view,
        target=_target(view, record),
    )


def metrics(view: JsonMap) -> FetchedMetrics:
    """Running totals; a quote counts as a share, as a repost does."""
    return FetchedMetrics(
        likes=number(view, "likeCount"),
        shares=number(view, "repostCount") + number(view, "quoteCount"),
        comments=number(view, "replyCount"),
    )


def thread_views(node: JsonMap) -> Iterator[JsonMap]:
    """Every post view of a thread answer, in no order; without recursion, for threads may be deep."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if mapping(node, "post"):
            yield mapping(node, "post")
        waiting.extend(entries(node, "replies"))
        if mapping(node, "parent"):
            waiting.append(mapping(node, "parent"))


def _said_at(created: str, indexed: str) -> datetime | None:
    """The author's own time, but never later than when the network saw the post: clients lie."""
    said, seen = moment(created), moment(indexed)
    return min(said, seen) if said and seen else seen or said


def _language(record: JsonMap) -> str | None:
    """The one language its author declared; with several declared nobody knows which this post is in."""
    langs = record.get("langs")
    only = langs[0] if isinstance(langs, list) and len(langs) == 1 else None
    return only.split("-")[0].lower() or None if isinstance(only, str) else None


def _target(view: JsonMap, record: JsonMap) -> dict[str, object]:
    root = mapping(mapping(record, "reply"), "root")
    uri, cid = text_of(view, "uri"), text_of(view, "cid")
    viewer, author_viewer = mapping(view, "viewer"), mapping(mapping(view, "author"), "viewer")
    return {
        "uri": uri,
        "cid": cid,
        "root_uri": text_of(root, "uri") or uri,
        "root_cid": text_of(root, "cid") or cid,
        "closed": viewer.get("replyDisabled") is True,
        "blocked": author_viewer.get("blockedBy") is True or bool(author_viewer.get("blocking")),
    }


def _media(embed: JsonMap) -> Iterator[FetchedMedia]:
    kind = text_of(embed, "$type").removesuffix("#view")
    if kind == "app.bsky.embed.images":
        for image in entries(embed, "images"):
            yield FetchedMedia("image", text_of(image, "fullsize"), text_of(image, "alt"))
    elif kind == "app.bsky.embed.video":
        yield FetchedMedia("video", text_of(embed, "playlist"), text_of(embed, "alt"))
    elif kind == "app.bsky.embed.external":
        external = mapping(embed, "external")
        yield FetchedMedia("link", text_of(external, "uri"), text_of(external, "title"))
    elif kind == "app.bsky.embed.recordWithMedia":
        yield from _media(mapping(embed, "media"))


def _links(record: JsonMap) -> Iterator[FetchedMedia]:
    """Links in the text: the text itself often shows them shortened."""
    for facet in entries(record, "facets"):
        for feature in entries(facet, "features"):
            if text_of(feature, "$type") == "app.bsky.richtext.facet#link" and text_of(feature, "uri"):
                yield FetchedMedia("link", text_of(feature, "uri"))
