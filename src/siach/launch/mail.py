"""The mail server that SIACH_MAIL names: smtp://user:password@host:587?tls=1&from=siach@example.com"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from siach.launch import CannotStart

_EXAMPLE = "SIACH_MAIL=smtp://user:password@mail.example.com:587?tls=1&from=siach@example.com"
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


@dataclass(frozen=True)
class MailServer:
    """`tls` begins in the clear and turns to TLS (STARTTLS); `ssl` speaks TLS from the first byte."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    ssl: bool
    sender: str


def mail_server(url: str) -> MailServer | None:
    """The server of a SIACH_MAIL; None where it is empty. CannotStart in words where it is not understood."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise CannotStart(f"SIACH_MAIL is not understood. An example: {_EXAMPLE}")
    query = dict(parse_qsl(parts.query))
    user = unquote(parts.username or "")
    sender = query.get("from", user)
    if not _ADDRESS.fullmatch(sender):
        raise CannotStart(f"SIACH_MAIL does not say from whom mail comes: add from=. An example: {_EXAMPLE}")
    ssl = parts.scheme == "smtps"
    try:
        port = parts.port or (465 if ssl else 587)
    except ValueError as error:
        raise CannotStart(f"The port in SIACH_MAIL is not a number. An example: {_EXAMPLE}") from error
    return MailServer(
        host=parts.hostname,
        port=port,
        user=user,
        password=unquote(parts.password or ""),
        tls=not ssl and query.get("tls", "1") != "0",
        ssl=ssl,
        sender=sender,
    )
