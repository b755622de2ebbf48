"""Whether posts still stand on Bluesky, and how far they went: a missing post is asked for once more by its record."""

from __future__ import annotations

from collections.abc import Iterable

from siach.networks.bluesky import read
from siach.networks.bluesky.listen import posts_of
from siach.networks.bluesky.read import POST, split_uri
from siach.networks.bluesky.session import Session
from siach.networks.contract import FetchedMetrics
from siach.networks.http import Refused

MOST = 100


def standing(session: Session, uris: Iterable[str]) -> dict[str, FetchedMetrics | None]:
    """Totals by address; None for a post that is gone. One that is only hidden from this account is left out."""
    asked = [uri for uri in uris if split_uri(uri)[1] == POST]
    views = posts_of(session, asked)
    told: dict[str, FetchedMetrics | None] = {uri: read.metrics(views[uri]) for uri in asked if uri in views}
    ended: dict[str, bool] = {}
    for uri in asked:
        if uri not in views and _is_gone(session, uri, ended):
            told[uri] = None
    return told


def _is_gone(session: Session, uri: str, ended: dict[str, bool]) -> bool:
    """Whether the network says that this record, or the account that it was of, is no more. `posts_of` leaves out
    what a block hides, too; the record of such a post is still told."""
    did, collection, rkey = split_uri(uri)
    try:
        session.get("com.atproto.repo.getRecord", {"repo": did, "collection": collection, "rkey": rkey})
    except Refused as refusal:
        if refusal.then != "never":
            raise
        if refusal.code == "RecordNotFound":
            return True
        if did not in ended:
            ended[did] = "repo" in refusal.message and _has_ended(session, did)
        return ended[did]
    return False


def _has_ended(session: Session, did: str) -> bool:
    """Whether the account was removed. One that is switched off or suspended may come back: it says so by a code of
    its own."""
    try:
        session.get("app.bsky.actor.getProfile", {"actor": did}, of_another=True)
    except Refused as refusal:
        if refusal.then != "never":
            raise
        return refusal.code == "InvalidRequest" and "not found" in refusal.message
    return False
