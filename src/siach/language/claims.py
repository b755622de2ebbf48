"""Texts that make the same claim in other words or other order, told by integers.

A claim is told by the rarest words and numbers of a text: each two of the rarest five are hashed to one integer, and
texts that share an integer are compared by all their words, each weighing by its rarity. The words are folded roughly
(any letters that may be prefixes go), which is wrong as Hebrew and the same for all forms of a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from math import log

from siach.language.similar import Joined, largest_first
from siach.language.terms import FUNCTION_WORDS, pieces, word_key

SAME = 0.4  # of the weight of all words of two texts, what they share when they make the same claim
LEAST_WORDS = 3  # content words that a claim has
_RAREST = 5
_KEPT = 3  # letters that stay of a word
_WINDOW = 32  # texts with the same integer that each is compared with
_PREFIXES = frozenset("ושהכלבמ")
_ENDINGS = ("ים", "ות", "ה", "ת", "s")


def content_words(text: str) -> frozenset[str]:
    """The words and numbers of a text that make up what it claims, roughly folded."""
    return frozenset(lemma for piece in pieces(text) if (lemma := _lemma(piece)))


@lru_cache(maxsize=65_536)
def _lemma(piece: str) -> str:
    """The rough stem of a word, a number as it is; "" of what claims nothing."""
    word = word_key(piece)
    if not word or word in FUNCTION_WORDS:
        return ""
    if piece[0].isdigit():
        return piece
    if len(word) < _KEPT:
        return ""
    start = 0
    while word[start] in _PREFIXES and len(word) - start > _KEPT:
        start += 1
    word = word[start:]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _KEPT:
            return word[: -len(ending)]
    return word


def claim_keys(words: Iterable[str], seen: Counter[str]) -> tuple[int, ...]:
    """The integers of a claim, at most ten of 63 bits: of each two of its five rarest words among those that `seen`
    counts twice or more. None where it has fewer than three words."""
    told = sorted((word for word in words if seen[word] > 1), key=lambda word: (seen[word], word))[:_RAREST]
    if len(told) < LEAST_WORDS:
        return ()
    return tuple(_number(*sorted(pair)) for pair in combinations(told, 2))


def _number(one: str, other: str) -> int:
    digest = blake2b(f"{one} {other}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def claim_groups(texts: Sequence[str], same: float = SAME) -> list[list[int]]:
    """The places of texts that make the same claim as another of their group, the largest group first."""
    words = [content_words(text) for text in texts]
    seen = Counter(word for one in words for word in one)
    weight = {word: log(1 + len(texts) / count) for word, count in seen.items()}
    joined = Joined(range(len(texts)))
    for one, other in _compared(words, seen):
        if not joined.are(one, other) and _shared(words[one], words[other], weight) >= same:
            joined.join(one, other)
    return largest_first(joined.groups())


def _compared(words: Sequence[frozenset[str]], seen: Counter[str]) -> Iterator[tuple[int, int]]:
    """The places of texts that share an integer; where very many do, each with those most alike in the alphabet."""
    sharing: dict[int, list[int]] = {}
    for place, one in enumerate(words):
        for number in claim_keys(one, seen):
            sharing.setdefault(number, []).append(place)
    for places in sharing.values():
        places.sort(key=lambda place: sorted(words[place]))
        for at, place in enumerate(places):
            yield from ((place, other) for other in places[at + 1 : at + 1 + _WINDOW])


def _shared(one: frozenset[str], other: frozenset[str], weight: dict[str, float]) -> float:
    """What two texts share of the weight of all their words (a weighted Jaccard index)."""
    both = sum(weight[word] for word in one & other)
    return both / sum(weight[word] for word in one | other)
