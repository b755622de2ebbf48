"""Words as themes are found by them: folded with their plurals, numbered, and with all the ways they are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from siach.language.clean import key
from siach.language.lexicon.words import forms
from siach.language.terms import READ_LIMIT, STOP, Corpus, word_key

_ADDRESS = re.compile(r"(?<!\S)[^\s@]*@\S+|https?://\S+|www\.\S+")
# Endings of Hebrew plurals as keys, and what stands in their place in the singular.
_PLURALS = (("ימ", ("", "ה")), ("ות", ("ה", "ת")))
_NO_PLURALS = frozenset(map(key, ["שירות", "כשרות", "איכות", "טריות", "בטיחות", "אחריות", "לקחת", "לתת"]))
_LEAST_STEM = 2
_LEAST_KNOWN = 2
_OUTWEIGHS = 4  # a plural so many times as common as its supposed singular is a word of its own
# Plain words that are the first half of many names of things: a birthday, a school, a mayor.
_CONSTRUCT = frozenset(map(key, ["יום", "בית", "בת", "בן", "ראש"]))
_FORMS = 2

Phrase = tuple[int, ...]


def without_addresses(text: str) -> str:
    """A text without handles, links and mail addresses: each is the end of a sentence."""
    return _ADDRESS.sub(" . ", text[:READ_LIMIT])


class Written:
    """Two sets of texts as numbers of words, in the order of the words' keys, so that the order of texts changes
    nothing. `words` are the keys; in `posts` and `before` each text has its words in order, `STOP` between sentences
    and for `without`."""

    def __init__(self, texts: Sequence[str], before: Sequence[str], without: Iterable[str]) -> None:
        corpus = Corpus()
        ours, theirs = ([corpus.read(text) for text in side] for side in (texts, before))
        self._pieces, self._ours = corpus.pieces, ours
        self._folded = corpus.fold([*ours, *theirs])
        whole = self._whole([*ours, *theirs])
        self.words = sorted(set(whole))
        number = {word: at for at, word in enumerate(self.words)}
        self._construct = {number[word] for word in _CONSTRUCT & number.keys()}
        of = [*map(number.__getitem__, whole), STOP]  # what stands at STOP, the last place
        names = _names(without)
        for at, piece in enumerate(self._pieces):
            if not names.isdisjoint(forms(piece)):
                of[at] = STOP
        self.posts, self.before = ([[of[one] for one in post] for post in side] for side in (ours, theirs))

    def _whole(self, posts: Iterable[Sequence[int]]) -> list[str]:
        """The key of the word of each written form, in the singular."""
        known = Counter(self._folded[one] for post in posts for one in set(post) - {STOP})
        return [singular(word, known) for word in self._folded]

    def phrases(self, among: Iterable[int], weights: NDArray[np.float64]) -> dict[Phrase, float]:
        """Each two words `among` these that follow one another in a post, and what the posts that have both so weigh.
        The first may be one that begins many names of things."""
        wanted, found = frozenset(among), dict[Phrase, float]()
        first = wanted.union(self._construct)
        for post, weight in zip(self.posts, weights, strict=True):
            for pair in {*pairwise(post)}:
                if pair[0] in first and pair[1] in wanted:
                    found[pair] = found.get(pair, 0.0) + float(weight)
        return {pair: round(weight, 6) for pair, weight in found.items()}

    @cached_property
    def _where(self) -> dict[int, list[int]]:
        """The places of the posts that have each word."""
        found: dict[int, list[int]] = {}
        for place, post in enumerate(self.posts):
            for one in set(post):
                found.setdefault(one, []).append(place)
        return found

    def shown(self, phrase: Phrase) -> str:
        """The commonest writing of a word or phrase in the posts."""
        found: Counter[str] = Counter()
        length = len(phrase)
        for place in self._where[phrase[0]]:
            numbers, pieces = self.posts[place], self._ours[place]
            for at in range(len(numbers) - length + 1):
                if tuple(numbers[at : at + length]) == phrase:
                    found[" ".join(self._pieces[one] for one in pieces[at : at + length])] += 1
        return _commonest(found).strip("#")

    def forms(self, word: int) -> tuple[str, ...]:
        """One written form of a word and, where there are both, one of its plural: without a prefix where it is written
        so, the commoner first."""
        counted: dict[str, Counter[str]] = {}
        for place in self._where[word]:
            for number, piece in zip(self.posts[place], self._ours[place], strict=True):
                if number == word:
                    counted.setdefault(self._folded[piece], Counter())[self._pieces[piece].strip("#")] += 1
        order = sorted(counted, key=lambda one: (-counted[one].total(), one))
        return tuple(dict.fromkeys(_plainest(one, counted[one]) for one in order))[:_FORMS]


def singular(word: str, known: Mapping[str, int]) -> str:
    """The key of a Hebrew word in the singular, where that is a known word; else the key as it is."""
    if word in _NO_PLURALS:
        return word
    for ending, others in _PLURALS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _LEAST_STEM:
            likely = [stem + other for other in others if len(stem + other) > _LEAST_STEM]
            least = max(_LEAST_KNOWN, known.get(word, 0) / _OUTWEIGHS)
            return max((one for one in likely if known.get(one, 0) >= least), key=lambda one: known[one], default=word)
    return word


def _names(without: Iterable[str]) -> frozenset[str]:
    """The keys of the words of names, and the stems of those that have endings."""
    found = set[str]()
    for one in without:
        for piece in one.split():
            if word := word_key(piece):
                found.update(form for form in forms(piece) if form == word or form[-1:] == "*")
    return frozenset(found)


def _plainest(folded: str, writings: Counter[str]) -> str:
    bare = Counter({piece: count for piece, count in writings.items() if key(piece) == folded})
    return _commonest(bare or writings)


def _commonest(found: Counter[str]) -> str:
    return min(found, key=lambda one: (-found[one], len(one), one), default="")
