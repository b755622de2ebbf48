"""Whether posts still stand, and how far they went, as the account's own server knows."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from siach.networks.contract import FetchedMetrics, NetworkError
from siach.networks.http import Refused
from siach.networks.jsonmap import JsonMap, mapping, text_of
from siach.networks.mastodon import read
from siach.networks.mastodon.session import Session

MOST = 20
Targets = Mapping[str, Mapping[str, object]]


def standing(session: Session, targets: Targets) -> dict[str, FetchedMetrics | None]:
    """Totals by address; None for a post that is gone. One that is only hidden from this account is left out."""
    ids = {
        text_of(target, "id"): uri
        for uri, target in targets.items()
        if text_of(target, "server") == session.server and text_of(target, "id")
    }
    told: dict[str, FetchedMetrics | None] = {
        ids[text_of(status, "id")]: read.metrics(read.itself(status))
        for status in _together(session, list(ids))
        if text_of(status, "id") in ids
    }
    missing = {status_id: uri for status_id, uri in ids.items() if uri not in told}
    answers: dict[str, bool] = {}
    for status_id, uri in missing.items():
        status = _alone(session, status_id)
        if status is not None:
            told[uri] = read.metrics(read.itself(status))
        elif _is_gone(session, targets[uri], answers):
            told[uri] = None
    return told


def _together(session: Session, ids: list[str]) -> tuple[JsonMap, ...]:
    """What Mastodon gives of many at once; other servers, and those before 4.3, are asked for one at a time."""
    if not ids or not session.is_mastodon:
        return ()
    try:
        return session.get_list("/api/v1/statuses", {"id[]": ids}).items
    except Refused as refusal:
        if refusal.then != "never":
            raise
        return ()


def _alone(session: Session, status_id: str) -> JsonMap | None:
    try:
        return session.get(f"/api/v1/statuses/{quote(status_id, safe='')}")
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None


def _is_gone(session: Session, target: Mapping[str, object], answers: dict[str, bool]) -> bool:
    """A server says "not found" of a post that it may not show this account, too. So the post is gone only where the
    server answers well of ourselves, and its author is gone, or is there and neither blocks us nor is suspended. Of
    what was said to followers alone, and not to us, nobody can tell."""
    if "self" not in answers:
        me = session.get("/api/v1/accounts/verify_credentials")
        answers["self"] = text_of(me, "id") == session.id
    is_ours = text_of(target, "account") == session.id
    told_us = is_ours or target.get("to_us") is True
    if not answers["self"] or (text_of(target, "visibility") == "private" and not told_us):
        return False
    author = text_of(target, "account")
    if author not in answers:
        answers[author] = bool(author) and (is_ours or _shows_itself(session, author))
    return answers[author]


def _shows_itself(session: Session, author: str) -> bool:
    """Whether nothing stands between the account and this author but that a post is no more."""
    try:
        account = session.get(f"/api/v1/accounts/{quote(author, safe='')}")
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return True
    if account.get("suspended") is True or mapping(account, "moved"):
        return False
    try:
        known = session.get_list("/api/v1/accounts/relationships", {"id[]": [author]}).items
    except NetworkError as error:
        if error.then != "never":
            raise
        return False
    return any(one.get("blocked_by") is not True for one in known if text_of(one, "id") == author)
