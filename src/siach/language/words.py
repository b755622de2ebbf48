"""The words and phrases by which a set of posts differs from the rest.

The log-odds ratio of a word in the one set and in the other, with an informative Dirichlet prior, over its standard
deviation (Monroe, Colaresi and Quinn, Fightin' Words, Political Analysis 2008, equations 15, 16, 19 and 22). A post
counts a word once, so posts are what is counted: of n posts y have the word; the Dirichlet of two outcomes is a Beta.
The prior is the share of the word among both sets together, and worth half as many posts as the smaller set has: it
draws "the" and של, which are everywhere, towards no difference.

    delta = log((y1 + a) / (n1 + w - y1 - a)) - log((y2 + a) / (n2 + w - y2 - a)),  a = w * share,  w = min(n1, n2) / 2
    variance = 1 / (y1 + a) + 1 / (y2 + a),  z = delta / sqrt(variance)

Posts that are nearly the same count as one, so that a wave of copies does not fill the list with its own words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

from siach.language.lexicon.words import forms
from siach.language.similar import fingerprint_of, near_groups
from siach.language.terms import FUNCTION_WORDS, STOP, Corpus, word_key

_TINY = 1e-9  # for a word that all posts have
_DIGITS = 9
LEAST_Z = 2.6  # of 400 posts taken at random one word, or none, stands out by chance
LEAST_POSTS = 3  # that have a word, copies counted once
MOST_POSTS = 20_000
LONGEST = 3  # words of a phrase
_LOOKED_AT = 12  # candidates for each that is told
TOGETHER = 0.65  # of the posts with a word, those that have it within the phrase, for the phrase to stand for it

Gram = tuple[int, ...]
Post = list[int]


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase of two or three. `words` are its keys, `shown` is how it is mostly written. `posts` and
    `others` of the two sets have it, copies counted each; `z` says by how many standard deviations it is commoner
    in the first."""

    words: tuple[str, ...]
    shown: str
    z: float
    posts: int
    others: int


def characteristic(
    texts: Sequence[str], others: Sequence[str], *, without: Iterable[str] = (), most: int = 20
) -> list[Term]:
    """What marks `texts` out against `others`, the most telling first. `without`: names and phrases whose words are
    not told. Of more than 20,000 texts in all, each side is cut to its first 10,000. The order of the texts does
    not matter, nor which of them come twice."""
    if len(texts) + len(others) > MOST_POSTS:
        texts, others = texts[: MOST_POSTS // 2], others[: MOST_POSTS // 2]
    if not texts or not others:
        return []
    sets = _Sets(texts, others, _left_out(without))
    return sets.told(_preferred(sets.scored()[: most * _LOOKED_AT], sets.weights)[:most])


def _left_out(without: Iterable[str]) -> frozenset[str]:
    return frozenset(word for one in without for piece in one.split() if (word := word_key(piece)))


@dataclass(frozen=True, slots=True)
class _Scored:
    """A word or phrase as numbers of its words; `weight`: in how many posts of the first set, copies once."""

    gram: Gram
    z: float
    weight: float
    keys: tuple[str, ...]


class _Sets:
    """Both sets as numbers of folded words, each post with what it counts for."""

    def __init__(self, texts: Sequence[str], others: Sequence[str], without: frozenset[str]) -> None:
        corpus = Corpus()
        self._written = [[corpus.read(text) for text in side] for side in (texts, others)]
        self._pieces, self._keys = corpus.pieces, list[str]()
        folded = corpus.fold(post for side in self._written for post in side)
        of_piece = [*self._numbered(folded, without), STOP]  # what stands at STOP, the last place
        self._posts = [_translated(side, of_piece) for side in self._written]
        self._edges = {one for one, key in enumerate(self._keys) if key in FUNCTION_WORDS or key[:1].isdigit()}
        self._weights = [self._counting(side) for side in self._posts]
        self._totals = [round(sum(weights), _DIGITS) for weights in self._weights]
        self.weights, self._others = self._counted()

    def _numbered(self, folded: Iterable[str], without: frozenset[str]) -> Iterator[int]:
        """The number of the word of each written form; STOP of a name that is left out."""
        number: dict[str, int] = {}
        for piece, key in zip(self._pieces, folded, strict=True):
            if without and not without.isdisjoint(forms(piece)):
                yield STOP
                continue
            if key not in number:
                number[key] = len(number)
                self._keys.append(key)
            yield number[key]

    def _counting(self, side: Sequence[Post]) -> list[float]:
        """What each post counts for: one of k nearly the same counts for a k-th."""
        keys = self._keys
        prints = [fingerprint_of([keys[one] for one in post if one != STOP]) for post in side]
        weights = [1.0] * len(side)
        for group in near_groups(prints):
            for place in group:
                weights[place] = 1 / len(group)
        return weights

    def scored(self) -> list[_Scored]:
        """All words and phrases that enough posts of the first set have and that tell it from the second, the most
        telling first. Of phrases as telling, the one whose words tell more stands first."""
        found = []
        for gram, weight in self.weights.items():
            z = self._z(weight, self._others.get(gram, 0.0))
            if z >= LEAST_Z and self._may_stand(gram):
                found.append(_Scored(gram, z, weight, tuple(self._keys[one] for one in gram)))
        alone = {one.gram[0]: one.z for one in found if len(one.gram) == 1}
        by_words = {one.gram: sum(alone.get(word, 0.0) for word in one.gram) for one in found}
        return sorted(found, key=lambda one: (-one.z, -len(one.gram), -by_words[one.gram], one.keys))

    def _may_stand(self, gram: Gram) -> bool:
        """A phrase begins and ends with a word of its own matter; a number or a letter alone tells nothing."""
        if len(gram) > 1:
            return gram[0] not in self._edges and gram[-1] not in self._edges
        return gram[0] not in self._edges and len(self._keys[gram[0]]) > 1

    def _counted(self) -> tuple[dict[Gram, float], dict[Gram, float]]:
        """How many posts of the first set have each word and phrase, those that enough have; and how many of the
        second have these. A phrase is looked at where all its words are common enough."""
        ours, theirs = dict[Gram, float](), dict[Gram, float]()
        sides = list(self._posts)
        for length in range(1, LONGEST + 1):
            counts = _count(sides[0], self._weights[0], length, None)
            enough = {gram: n for gram, n in counts.items() if n > LEAST_POSTS - 0.01 and STOP not in gram}
            ours |= enough
            theirs |= _count(sides[1], self._weights[1], length, frozenset(enough))
            if length == 1:
                common = [one if (one,) in enough else STOP for one in (*range(len(self._keys)), STOP)]
                sides = [_translated(side, common) for side in sides]
        return ours, theirs

    def _z(self, y1: float, y2: float) -> float:
        n1, n2 = self._totals
        worth = min(n1, n2) / 2
        prior = worth * (y1 + y2) / (n1 + n2)
        first, second = y1 + prior, y2 + prior
        delta = log(first / (n1 + worth - first + _TINY)) - log(second / (n2 + worth - second + _TINY))
        return round(delta / sqrt(1 / first + 1 / second), _DIGITS)

    # --- how it is told ---

    def told(self, found: Sequence[_Scored]) -> list[Term]:
        """The terms with their commonest writing, and the posts that have them."""
        first: dict[int, list[Gram]] = {}
        for one in found:
            first.setdefault(one.gram[0], []).append(one.gram)
        counts: list[Counter[Gram]] = [Counter(), Counter()]
        writings: dict[Gram, Counter[Gram]] = {one.gram: Counter() for one in found}
        for side in (0, 1):
            for post, written in zip(self._posts[side], self._written[side], strict=True):
                here = {} if first.keys().isdisjoint(post) else _places(post, first)
                counts[side].update(here.keys())
                if side == 0:
                    for gram, at in here.items():
                        writings[gram][tuple(written[at : at + len(gram)])] += 1
        return [
            Term(one.keys, self._commonest(writings[one.gram]), one.z, counts[0][one.gram], counts[1][one.gram])
            for one in found
        ]

    def _commonest(self, writings: Counter[Gram]) -> str:
        shown: Counter[str] = Counter()
        for pieces, count in writings.items():
            shown[" ".join(self._pieces[one] for one in pieces)] += count
        return min(shown, key=lambda one: (-shown[one], len(one), one))


def _translated(side: Sequence[Post], to: Sequence[int]) -> list[Post]:
    return [[to[one] for one in post] for post in side]


def _places(post: Post, first: dict[int, list[Gram]]) -> dict[Gram, int]:
    """Where each of the words and phrases, given by their first word, stands in a post."""
    return {
        gram: at
        for at, one in enumerate(post)
        for gram in first.get(one, ())
        if tuple(post[at : at + len(gram)]) == gram
    }


def _grams(post: Post, length: int) -> Iterable[Gram]:
    """All that follows one another in a post, also across a STOP."""
    if length == 1:
        return zip(post, strict=True)
    if length == 2:
        return pairwise(post)
    return zip(post, post[1:], post[2:], strict=False)


def _count(
    posts: Sequence[Post], weights: Sequence[float], length: int, among: frozenset[Gram] | None
) -> dict[Gram, float]:
    """The weight of the posts that have each; only of those `among`, unless it is None."""
    whole: Counter[Gram] = Counter()
    parts: dict[Gram, float] = {}
    for post, weight in zip(posts, weights, strict=True):
        grams = set(_grams(post, length)) if among is None else among.intersection(_grams(post, length))
        if weight == 1.0:
            whole.update(grams)
        else:
            for gram in grams:
                parts[gram] = parts.get(gram, 0.0) + weight
    for gram, weight in parts.items():
        parts[gram] = round(weight, _DIGITS)  # what was added up in another order is the same
    return {gram: whole[gram] + parts.get(gram, 0.0) for gram in whole.keys() | parts.keys()}


def _preferred(scored: Sequence[_Scored], weights: dict[Gram, float]) -> list[_Scored]:
    """Phrases instead of the words that they nearly always hold, words instead of phrases that are a detail of them,
    and of phrases that overlap the most telling."""
    telling = {one.gram for one in scored}
    glued = [one for one in scored if _is_glued(one, weights, telling)]
    held = _held(glued, weights)
    chosen: list[_Scored] = []
    for one in glued:
        if one.gram not in held and not any(_overlap(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _held(glued: Sequence[_Scored], weights: dict[Gram, float]) -> set[Gram]:
    """The words and phrases for which a longer one stands that is in no longer one itself."""
    held = set[Gram]()
    for one in sorted(glued, key=lambda one: -len(one.gram)):
        if one.gram not in held:
            held.update(part for part in _parts(one.gram) if _holds(one, part, weights))
    return held


def _parts(gram: Gram) -> list[Gram]:
    """The words of a phrase, and the shorter phrases in it."""
    return [gram[at : at + length] for length in range(1, len(gram)) for at in range(len(gram) - length + 1)]


def _holds(phrase: _Scored, part: Gram, weights: dict[Gram, float]) -> bool:
    return phrase.weight >= TOGETHER * weights[part]


def _is_glued(phrase: _Scored, weights: dict[Gram, float], telling: set[Gram]) -> bool:
    """Whether it is a word, or a phrase that is more than a passing detail: one of two nearly always holds one of its
    words, one of three the phrases in it, and it begins and ends with a word that tells something alone."""
    parts = _parts(phrase.gram)
    if not parts:
        return True
    if len(phrase.gram) == 2:
        return _holds(phrase, min(parts, key=lambda part: weights[part]), weights)
    ends = (phrase.gram[:1], phrase.gram[-1:])
    return telling.issuperset(ends) and all(_holds(phrase, part, weights) for part in parts if len(part) > 1)


def _overlap(one: _Scored, other: _Scored) -> bool:
    """Whether two phrases are pieces of one longer: one begins with the words with which the other ends."""
    first, second = one.gram, other.gram
    ends = range(1, min(len(first), len(second)))
    return any(first[-length:] == second[:length] or second[-length:] == first[:length] for length in ends)
