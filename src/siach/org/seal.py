"""Secrets at rest: sealed with the key ring, which lives outside the database."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class LostKey(Exception):
    """The key ring that sealed this is gone: the account must be connected again."""


def _ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SIACH_KEYS])


def seal(secret: Mapping[str, str]) -> bytes:
    """Encrypt a flat mapping with the newest key."""
    return _ring().encrypt(json.dumps(dict(secret)).encode())


def unseal(sealed: bytes) -> dict[str, str]:
    """Decrypt with any key of the ring. LostKey when none fits."""
    try:
        return json.loads(_ring().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise LostKey from error
