"""A post as evidence: its canonical form, its hash, and the file that carries both out of here."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from siach.talk import pictures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from siach.talk.models import Evidence, Media, Post, PostMetrics

FORM = 1
_DAY_ONE = (1980, 1, 1, 0, 0, 0)


def copy_of(
    post: Post, *, metrics: PostMetrics | None, found: Sequence[Media], kept_by: str, at: datetime
) -> dict[str, Any]:
    """Everything the copy says, as plain JSON. Times are UTC."""
    return {
        "form": FORM,
        "network": post.network,
        "key": post.key,
        "link": post.url,
        "place": post.thread.place,
        "author": {"id": post.author.external_id, "handle": post.author.handle, "name": post.author.name},
        "text": post.text,
        "is_cut": post.is_cut,
        "answers": post.parent_key,
        "said_at": _time(post.said_at),
        "heard_at": _time(post.heard_at),
        "edited_at": _time(post.edited_at),
        "numbers": _numbers(metrics),
        "pictures": [{"sha256": one.sha256, "kind": one.kind, "size": one.size} for one in found],
        "kept_at": _time(at),
        "kept_by": kept_by,
    }


def canonical(copy: Mapping[str, Any]) -> bytes:
    """The very bytes that are hashed: JSON in UTF-8, keys sorted, no space between."""
    return json.dumps(copy, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(copy: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(copy)).hexdigest()


def is_whole(evidence: Evidence) -> bool:
    """Whether the copy still is what was kept."""
    return digest_of(evidence.copy) == evidence.digest


def packed(evidence: Evidence) -> bytes:
    """A zip of the canonical copy and its pictures, with SHA256SUMS that `sha256sum -c` checks."""
    files = {"evidence.json": canonical(evidence.copy)}
    for picture in evidence.pictures.order_by("pk"):
        path = pictures.path_of(picture.sha256)
        if path.is_file():
            files[f"{picture.sha256}.{picture.kind.removeprefix('image/')}"] = path.read_bytes()
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (files | {"SHA256SUMS": sums.encode()}).items():
            archive.writestr(zipfile.ZipInfo(name, _DAY_ONE), data)
    return out.getvalue()


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _numbers(metrics: PostMetrics | None) -> dict[str, Any] | None:
    if metrics is None:
        return None
    return {
        "at": _time(metrics.at),
        "likes": metrics.likes,
        "comments": metrics.comments,
        "shares": metrics.shares,
        "views": metrics.views,
    }
