"""Texts that are nearly the same, and texts that make the same claim, told by integers.

A fingerprint is a SimHash (Charikar, Similarity estimation techniques from rounding algorithms, 2002) of 64 bits: each
word and each three letters of it vote with their hash for every bit, and the majority stands. Links, handles and signs
do not vote, numbers vote as one. Fingerprints of texts that share most of this differ in few bits.

Those that differ in at most three bits agree in one of four bands of 16 bits (Manku, Jain and Das Sarma, Detecting
near-duplicates for web crawling, 2007), so each is compared with the few others of its bands and not with all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from siach.language.terms import pieces, word_key

BITS = 64
LEAST_WORDS = 5  # shorter texts are alike without anybody having copied
NEAR = 6  # bits by which fingerprints of nearly the same text differ at most
_BANDS = 4
_ALL = (1 << BITS) - 1
_BAND = BITS // _BANDS
_WINDOW = 64  # neighbours in the order of a band that each fingerprint is compared with
_WORDS = 400  # words of a text that vote

# The votes for 64 bits are added as one large number of 64 lanes.
_LANE = 16
_ONES = sum(1 << (_LANE * bit) for bit in range(BITS))
_HALF = 1 << (_LANE - 1)
_BYTES = BITS * _LANE // 8
_SIGNS = bytes(ord("1") if byte & 0x80 else ord("0") for byte in range(256))
_SPREAD = [sum(1 << (_LANE * bit) for bit in range(8) if byte >> bit & 1) for byte in range(256)]


def fingerprint(text: str) -> int | None:
    """The fingerprint of a text, 0 to 2^64 - 1; None when it has fewer than five words."""
    return fingerprint_of([word for piece in pieces(text) if (word := word_key(piece))])


def fingerprint_of(words: Sequence[str]) -> int | None:
    """The fingerprint of words that are keys; None of fewer than five."""
    if len(words) < LEAST_WORDS:
        return None
    votes = voters = 0
    for word in words[:_WORDS]:
        of_word, count = _votes(word)
        votes += of_word
        voters += count
    # The highest bit of a lane tells whether more than half of the voters voted for it.
    signs = (votes + _ONES * (_HALF - 1 - voters // 2)).to_bytes(_BYTES, "big")[::2]
    return int(signs.translate(_SIGNS), 2)


def distance(one: int, other: int) -> int:
    """In how many bits two fingerprints differ."""
    return (one ^ other).bit_count()


@lru_cache(maxsize=32_768)
def _votes(word: str) -> tuple[int, int]:
    """The votes of a word and of its groups of three letters, and how many vote."""
    plain = f" {word} "
    groups = [plain[at : at + 3] for at in range(len(plain) - 2)]
    return sum(map(_spread, groups)) + 2 * _spread(word), len(groups) + 2


@lru_cache(maxsize=32_768)
def _spread(feature: str) -> int:
    """A one in the lane of each bit that is set in the hash of a feature."""
    votes = 0
    for byte in blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest():
        votes = votes << (8 * _LANE) | _SPREAD[byte]
    return votes


# --- groups -----------------------------------------------------------------------------------------------


def near_groups(fingerprints: Sequence[int | None], most: int = NEAR) -> list[list[int]]:
    """The places of fingerprints that differ by at most `most` bits from another of their group, groups of two and
    more, the largest first. All within three bits of one another are found; of those further apart, those that agree
    in a whole band; where thousands share a band, the nearest in its order."""
    places: dict[int, list[int]] = {}
    for place, one in enumerate(fingerprints):
        if one is not None:
            places.setdefault(one, []).append(place)
    joined = Joined(sorted(places))
    for turn in range(_BANDS):
        _join_band(joined, turn * _BAND, most)
    return largest_first([place for one in group for place in places[one]] for group in joined.groups())


def _join_band(joined: Joined, turn: int, most: int) -> None:
    """Join the neighbours in the order of the fingerprints turned by so many bits: one band stands first."""
    low = BITS - turn
    turned = sorted((one << turn | one >> low) & _ALL for one in joined.all)
    for at, one in enumerate(turned):
        for other in turned[at + 1 : at + 1 + _WINDOW]:
            if (one ^ other) >> (BITS - _BAND):
                break
            if (one ^ other).bit_count() <= most:
                joined.join(_back(one, turn), _back(other, turn))


def _back(turned: int, turn: int) -> int:
    return (turned >> turn | turned << (BITS - turn)) & _ALL


class Joined:
    """Which of some numbers belong together, by what was joined."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._above = {one: one for one in numbers}

    @property
    def all(self) -> list[int]:
        return list(self._above)

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self._top(one), self._top(other)))
        self._above[high] = low

    def are(self, one: int, other: int) -> bool:
        return self._top(one) == self._top(other)

    def _top(self, one: int) -> int:
        while self._above[one] != one:
            self._above[one] = one = self._above[self._above[one]]
        return one

    def groups(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for one in self._above:
            found.setdefault(self._top(one), []).append(one)
        return list(found.values())


def largest_first(groups: Iterable[list[int]]) -> list[list[int]]:
    return sorted((sorted(group) for group in groups if len(group) > 1), key=lambda group: (-len(group), group))
