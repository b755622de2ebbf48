"""A real IMAP server (pymap) on this machine, and a false one that misbehaves when told to; both with TLS."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

USER, PASSWORD = "service@lumika.example", "סיסמה ארוכה"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that whoever is told of it trusts, and its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    known, secret = folder / "localhost.pem", folder / "localhost.key"
    known.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return known, secret


@dataclass
class MailServer:
    """`deliver` puts a mail into a folder, as a mail server does on its arrival."""

    port: int
    known: Path
    _kept: imaplib.IMAP4 | None = None

    @property
    def wire(self) -> imaplib.IMAP4:
        """Its own connection, kept: a sign-in takes this server long."""
        self._kept = self._kept or self.open()
        return self._kept

    def open(self) -> imaplib.IMAP4:
        wire = imaplib.IMAP4("localhost", self.port, timeout=5)
        wire.starttls(ssl.create_default_context(cafile=self.known))
        wire.authenticate("PLAIN", lambda _asked: f"\0{USER}\0{PASSWORD}".encode())
        return wire

    def deliver(self, folder: str, *mails: str | bytes, at: datetime | None = None) -> None:
        self.wire.create(folder)
        for mail in mails:
            raw = mail if isinstance(mail, bytes) else mail.replace("\n", "\r\n").encode()
            self.wire.append(folder, "", imaplib.Time2Internaldate(at or datetime.now(UTC)), raw)

    def flags(self, folder: str) -> list[object]:
        self.wire.select(folder, readonly=True)
        return list(self.wire.fetch("1:*", "(FLAGS)")[1])

    def begin_anew(self, folder: str) -> None:
        """The same name for another folder, with a numbering of its own."""
        self.wire.delete(folder)


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    known, secret = certificate(folder)
    port = free_port()
    command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--cert",
        str(known),
        "--key",
        str(secret),
        "dict",
        "--demo-data",
        "--demo-user",
        USER,
        "--demo-password",
        PASSWORD,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, "the mail server fell"
            time.sleep(0.05)
        yield MailServer(port, known)
    finally:
        process.kill()
        process.wait()


FAULTS = ("hang", "drip", "reset", "garbage", "huge", "long", "closed")


@dataclass
class BadMail:
    """Speaks IMAP up to the command `at` ("" = its greeting), and does `fault` then."""

    port: int
    at: str = ""
    fault: str = ""
    heard: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def _spoil(wire: socket.socket, bad: BadMail) -> None:
    with contextlib.suppress(OSError):
        if bad.fault == "hang":
            bad.over.wait(10)
        elif bad.fault == "drip":
            while not bad.over.wait(0.05):
                wire.sendall(b"*")
        elif bad.fault == "reset":
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif bad.fault == "garbage":
            wire.sendall(b"HTTP/1.1 200 OK\r\n\r\n<html>\r\n" * 3 + b"\xff\xfe\r\n")
        elif bad.fault == "huge":
            wire.sendall(b"* 1 FETCH (BODY[] {99999999999}\r\n")
            bad.over.wait(10)
        elif bad.fault == "long":
            wire.sendall(b"* OK " + b"x" * 3_000_000 + b"\r\n")
    wire.close()


@contextmanager
def bad_mail(known: Path, secret: Path) -> Iterator[BadMail]:
    listening = socket.create_server(("127.0.0.1", 0))
    bad = BadMail(listening.getsockname()[1])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(known, secret)
    answers: dict[str, Callable[[], bytes]] = {
        "CAPABILITY": lambda: b"* CAPABILITY IMAP4rev1 STARTTLS\r\n",
        "EXAMINE": lambda: b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\n",
    }

    def serve(wire: socket.socket) -> None:
        if not bad.at:
            return _spoil(wire, bad)
        wire.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
        with contextlib.suppress(OSError, ssl.SSLError):
            while line := _line(wire):
                bad.heard.append(line)
                tag, command, *_more = line.split()
                name = command.decode().upper()
                if name == bad.at:
                    return _spoil(wire, bad)
                wire.sendall(answers.get(name, lambda: b"")() + tag + b" OK done\r\n")
                if name == "STARTTLS":
                    wire = context.wrap_socket(wire, server_side=True)
        return None

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield bad
    finally:
        bad.over.set()
        listening.close()


def _line(wire: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        came = wire.recv(1)
        if not came:
            return b""
        line += came
    return line
