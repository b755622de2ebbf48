"""What some posts say, in a few of their own sentences: chosen, never written.

A sentence is worth the words that mark these posts out and that no sentence before it had, less what it repeats of
those (maximal marginal relevance: Carbonell and Goldstein, The use of MMR, diversity-based reranking, 1998). Nothing is
told that names a person or leads to one: a sentence with a handle, a mail address, a link or a long number is passed
over. Whether a post may be shown at all is for the caller to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from siach.language.claims import content_words
from siach.language.terms import READ_LIMIT, keys_of, pieces, word_key
from siach.language.words import Term

MOST = 3
LEAST_WORDS = 4
MOST_WORDS = 40
_REPEATS = 0.7  # of its worth, what a sentence loses that says just what one before it said
_LOOKED_AT = 4_000  # sentences
_COMPARED = 200
_END = re.compile("(?<![.!?…])[.!?…]++[\"'”״)]*+(?=\\s|$)|\n+")
_PRIVATE = re.compile(r"@\w|\w@|https?:|www\.|\d{5}|(?:\d[^\w\n]?){7}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the post `key`, as it stands in its text."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    sentence: Sentence
    terms: frozenset[int]
    words: frozenset[str]
    length: int


def summary(posts: Iterable[tuple[str, str]], terms: Sequence[Term], *, most: int = MOST) -> list[Sentence]:
    """At most `most` sentences of the posts, each (key, text), the most telling first. `terms` are the words that
    mark these posts out (`words.characteristic`). Of the first 4,000 sentences, whatever their order."""
    weights = [term.z for term in terms]
    found = _best(_candidates(posts, terms), weights)
    chosen: list[_Candidate] = []
    while found and len(chosen) < most:
        told = frozenset(term for one in chosen for term in one.terms)
        best = max(found, key=lambda one: _worth(one, weights, told, chosen))
        if _worth(best, weights, told, chosen) <= 0:
            break
        chosen.append(best)
        found.remove(best)
    return [one.sentence for one in chosen]


def sentences(text: str) -> list[str]:
    """The sentences of a text as they stand in it, of its first 2,000 characters those that are whole."""
    is_cut, text = len(text) > READ_LIMIT, text[:READ_LIMIT]
    found, at = [], 0
    for end in _END.finditer(text):
        found.append(text[at : end.end()])
        at = end.end()
    if not is_cut:
        found.append(text[at:])
    return [one.strip() for one in found if one.strip()]


def _candidates(posts: Iterable[tuple[str, str]], terms: Sequence[Term]) -> Iterator[_Candidate]:
    """The sentences that tell something, each text once."""
    left, seen = _LOOKED_AT, set[str]()
    for key, text in posts:
        for sentence in sentences(text):
            if left == 0:
                return
            left -= 1
            if sentence in seen or _PRIVATE.search(sentence):
                continue
            seen.add(sentence)
            found = _candidate(Sentence(key, sentence), terms)
            if found:
                yield found


def _candidate(sentence: Sentence, terms: Sequence[Term]) -> _Candidate | None:
    words = [piece for piece in pieces(sentence.text) if word_key(piece)]
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        return None
    keys = {key for piece in words for key in keys_of(piece)}
    held = frozenset(n for n, term in enumerate(terms) if keys.issuperset(term.words))
    return _Candidate(sentence, held, content_words(sentence.text), len(words)) if held else None


def _best(candidates: Iterable[_Candidate], weights: Sequence[float]) -> list[_Candidate]:
    """Those worth most by themselves, in an order that does not depend on that of the posts."""
    return sorted(
        candidates,
        key=lambda one: (-_worth(one, weights, frozenset(), ()), one.sentence.text, one.sentence.key),
    )[:_COMPARED]


def _worth(one: _Candidate, weights: Sequence[float], told: frozenset[int], chosen: Sequence[_Candidate]) -> float:
    whole = sum(weights[term] for term in one.terms)
    fresh = sum(weights[term] for term in one.terms - told)
    repeats = max((_shared(one.words, other.words) for other in chosen), default=0.0)
    return (fresh - _REPEATS * repeats * whole) / sqrt(one.length)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)
