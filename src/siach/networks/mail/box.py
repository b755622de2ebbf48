"""A mailbox over IMAP (RFC 9051, and RFC 3501 before it): by TLS alone, only looked at, within size and time."""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from siach.networks import guard
from siach.networks.contract import NetworkError

TLS_PORT = 993
#: Of one mail, so much is read: its text stands before what is attached.
MOST_OF_ONE = 1_000_000
_LIMIT = 20_000_000
_LINE = 1_000_000
_CHUNK = 65_536
REFUSED = "This server does not accept the sign-in."
NO_FOLDER = "This mailbox has no such folder."
UNSAFE = "This server offers no encrypted connection."
UNTRUSTED = "This server's certificate cannot be trusted."
UNREADABLE = "The server's answer cannot be read."
UNREACHED = "The server cannot be reached."
LATE = "The server did not answer in time."
LOST = "The connection to the server was lost."
#: Codes of a refusal (RFC 5530) that speak of the server, not of the sign-in.
_NOT_NOW = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a mailbox is and how it opens."""

    server: str
    port: int
    name: str
    password: str
    folder: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail as it lies there, from its beginning; `at`: when the server took it."""

    uid: int
    at: datetime | None
    bytes: bytes


class _Wire(imaplib.IMAP4):
    """imaplib's commands over a guarded connection. Reads by itself, so that no answer is too long or too slow."""

    def __init__(self, wanted: Wanted, seconds: float) -> None:
        self._wanted, self._stop, self._left, self._got = wanted, time.monotonic() + seconds, _LIMIT, b""
        self._tls = httpx.create_ssl_context()
        super().__init__(wanted.server, wanted.port, timeout=seconds)

    def open(self, host: str = "", port: int = TLS_PORT, timeout: float | None = None) -> None:
        self.sock = guard.connect(host, port, min(5.0, self._time()))
        if port == TLS_PORT:
            self._secure()

    def start_tls(self) -> None:
        """Go on encrypted. What came before the change is not believed."""
        answer, _told = self._simple_command("STARTTLS")
        if answer != "OK":
            raise self.error("no TLS")
        self._got = b""
        self._secure()
        self.untagged_responses.clear()

    def _secure(self) -> None:
        self.sock.settimeout(self._time())
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._wanted.server)

    def _time(self) -> float:
        left = self._stop - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _more(self) -> None:
        self.sock.settimeout(self._time())
        came = self.sock.recv(_CHUNK)
        if not came:
            raise self.abort("the server hung up")
        self._left -= len(came)
        if self._left < 0:
            raise self.abort("too much")
        self._got += came

    def read(self, size: int) -> bytes:
        if size > _LIMIT:
            raise self.abort("too much")
        parts = [self._take(size)]
        left = size - len(parts[0])
        while left:
            self._more()
            parts.append(self._take(left))
            left -= len(parts[-1])
        return b"".join(parts)

    def readline(self) -> bytes:
        searched = 0
        while (end := self._got.find(b"\n", searched)) < 0:
            searched = len(self._got)
            if searched > _LINE:
                raise self.abort("too long a line")
            self._more()
        return self._take(end + 1)

    def _take(self, size: int) -> bytes:
        taken, self._got = self._got[:size], self._got[size:]
        return taken

    def send(self, data: bytes) -> None:  # type: ignore[override]
        self.sock.settimeout(self._time())
        self.sock.sendall(data)

    def shutdown(self) -> None:
        if getattr(self, "sock", None) is not None:
            self.sock.close()


class Box:
    """An opened folder. `validity` names its numbering: with another one, its UIDs mean other mails."""

    def __init__(self, wire: _Wire, validity: str, total: int, next_uid: int) -> None:
        self._wire = wire
        self.validity, self.total, self.next_uid = validity, total, next_uid

    def latest(self, most: int) -> dict[int, int]:
        """UID -> size of the latest mails."""
        if not self.total:
            return {}
        return self._sizes(self._wire.fetch(f"{max(1, self.total - most + 1)}:*", "(UID RFC822.SIZE)"))

    def after(self, uid: int) -> dict[int, int]:
        """UID -> size of what came after that one. (`n:*` names the last mail even where n is beyond it.)"""
        found = self._sizes(self._wire.uid("FETCH", f"{uid + 1}:*", "(UID RFC822.SIZE)"))
        return {one: size for one, size in found.items() if one > uid}

    def read(self, uids: Sequence[int]) -> list[Arrived]:
        """These mails, as many of them as still lie there; none is marked as seen."""
        wish = f"(UID INTERNALDATE BODY.PEEK[]<0.{MOST_OF_ONE}>)"
        answer, told = self._wire.uid("FETCH", ",".join(map(str, uids)), wish)
        if answer != "OK":
            raise NetworkError(UNREADABLE, "retry_at")
        mails = []
        for place, one in enumerate(told):
            if isinstance(one, tuple) and len(one) == 2:
                behind = told[place + 1] if place + 1 < len(told) and isinstance(told[place + 1], bytes) else b""
                facts = one[0] + b" " + (behind if isinstance(behind, bytes) else b"")
                if found := _UID.search(facts):
                    mails.append(Arrived(int(found.group(1)), _moment(facts), one[1]))
        return mails

    def _sizes(self, answered: tuple[str, Sequence[object]]) -> dict[int, int]:
        answer, told = answered
        if answer != "OK":
            raise NetworkError(UNREADABLE, "retry_at")
        found = {}
        for one in told:
            uid, size = (_UID.search(one), _SIZE.search(one)) if isinstance(one, bytes) else (None, None)
            if uid and size:
                found[int(uid.group(1))] = int(size.group(1))
        return found


@contextmanager
def opened(wanted: Wanted, *, seconds: float) -> Iterator[Box]:
    """The folder, opened so that nothing in it changes; every failure is a NetworkError."""
    wire: _Wire | None = None
    try:
        wire = _wire(wanted, seconds)
        yield _folder(wire, wanted.folder)
    except NetworkError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise NetworkError(UNTRUSTED, "never") from error
    except TimeoutError as error:
        raise NetworkError(LATE if wire else UNREACHED, "retry_at") from error
    except imaplib.IMAP4.abort as error:
        raise NetworkError(LOST, "retry_at") from error
    except OSError as error:
        raise NetworkError(LOST if wire else UNREACHED, "retry_at") from error
    except (
        imaplib.IMAP4.error,
        ValueError,
        IndexError,
        TypeError,
        KeyError,
    ) as error:  # what imaplib makes of nonsense
        raise NetworkError(UNREADABLE, "retry_at") from error
    finally:
        if wire is not None:
            wire.shutdown()


def _wire(wanted: Wanted, seconds: float) -> _Wire:
    """A signed-in connection. Nothing is said of the sign-in before it is encrypted."""
    wire = _Wire(wanted, seconds)
    try:
        if wanted.port != TLS_PORT:
            try:
                wire.start_tls()
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                raise NetworkError(UNSAFE, "never") from None
        _sign_in(wire, wanted)
    except BaseException:
        wire.shutdown()
        raise
    return wire


def _sign_in(wire: _Wire, wanted: Wanted) -> None:
    _answer, told = wire.capability()
    can = b" ".join(one for one in told if isinstance(one, bytes)).upper().split()
    try:
        if b"AUTH=PLAIN" in can:
            wire.authenticate("PLAIN", lambda _asked: f"\0{wanted.name}\0{wanted.password}".encode())
        else:
            wire.login(wanted.name, wanted.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if _NOT_NOW.search(str(error)):
            raise NetworkError("The server refuses for now.", "retry_at") from None
        raise NetworkError(REFUSED, "renew") from None


def _folder(wire: _Wire, folder: str) -> Box:
    name = encoded(folder).replace("\\", "\\\\").replace('"', '\\"')
    answer, told = wire.select(f'"{name}"', readonly=True)
    if answer != "OK":
        raise NetworkError(NO_FOLDER, "never")
    total = int(told[0] or 0)
    return Box(wire, _number(wire, "UIDVALIDITY"), total, int(_number(wire, "UIDNEXT") or 0))


def _number(wire: _Wire, code: str) -> str:
    """What the server told with this code when the folder was opened; "" for nothing."""
    told = (wire.response(code)[1] or [None])[-1]
    text = told.decode("ascii", "replace") if isinstance(told, bytes) else ""
    return text if text.isdecimal() and len(text) <= 10 else ""


def encoded(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3): what is not ASCII in its own base64."""

    def shifted(found: re.Match[str]) -> str:
        code = base64.b64encode(found.group().encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{code}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-"))


def _moment(facts: bytes) -> datetime | None:
    told = imaplib.Internaldate2tuple(facts)
    return datetime.fromtimestamp(time.mktime(told), UTC) if told else None
