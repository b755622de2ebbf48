"""A file sealed with a passphrase, written and read as a stream in constant memory.

scrypt makes the key, AES-256-GCM seals each chunk. A chunk's number and whether it is the last are part of its nonce,
and the header is part of what it authenticates, so chunks cannot be changed, moved, left out or added unseen.
"""

import hashlib
import hmac
import io
import secrets
import struct
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siach.launch import CannotStart

MAGIC = b"siach-backup-1\n"
CHUNK = 2**20  # bytes of content in a chunk
TAG = 16  # bytes that authenticate a chunk
COST = 17  # log2 of scrypt's N: 128 MB and about half a second
DEAREST = 20  # what a header may ask of us
_HEADER = struct.Struct(">15s B 16s 16s 7s")  # magic, cost, salt, proof of the passphrase, first part of the nonces


class Unreadable(CannotStart):
    """The file is not what was written, or not ours, or the passphrase is another."""


class SealingWriter(io.RawIOBase):
    """Seals what is written into `file`. Without `finish` the file counts as cut short."""

    def __init__(self, file: IO[bytes], passphrase: str, cost: int | None = None) -> None:
        self._file = file
        salt, self._prefix = secrets.token_bytes(16), secrets.token_bytes(7)
        cost = cost or COST
        key, proof = _derive(passphrase, salt, cost)
        self._header = _HEADER.pack(MAGIC, cost, salt, proof, self._prefix)
        self._cipher = AESGCM(key)
        self._number = 0
        self._held = bytearray()
        file.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Take bytes; whole chunks leave at once, all but the last possible one."""
        piece = bytes(data)  # type: ignore[call-overload]
        self._held += piece
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(piece)

    def finish(self) -> None:
        """Seal the rest as the last chunk: now the file is whole."""
        self._seal(bytes(self._held), last=True)
        self._held.clear()

    def _seal(self, content: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last)
        self._file.write(self._cipher.encrypt(nonce, content, self._header))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads what a SealingWriter sealed. Every byte it gives is authentic; Unreadable says in words what is wrong."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        self._file = file
        self._header = file.read(_HEADER.size)
        if not self._header.startswith(MAGIC) or len(self._header) < _HEADER.size:
            raise Unreadable("This file is no backup of Siach.")
        _magic, cost, salt, proof, self._prefix = _HEADER.unpack(self._header)
        if not 1 <= cost <= DEAREST:
            raise Unreadable("The backup is damaged: its first bytes are not what was written.")
        key, ours = _derive(passphrase, salt, cost)
        if not hmac.compare_digest(proof, ours):
            raise Unreadable("The passphrase is another than the one this backup was made with.")
        self._cipher = AESGCM(key)
        self._number = 0
        self._next = file.read(CHUNK + TAG)
        self._open = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        into = memoryview(buffer)  # type: ignore[arg-type]
        while not self._open and not self._ended:
            self._open = memoryview(self._unseal())
        count = min(len(into), len(self._open))
        into[:count] = self._open[:count]
        self._open = self._open[count:]
        return count

    def drain(self) -> None:
        """Read to the end, so that the last chunk is authenticated too."""
        while self.read(CHUNK):
            pass

    def _unseal(self) -> bytes:
        sealed, self._next = self._next, self._file.read(CHUNK + TAG)
        last = not self._next
        try:
            content = self._cipher.decrypt(_nonce(self._prefix, self._number, last), sealed, self._header)
        except (InvalidTag, ValueError) as error:
            raise Unreadable(self._what_is_wrong(sealed, last)) from error
        self._number += 1
        self._ended = last
        return content

    def _what_is_wrong(self, sealed: bytes, last: bool) -> str:
        where = f"after {self._number * CHUNK / 1e6:,.0f} MB"
        if last and (len(sealed) < CHUNK + TAG or self._fits_in_the_middle(sealed)):
            return f"The backup is cut short or damaged {where}: its end is missing. Use another copy."
        return f"The backup is damaged {where}: its content is not what was written. Use another copy."

    def _fits_in_the_middle(self, sealed: bytes) -> bool:
        try:
            self._cipher.decrypt(_nonce(self._prefix, self._number, False), sealed, self._header)
        except (InvalidTag, ValueError):
            return False
        return True


def _derive(passphrase: str, salt: bytes, cost: int) -> tuple[bytes, bytes]:
    """The key, and a value by which a reader knows a wrong passphrase from a damaged file."""
    memory = 2 * 128 * 8 * 2**cost
    made = hashlib.scrypt(passphrase.encode(), salt=salt, n=2**cost, r=8, p=1, maxmem=memory, dklen=64)
    return made[:32], hashlib.sha256(b"siach passphrase" + made[32:]).digest()[:16]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
