"""Texts as hashed features for linear readers: words, pairs of words, words behind a prefix or a negation, and letter
groups of two to five within words, of many texts at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from siach.language.lexicon.words import table
from siach.language.tokens import Floats, Hashes, Indices, Tokens, Truths, hashes_of, pair_hash

BITS = 18
SIZE = 1 << BITS
GRAMS = (2, 3, 4, 5)
NEGATION_REACH = 3
HEBREW_PREFIXES = "ושהבלמכ"

_MIX = np.uint64(0xD6E8FEB86659FD93)
_WORD, _PAIR, _NOT = np.uint64(0xA3DA4F), np.uint64(0xFFD66B), np.uint64(0x4A8BE9)
_BARE_LEAST = 4


@dataclass(frozen=True, slots=True)
class Features:
    """Counted features of n texts. `starts` (n + 1) tells where each text's columns begin in `columns` (0 to SIZE - 1,
    ascending within a text) and in `counts`."""

    starts: Indices
    columns: Indices
    counts: Floats


def features(count: int, tokens: Tokens) -> Features:
    """The features of the tokens of `count` texts."""
    words = tokens.hash(tokens.first, tokens.end)
    found = [
        (tokens.row, words * _WORD),
        _grams(tokens),
        _pairs(tokens, words),
        _bare(tokens),
        _negated(tokens, words),
    ]
    rows = np.concatenate([rows for rows, _hashes in found])
    cells = np.sort((rows << BITS) | np.concatenate([_mixed(hashes) for _rows, hashes in found]))
    fresh = np.flatnonzero(np.diff(cells, prepend=-1))
    counts = np.diff(fresh, append=len(cells)).astype(np.float32)
    cells = cells[fresh]
    return Features(np.searchsorted(cells, np.arange(count + 1) << BITS), cells & (SIZE - 1), counts)


def word_columns(tokens: Tokens) -> Indices:
    """The column of each token as a word."""
    return _mixed(tokens.hash(tokens.first, tokens.end) * _WORD)


def reach(tokens: Tokens, words: Hashes) -> Truths:
    """The tokens that a negation reaches: the next three of its text up to a stop. `words` are the tokens' hashes."""
    opens = np.isin(words, _negations())
    under = np.zeros(len(opens), bool)
    for back in range(1, min(NEGATION_REACH + 1, len(opens))):
        reached = opens[:-back] & (tokens.row[back:] == tokens.row[:-back])
        for step in range(back):
            reached &= ~tokens.behind_stop[back - step : len(opens) - step]
        under[back:] |= reached
    return under & ~opens


@cache
def _negations() -> Hashes:
    return hashes_of([word for word, sense in table().words.items() if sense.negates])


def _mixed(hashes: Hashes) -> Indices:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _MIX
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIX
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _grams(tokens: Tokens) -> tuple[Indices, Hashes]:
    """Letter groups within a word and the space at each of its ends."""
    size = len(tokens.space)
    places = np.arange(size)
    spaces = np.flatnonzero(tokens.space)
    following = np.repeat(spaces, np.diff(spaces, prepend=-1))  # the space at or behind each place
    following[spaces[:-1]] = spaces[1:]
    rows, hashes = [], []
    for length in GRAMS:
        starts = places[: max(0, size - length + 1)]
        held = starts[starts + length - 1 <= following[: len(starts)]]
        rows.append(tokens.row_of[held])
        hashes.append(tokens.hash(held, held + length))
    return np.concatenate(rows), np.concatenate(hashes)


def _pairs(tokens: Tokens, words: Hashes) -> tuple[Indices, Hashes]:
    same = tokens.row[1:] == tokens.row[:-1]
    return tokens.row[1:][same], pair_hash(words[:-1], words[1:])[same] * _PAIR


def _bare(tokens: Tokens) -> tuple[Indices, Hashes]:
    """Hebrew words without a first letter that may be a prefix: counted as the word by itself."""
    prefixed = np.isin(tokens.letter(0), [ord(char) for char in HEBREW_PREFIXES])
    held = np.flatnonzero(tokens.is_word & prefixed & (tokens.end - tokens.first >= _BARE_LEAST))
    return tokens.row[held], tokens.hash(tokens.first[held] + 1, tokens.end[held]) * _WORD


def _negated(tokens: Tokens, words: Hashes) -> tuple[Indices, Hashes]:
    under = reach(tokens, words)
    return tokens.row[under], words[under] * _NOT
