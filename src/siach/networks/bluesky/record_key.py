"""The record key of a post, made from our own key: the same key can never make two posts.

Bluesky wants a TID there: 64 bits in 13 letters, a time in microseconds and a clock id. The time must
not lie in the future, so the key's hash is laid out over the years 2020 to 2022.
"""

from __future__ import annotations

import hashlib

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_FROM = 1_577_836_800_000_000  # 2020-01-01 UTC, in microseconds
_SPAN = 3 * 365 * 86_400_000_000


def record_key(key: str) -> str:
    """A valid TID, always the same for the same key. Two of a million keys meet with odds of 1 to 10^5."""
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:16])
    value = (_FROM + (drawn >> 10) % _SPAN) << 10 | drawn & 0x3FF
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(60, -1, -5))
