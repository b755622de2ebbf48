"""Secrets at rest: sealed with the key ring, which lives outside the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from siach.launch.home import home_folder
from siach.launch.keyring import NAME, key_ring


class LostKey(Exception):
    """The key ring that sealed this is gone: the account must be connected again."""


def seal(secret: Mapping[str, str]) -> bytes:
    """Encrypt a flat mapping with the newest key."""
    return _ring().encrypt(json.dumps(dict(secret)).encode())


def unseal(sealed: bytes) -> dict[str, str]:
    """Decrypt with any key of the ring. LostKey when none fits."""
    try:
        return json.loads(_ring().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise LostKey from error


def _ring() -> MultiFernet:
    """The ring as it is now: `./siach rotate-keys` changes it while web and worker run."""
    state = (home_folder() / NAME).stat()
    return _read(state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=1)
def _read(_changed: int, _file: int) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in key_ring(home_folder()).fernet_keys])
