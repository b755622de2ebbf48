"""Speaking on Bluesky: answering one exact post, once; finding what became of it; hiding and removing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from siach.networks import graphemes
from siach.networks.bluesky import read
from siach.networks.bluesky.facets import facets
from siach.networks.bluesky.listen import posts_of
from siach.networks.bluesky.read import POST, split_uri
from siach.networks.bluesky.record_key import record_key
from siach.networks.bluesky.session import Session
from siach.networks.contract import Eligibility, Finding, Found, NetworkError, Sent, TextLimit
from siach.networks.http import Refused
from siach.networks.jsonmap import mapping, text_of

GATE = "app.bsky.feed.threadgate"
LIMIT = TextLimit(length=300, bytes=3000)
HIDDEN_MOST = 300
Target = Mapping[str, object]


def check_text(text: str) -> None:
    """Raises "never" for a text that Bluesky would refuse: empty, or above 300 graphemes or 3,000 bytes."""
    if not text.strip():
        raise NetworkError("There is no text to send.", "never")
    length = graphemes.count(text)
    if length > LIMIT.length:
        raise NetworkError(f"The text has {length} letters; Bluesky takes {LIMIT.length}.", "never")
    size = len(text.encode(errors="replace"))
    if LIMIT.bytes and size > LIMIT.bytes:
        raise NetworkError(f"The text has {size} bytes; Bluesky takes {LIMIT.bytes}.", "never")
    if not text.isprintable() and any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        raise NetworkError("The text holds broken characters.", "never")


def eligible(target: Target) -> Eligibility:
    """Whether the post's author lets this account answer, as far as the post told when it was read."""
    if not text_of(target, "uri") or not text_of(target, "cid"):
        return Eligibility(public=False, reason="This post is not on Bluesky.")
    if target.get("blocked") is True:
        return Eligibility(public=False, reason="The author and this account have blocked each other.")
    if target.get("closed") is True:
        return Eligibility(public=False, reason="The author closed this thread for replies.")
    return Eligibility(public=True)


def send(session: Session, text: str, target: Target | None, key: str, now: datetime) -> Sent:
    """Publish under the record key made of `key`; a second send of the same key finds the first one."""
    check_text(text)
    try:
        record: dict[str, object] = {
            "$type": POST,
            "text": text,
            "createdAt": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if target is not None:
            record["reply"] = _reply(session, target)
        rich = facets(text, lambda handle: _account(session, handle))
        if rich:
            record["facets"] = rich
        body = {"repo": session.did, "collection": POST, "rkey": record_key(key), "record": record}
        made = session.post("com.atproto.repo.createRecord", body)
    except NetworkError as error:
        # The server says 500 to a key that exists, and a post deleted since says 400: our own record decides.
        before = _own_post(session, key) if error.then in ("unknown", "never") else None
        if before is None:
            raise
        return _same(before, text, target)
    uri = text_of(made, "uri")
    if split_uri(uri) != (session.did, POST, record_key(key)):
        raise NetworkError("The server's answer has an unexpected shape.", "unknown")
    return Sent(uri, read.web_url(uri))


def find(session: Session, key: str) -> Found:
    """Ask the account's own server, where the record is written first, for the record of this key."""
    if _record(session, POST, record_key(key)) is None:
        return Found(Finding.ABSENT)
    uri = _uri(session, POST, record_key(key))
    return Found(Finding.SENT, Sent(uri, read.web_url(uri)))


def hide(session: Session, target: Target) -> None:
    """Hide a reply in a thread of the account's own, for everyone, by the thread's gate."""
    uri, root = text_of(target, "uri"), text_of(target, "root_uri")
    owner, _, rkey = split_uri(root)
    if owner != session.did or uri == root:
        raise NetworkError("Only replies in the account's own threads can be hidden.", "never")
    held = _record(session, GATE, rkey)
    gate = dict(mapping(held or {}, "value")) or {
        "$type": GATE,
        "post": root,
        "createdAt": _created_at(session, split_uri(root)[2]),
    }
    hidden = gate.get("hiddenReplies")
    hidden = list(hidden) if isinstance(hidden, list) else []
    if uri in hidden:
        return
    if len(hidden) >= HIDDEN_MOST:
        raise NetworkError(f"Bluesky hides {HIDDEN_MOST} replies of a thread at most.", "never")
    body = {
        "repo": session.did,
        "collection": GATE,
        "rkey": rkey,
        "record": {**gate, "hiddenReplies": [*hidden, uri]},
        "swapRecord": text_of(held, "cid") if held else None,
    }
    try:
        session.post("com.atproto.repo.putRecord", body)
    except Refused as refusal:
        if refusal.code != "InvalidSwap":
            raise
        raise NetworkError("Someone else changed this thread just now.", "retry_at") from refusal


def delete(session: Session, external_id: str) -> None:
    """Remove a post of the account; one that is gone already is fine."""
    owner, collection, rkey = split_uri(external_id)
    if owner != session.did or collection != POST:
        raise NetworkError("Only the account's own posts can be removed.", "never")
    session.post("com.atproto.repo.deleteRecord", {"repo": session.did, "collection": POST, "rkey": rkey})


def _reply(session: Session, target: Target) -> dict[str, object]:
    """The reply reference. Looks at the post first: Bluesky would take an answer to a post that is gone
    or closed, and show it to nobody."""
    uri = text_of(target, "uri")
    view = posts_of(session, [uri]).get(uri) if uri else None
    post = read.post(view) if view else None
    if post is None:
        raise NetworkError("The post is gone, or hidden from this account.", "never")
    allowed = eligible(post.target)
    if not allowed.public:
        raise NetworkError(allowed.reason, "never")
    now = {name: text_of(post.target, name) for name in ("uri", "cid", "root_uri", "root_cid")}
    return {
        "root": {"uri": now["root_uri"], "cid": now["root_cid"]},
        "parent": {"uri": now["uri"], "cid": now["cid"]},
    }


def _account(session: Session, handle: str) -> str | None:
    """The account id of a handle; None for a handle that nobody has."""
    try:
        answer = session.get("com.atproto.identity.resolveHandle", {"handle": handle})
    except Refused as refusal:
        if refusal.then == "never":
            return None
        raise
    return text_of(answer, "did") or None


def _own_post(session: Session, key: str) -> dict[str, object] | None:
    """The record already standing under this key; None where there is none or nobody can tell."""
    try:
        return _record(session, POST, record_key(key))
    except NetworkError:
        return None


def _same(before: Mapping[str, object], text: str, target: Target | None) -> Sent:
    """The earlier post of this key, if it is the one that was to be sent."""
    value = mapping(before, "value")
    parent = text_of(mapping(mapping(value, "reply"), "parent"), "uri")
    if text_of(value, "text") != text or parent != (text_of(target, "uri") if target else ""):
        raise NetworkError("Another post was sent with this key before.", "never")
    uri = text_of(before, "uri")
    return Sent(uri, read.web_url(uri))


def _record(session: Session, collection: str, rkey: str) -> dict[str, object] | None:
    """A record of the account's own; None when the server is sure that there is none."""
    try:
        return session.get("com.atproto.repo.getRecord", {"repo": session.did, "collection": collection, "rkey": rkey})
    except Refused as refusal:
        if refusal.code == "RecordNotFound":
            return None
        raise


def _created_at(session: Session, rkey: str) -> str:
    """When the thread was opened: a gate may not be older than its thread, and this needs no clock."""
    record = _record(session, POST, rkey)
    if record is None:
        raise NetworkError("The thread is gone.", "never")
    return text_of(mapping(record, "value"), "createdAt")


def _uri(session: Session, collection: str, rkey: str) -> str:
    return f"at://{session.did}/{collection}/{rkey}"
