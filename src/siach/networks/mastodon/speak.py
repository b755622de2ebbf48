"""Speaking on Mastodon: answering one exact post, to those alone who hear it; what became of it; removing."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from siach.networks import graphemes
from siach.networks.contract import Eligibility, Finding, Found, NetworkError, Sent, Sleeper, TextLimit
from siach.networks.http import Refused
from siach.networks.jsonmap import JsonMap, mapping, moment, text_of
from siach.networks.mastodon import read
from siach.networks.mastodon.listen import find_status
from siach.networks.mastodon.session import LENGTH, URL_LENGTH, Session

LIMIT = TextLimit(length=LENGTH)
PRIVATE = ("private", "direct")
#: How long a server may still be busy with a post whose answer was lost.
LATE = 4.0
OWN = 40
FAR_BACK = timedelta(days=1)
_HANDLE = re.compile(r"(?<![\w@/])@([\w.-]*\w)(?:@([\w-]+(?:[.:][\w-]+)*))?")
_LINK = re.compile(r"https?://\S+")
_HEBREW = re.compile(r"[\u05d0-\u05ea]")
Target = Mapping[str, object]


def check_text(session: Session, text: str, target: Target | None) -> None:
    """Raises "never" for a text that the account's server would refuse, with the name it is addressed to, and for one
    that would show a private conversation to somebody else."""
    if not text.strip():
        raise NetworkError("There is no text to send.", "never")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        raise NetworkError("The text holds broken characters.", "never")
    words = text
    if target and session.grant:
        _only_among_those(session, text, target)
        words = _addressed(session, text, target)
    length = _length(words, int(session.grant.data.get("url_length", URL_LENGTH)) if session.grant else URL_LENGTH)
    if length > session.length:
        raise NetworkError(f"The text has {length} letters; Mastodon takes {session.length}.", "never")


def eligible(target: Target) -> Eligibility:
    """Where an answer may stand: where the post itself does."""
    visibility = text_of(target, "visibility")
    if not text_of(target, "id") or visibility not in (*read.PUBLIC, *PRIVATE):
        return Eligibility(public=False, reason="This post is not on Mastodon.")
    return Eligibility(public=visibility in read.PUBLIC, private=visibility in PRIVATE)


def send(session: Session, text: str, target: Target | None, key: str) -> Sent:
    """Publish once for `key`. An answer keeps the visibility of what it answers."""
    check_text(session, text, target)
    body: dict[str, object] = {"status": text, "visibility": "public"}
    if target is not None:
        now = _answered(session, target)
        check_text(session, text, now)
        body = {"status": _addressed(session, text, now), "visibility": now["visibility"], "in_reply_to_id": now["id"]}
    language = _language(text, text_of(target or {}, "language"))
    if language:
        body["language"] = language
    return _sent(session.post("/api/v1/statuses", body, key))


def find(session: Session, text: str, target: Target | None, sleep: Sleeper | None, now: datetime) -> Found:
    """Look for the post among the account's own. Where it is missing, only Mastodon itself takes the same key again
    without making a second post: of any other server nobody can say, nor where what was seen goes back too little."""
    own: tuple[JsonMap, ...] = ()
    for pause in (0.0, LATE):
        if pause:
            (sleep or time.sleep)(pause)
        params = {"limit": OWN, "exclude_reblogs": True}
        own = session.get_list(f"/api/v1/accounts/{quote(session.id, safe='')}/statuses", params).items
        for status in own:
            if not mapping(status, "reblog") and _is_it(session, status, text, target):
                return Found(Finding.SENT, _sent(status))
    oldest = moment(text_of(own[-1], "created_at")) if len(own) >= OWN else None
    saw_enough = len(own) < OWN or (oldest is not None and now - oldest > FAR_BACK)
    return Found(Finding.ABSENT if session.is_mastodon and saw_enough else Finding.UNSURE)


def delete(session: Session, external_id: str) -> None:
    """Remove a post of the account; one that is gone already is fine."""
    status = find_status(session, external_id)
    if status is None:
        return
    if text_of(mapping(status, "account"), "id") != session.id:
        raise NetworkError("Only the account's own posts can be removed.", "never")
    try:
        session.delete(f"/api/v1/statuses/{quote(text_of(status, 'id'), safe='')}")
    except Refused as refusal:
        if refusal.status != 404:
            raise


def local_id(session: Session, target: Target) -> str:
    """The post's id on the account's server; "" where that server does not know it."""
    if text_of(target, "server") == session.server:
        return text_of(target, "id")
    uri = text_of(target, "uri")
    return text_of((find_status(session, uri) if uri else None) or {}, "id")


def _answered(session: Session, target: Target) -> dict[str, object]:
    """The post as it stands now. Looked at first: some servers take an answer to a post that is gone as a post of
    its own."""
    status_id = local_id(session, target)
    try:
        status = session.get(f"/api/v1/statuses/{quote(status_id, safe='')}") if status_id else {}
    except Refused as refusal:
        if refusal.status not in (404, 410):
            raise
        status = {}
    if text_of(status, "id") != status_id or not status_id:
        raise NetworkError("The post is gone, or hidden from this account.", "never")
    now = read.target(status, session.server, session.domain)
    if not (allowed := eligible(now)).public and not allowed.private:
        raise NetworkError(allowed.reason, "never")
    return now


def _only_among_those(session: Session, text: str, target: Target) -> None:
    """In a private conversation naming somebody else would show it to them."""
    people = target.get("people")
    taking_part = {text_of(target, "acct"), *(people if isinstance(people, list) else [])}
    taking_part.add(session.grant.data["handle"] if session.grant else "")
    known = {str(acct).casefold() for acct in taking_part}
    if text_of(target, "visibility") in PRIVATE and not _handles(text, session.domain) <= known:
        raise NetworkError("Only whoever takes part in a private conversation may be named in it.", "never")


def _handles(text: str, domain: str) -> set[str]:
    return {f"{name}@{server or domain}".casefold() for name, server in _HANDLE.findall(_LINK.sub("", text))}


def _addressed(session: Session, text: str, target: Target) -> str:
    """The words as they go out: whoever they answer is named, else they would not hear of it."""
    acct = text_of(target, "acct")
    if not acct or acct.casefold() in _handles(text, session.domain):
        return text
    return f"@{acct.removesuffix(f'@{session.domain}')} {text}"


def _length(text: str, url_length: int) -> int:
    """As the server counts: an address has one length, and of a handle its server is not counted."""
    counted = _LINK.sub("x" * url_length, text)
    return graphemes.count(_HANDLE.sub(lambda hit: f"@{hit[1]}", counted))


def _language(text: str, answered: str) -> str:
    """The language that is told of the words: Hebrew by its letters, else that of the post they answer."""
    if _HEBREW.search(text):
        return "he"
    return answered if answered != "he" else ""


def _is_it(session: Session, status: JsonMap, text: str, target: Target | None) -> bool:
    answers = text_of(status, "in_reply_to_id")
    if answers != (local_id(session, target) if target is not None else ""):
        return False
    return _letters(read.plain(text_of(status, "content"))) == _letters(text)


def _letters(text: str) -> str:
    """What two servers show alike of the same words: no handles, no marks, no spaces."""
    return re.sub(r"[\W_]", "", _HANDLE.sub("", text)).casefold()


def _sent(status: JsonMap) -> Sent:
    uri = text_of(status, "uri")
    if not uri:
        raise NetworkError("The server's answer has an unexpected shape.", "unknown")
    return Sent(uri, text_of(status, "url") or uri)
