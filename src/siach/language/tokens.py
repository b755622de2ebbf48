"""The words and signs of many texts at once, as arrays, so that the cost of a text is that of its letters.

The hash of a substring is a difference of prefix sums of random letter values times powers of an odd base, modulo
2^64 (Karp and Rabin, Efficient randomized pattern-matching algorithms, 1987); it is mixed before a part of it is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from siach.language.clean import key

READ_LIMIT = 4_000  # characters of a text that are read

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Truths = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint32]

_BASE = 0x9E3779B97F4A7C15
_PAIR = np.uint64(0x9FB21C651E98DF25)
_SEPARATOR, _LETTER, _QUOTE, _SIGN, _STOP = range(5)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+")
_HANDLE = re.compile(r"@[\w.\-]+")
_SMILES = (
    (re.compile(r"[:;=]['\-]?[)dp]+(?!\w)|(?<![(\w])\){2,}|(?<=[a-zа-яё])\){1,}"), " \U0001f642 "),
    (re.compile(r"[:=]['\-]?[(|/](?!\w)|\({2,}"), " \u2639 "),
)
_SMILE_SIGNS = re.compile(r"[:;=]['\-]?[()dp|/]|\({2}|\){2}|[a-zа-яё]\)")
_ARABIC = re.compile("[\u0622-\u064a]")
_ARABIC_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words and signs of n texts, laid out with one space before and behind each.

    `codes` are the characters, `space` tells which are the spaces, `row_of` which text each belongs to. A token
    stands from `first` to `end` (exclusive) in the text `row`; `is_word`: it is no sign; `behind_stop`: a stop stands
    before it.
    """

    codes: Codes
    space: Truths
    row_of: Indices
    row: Indices
    first: Indices
    end: Indices
    is_word: Truths
    behind_stop: Truths
    prefix_sums: Hashes
    inverse: Hashes

    def hash(self, first: Indices, end: Indices) -> Hashes:
        """The hash of the characters from `first` to `end` (exclusive)."""
        return (self.prefix_sums[end] - self.prefix_sums[first]) * self.inverse[first]

    def letter(self, at: int) -> Codes:
        """The character `at` places into each token, as far as the batch reaches."""
        return self.codes[np.minimum(self.first + at, len(self.codes) - 1)]


def tokenize(texts: Sequence[str]) -> Tokens:
    """The tokens of texts, folded as for comparing; links, handles, smiles and digits each become one sign."""
    return _tokens([_plain(text) for text in texts])


def hashes_of(words: Sequence[str]) -> Hashes:
    """The hash of the first token of each; 0 where there is none."""
    tokens = tokenize(words)
    hashes = np.zeros(len(words), np.uint64)
    hashes[tokens.row[::-1]] = tokens.hash(tokens.first, tokens.end)[::-1]
    return hashes


def pair_hash(first: Hashes, second: Hashes) -> Hashes:
    """The hash of two tokens that follow one another."""
    return first * _PAIR + second


def _plain(text: str) -> str:
    folded = key(text[:READ_LIMIT])
    if "//" in folded or "www" in folded:
        folded = _LINK.sub(" \U0001f517 ", folded)
    if "@" in folded:
        folded = _HANDLE.sub(" @ ", folded)
    if _SMILE_SIGNS.search(folded):
        for smile, sign in _SMILES:
            folded = smile.sub(sign, folded)
    return folded.translate(_ARABIC_SAME) if _ARABIC.search(folded) else folded


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """The class of each character up to U+1FFFF; what stands beyond is classed as the last of them."""
    classes = np.full(0x20000, _LETTER, np.uint8)
    classes[:0x10000] = [_class_of(chr(code)) for code in range(0x10000)]
    classes[0x1F000:] = _SIGN
    return classes


def _class_of(char: str) -> int:
    code = ord(char)
    if char in "\"'":
        return _QUOTE
    if char in ".,;\n":
        return _STOP
    if 0x2600 <= code <= 0x27BF or 0x2B00 <= code <= 0x2BFF or char in "!?@":
        return _SIGN
    return _LETTER if char.isalnum() or 0x300 <= code <= 0x36F or 0x900 <= code <= 0xDFF else _SEPARATOR


def _tokens(texts: Sequence[str]) -> Tokens:
    lengths = np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts))
    codes = np.frombuffer("\n".join((*texts, "")).encode("utf-32-le", "replace"), np.uint32)
    row = np.repeat(np.arange(len(texts)), lengths)
    classes = _classes()[np.minimum(codes, 0x1FFFF)]
    inner = (classes == _QUOTE) & _moved(classes == _LETTER, 1) & _moved(classes == _LETTER, -1)
    if inner.any():  # an acronym is one word
        codes, row, classes = codes[~inner], row[~inner], classes[~inner]
    codes = np.where((codes >= 48) & (codes <= 57), np.uint32(48), codes)
    letter, sign = classes == _LETTER, classes == _SIGN
    first = np.flatnonzero((letter & ~_moved(letter, 1)) | sign)
    end = np.flatnonzero((letter & ~_moved(letter, -1)) | sign) + 1
    stops = np.concatenate(([0], np.cumsum((classes == _STOP) | (codes == ord("!")) | (codes == ord("?")))))
    return _laid_out(codes, row, (first, end), letter[first], np.diff(stops[first], prepend=0) > 0)


def _moved(truths: Truths, by: int) -> Truths:
    """Of the neighbour before (1) or behind (-1) of each."""
    edge = np.zeros(min(1, len(truths)), bool)
    return np.concatenate((edge, truths[:-1]) if by > 0 else (truths[1:], edge))


def _laid_out(codes: Codes, row: Indices, spans: tuple[Indices, Indices], is_word: Truths, behind: Truths) -> Tokens:
    first, end = spans
    lengths = end - first
    at = np.cumsum(lengths + 1) - lengths
    letters = int(lengths.sum())
    laid = np.full(letters + len(lengths) + 1, ord(" "), np.uint32)
    space = np.ones(len(laid), bool)
    within = np.arange(letters) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    target = np.repeat(at, lengths) + within
    laid[target] = codes[np.repeat(first, lengths) + within]
    space[target] = False
    owner = row[first]
    row_of = np.concatenate((np.repeat(owner, lengths + 1), owner[-1:] if owner.size else np.zeros(1, np.int64)))
    powers, inverse = _powers(1 << max(16, len(laid).bit_length()))
    sums = np.zeros(len(laid) + 1, np.uint64)
    np.cumsum(_letter_values(laid) * powers[: len(laid)], out=sums[1:])
    return Tokens(laid, space, row_of, owner, at, at + lengths, is_word, behind, sums, inverse)


def _letter_values(codes: Codes) -> Hashes:
    """A random value for each character (the finaliser of splitmix64)."""
    values = (codes.astype(np.uint64) + np.uint64(0x9E37)) * np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(31)
    return values * np.uint64(0x94D049BB133111EB)


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """`size` powers of the base, and of its inverse, modulo 2^64."""
    both = (_BASE, pow(_BASE, -1, 1 << 64))
    powers, inverse = (
        np.multiply.accumulate(np.concatenate(([np.uint64(1)], np.full(size - 1, np.uint64(one))))) for one in both
    )
    return powers, inverse
