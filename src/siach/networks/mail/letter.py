"""The bytes of a mail as what it says: whoever wrote them, whatever they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice

from siach.networks.charset import decode
from siach.networks.mail.folding import ANSWER, FORWARD, folded
from siach.networks.markup import line, plain, tidy

MOST_PARTS = 200
MOST_NAMED = 10
_ID = re.compile(r"<([^<>\s]{1,500})>")
_QUOTES = frozenset(("blockquote",))


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `id`, `parent` and `root` are Message-IDs without their brackets; `text`: its own words, `whole`: all."""

    id: str
    parent: str
    root: str
    address: str
    name: str
    subject: str
    said_at: datetime | None
    text: str
    whole: str
    attached: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    is_automatic: bool


def read(raw: bytes) -> Letter:
    message: Message = message_from_bytes(raw, policy=policy.compat32)
    texts, pages, attached = _parts(message)
    subject = line(header(message, "subject"))
    whole = "\n\n".join(texts) or "\n\n".join(map(plain, pages))
    known = _ID.findall(_raw(message, "references"))
    answered = _ID.findall(_raw(message, "in-reply-to")) or known[-1:]
    address, name = _author(message)
    return Letter(
        id=next(iter(_ID.findall(_raw(message, "message-id"))), ""),
        parent=answered[0] if answered else "",
        root=known[0] if known else answered[0] if answered else "",
        address=address,
        name=name,
        subject=subject,
        said_at=_date(_raw(message, "date")),
        text=_own(texts, pages, subject, whole),
        whole=whole,
        attached=tuple(attached[:MOST_NAMED]),
        headers=tuple((key, header_text(value)) for key, value in message.raw_items())[:MOST_PARTS],
        is_automatic=_is_automatic(message),
    )


#: Far more than a post keeps.
_MOST_FOLDED = 200_000


def _own(texts: list[str], pages: list[str], subject: str, whole: str) -> str:
    """What the writer said here. What is forwarded is what it is sent for, so all of it stays."""
    if FORWARD.match(subject):
        return tidy(whole)
    if texts:
        return tidy(folded(whole[:_MOST_FOLDED]))
    return tidy(folded("\n\n".join(plain(page, without=_QUOTES) for page in pages).strip() or whole[:_MOST_FOLDED]))


def _parts(message: Message) -> tuple[list[str], list[str], list[str]]:
    """Plain texts, HTML texts (both as a reader would see them one below the other), and the names of the rest."""
    texts: list[str] = []
    pages: list[str] = []
    attached: list[str] = []
    shown = {"text/plain": texts, "text/html": pages}
    for part in islice(_walked(message), MOST_PARTS):
        kind, name = part.get_content_type(), line(header_text(part.get_filename() or ""))[:120]
        if kind in shown and not name and part.get_content_disposition() != "attachment":
            shown[kind].append(_words(part))
        elif name or kind == "message/rfc822":
            attached.append(name or kind)
    return [text for text in texts if text.strip()], pages, attached


def _walked(message: Message) -> Iterator[Message]:
    """The parts in order; nothing of a mail that lies inside another."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting += reversed([one for one in inner if isinstance(one, Message)])
        else:
            yield part


def _words(part: Message) -> str:
    body = part.get_payload(decode=True)
    told = part.get_param("charset") or ""
    text = decode(body if isinstance(body, bytes) else b"", [told if isinstance(told, str) else told[2]])
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _raw(message: Message, name: str) -> str:
    """A header as it came, with stray bytes as surrogates; "" for none."""
    return next((str(value) for key, value in message.raw_items() if key.lower() == name), "")


def header(message: Message, name: str) -> str:
    return header_text(_raw(message, name))


def header_text(value: object) -> str:
    """A header as people read it: RFC 2047, or bytes that say of themselves nothing at all."""
    text = str(value)
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        parts = [(text, None)]
    said = ""
    for words, charset in parts:
        bytes_ = words if isinstance(words, bytes) else words.encode("utf-8", "surrogateescape")
        said += decode(bytes_, [charset] if charset else [])
    return said


def _author(message: Message) -> tuple[str, str]:
    """The address and name of whoever wrote it; names are read after the addresses are, lest one hide in the other."""
    for name, address in getaddresses([_raw(message, "from"), _raw(message, "sender")]):
        if "@" in address:
            return address.lower()[:254], line(header_text(name))[:150]
    return "", line(header(message, "from"))[:150]


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_automatic(message: Message) -> bool:
    """Whether no person wrote it to us (RFC 3834): an automatic answer, or a notice that a mail was not delivered."""
    told = _raw(message, "auto-submitted").split(";")[0].strip().lower()
    precedence = _raw(message, "precedence").strip().lower()
    returned = _raw(message, "return-path").strip() == "<>"
    report = message.get_content_type() == "multipart/report"
    answers = any(_raw(message, name) for name in ("x-autoreply", "x-autorespond"))
    return told not in ("", "no") or precedence in ("auto_reply", "junk") or returned or report or answers


def title(letter: Letter) -> str:
    """The subject where it begins something; an answer's only repeats it."""
    return "" if ANSWER.match(letter.subject) and letter.text else letter.subject
