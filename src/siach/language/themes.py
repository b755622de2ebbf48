"""What people talk about: themes among posts, each named by words that stand together in them, and the posts it holds.

A theme is a few words that are linked: they stand in one post far more often than by chance, by the first term of the
log-likelihood ratio of their co-occurrence, 2 * together * log(together / expected) (Dunning, Accurate methods for the
statistics of surprise and coincidence, 1993). It begins at the word with the most such links and takes in, one after
the other, the word that is linked most to those it has, provided that half of the posts with that word have one of
these too. A post belongs to each theme of which it has a word, and most everyday posts to none; so a search for the
words of a theme finds its posts, and a topic of these words would hold them.

Left out: names of the brands, handles, links and addresses, numbers, words that carry a sentence and no matter, and
words that are usual in all talk about the brand. Posts that are nearly the same count as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from siach.language.frequency import plain
from siach.language.lexicon.words import forms
from siach.language.similar import fingerprint_of, near_groups
from siach.language.terms import FUNCTION_WORDS, STOP
from siach.language.theme_words import Written, without_addresses
from siach.language.words import LEAST_Z, Term

LEAST_POSTS = 40  # fewer have no themes that could be told from chance
MOST_POSTS = 4_000
MOST = 8
NAMES = 5  # words of a theme, at most
LEAST_NAMES = 2
LEAST_IN = 5  # posts of a theme, copies counted once
LEAST_SHARE = 0.012
LINKED = 12.0  # of the log-likelihood ratio of two words: by chance one pair in two thousand
_TOGETHER = 2.5  # posts that have both
_WITHIN = 0.5  # of the posts with a word, those that have another word of the theme
_BESIDE = 0.08  # of the posts with the first word, as many as have a word beside it
_USUAL = 0.15  # of the posts: a word of so many is no theme unless it grew
_GREW = 3
_LEAST_GROWTH = 1.5
_MOST_GROWTH = 4  # that counts for how telling a theme is
_SAME = 0.25  # of the posts of the smaller theme, those that the larger one has too
_CANDIDATES = 4_000
_WORDS = 500
_SEEDS = 64
_GLUED = 0.65  # of the posts with a word, those in which it stands in one phrase
_LEAST_WORD = 3  # letters
_DIGITS = 6

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Name:
    """A word by which a theme is named, or a phrase of two that mostly holds it. `shown` is how it is mostly written;
    `forms` are written forms of the word, by which a search finds the others too."""

    word: str
    shown: str
    forms: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Theme:
    """`keys` of the posts that it holds, `share` of all posts that were given; `before` is how many of the posts of the
    time before have its words. `grew`: how many times as large its share is now, copies counted once; None where it
    cannot be told from what it was by more than chance."""

    names: tuple[Name, ...]
    keys: tuple[str, ...]
    share: float
    before: int
    grew: float | None

    @property
    def terms(self) -> list[Term]:
        """Its words as `summary.summary` wants them."""
        return [Term((name.word,), name.shown, name.weight, len(self.keys), self.before) for name in self.names]


def themes(
    posts: Sequence[tuple[str, str]], before: Sequence[str], *, without: Iterable[str] = (), most: int = MOST
) -> list[Theme]:
    """The themes of posts (key, text), the most telling first; none of fewer than 40. `before`: texts of the time
    before, perhaps none; `without`: names that name no theme. The order of the posts does not matter. Of more than
    4,000 of either the first are looked at."""
    posts, before = sorted(posts[:MOST_POSTS], key=lambda post: post[::-1]), sorted(before[:MOST_POSTS])
    if len(posts) < LEAST_POSTS:
        return []
    talk = _Talk([text for _key, text in posts], before, without)
    return [talk.theme(words, [key for key, _text in posts]) for words in talk.found(most)]


class _Talk:
    """Posts and those before them as tables of the words that may name a theme: which post has which."""

    def __init__(self, texts: Sequence[str], before: Sequence[str], without: Iterable[str]) -> None:
        sides = [[without_addresses(text) for text in side] for side in (texts, before)]
        self._written = Written(sides[0], sides[1], without)
        self._weights = self._counting()
        self._all = float(self._weights.sum())
        words = self._candidates()
        has, had = (_table(side, words) for side in (self._written.posts, self._written.before))
        kept = self._telling(has, had)
        self._words = [words[one] for one in kept]
        self._has, self._had = has[:, kept], had[:, kept]
        self._posts = self._weights @ self._has
        self._phrases = self._written.phrases(words, self._weights)
        self._twins = self._joined()

    def _candidates(self) -> list[int]:
        """The commonest words that may name a theme, however many words there are."""
        posts = Counter(one for post in self._written.posts for one in set(post) if one != STOP)
        words = self._written.words
        named = [one for one, count in posts.items() if count > _TOGETHER and _may_name(words[one])]
        return sorted(sorted(named, key=lambda one: (-posts[one], one))[:_CANDIDATES])

    def _counting(self) -> Numbers:
        """What each post counts for: one of k nearly the same counts for a k-th."""
        words = self._written.words
        prints = [fingerprint_of([words[one] for one in post if one != STOP]) for post in self._written.posts]
        weights = np.ones(len(prints))
        for group in near_groups(prints):
            weights[group] = 1 / len(group)
        return weights

    def _telling(self, has: Truths, had: Truths) -> list[int]:
        """The columns of the commonest words, but for those that are usual in this talk, before as now."""
        posts = self._weights @ has
        usual = posts > _USUAL * self._all
        if len(had):
            usual &= posts / self._all < _GREW * (had.sum(axis=0) + 0.5) / (len(had) + 1)
        kept = np.flatnonzero((posts > _TOGETHER) & ~usual)
        order = np.argsort(-np.round(posts[kept], _DIGITS), kind="stable")
        return [int(one) for one in kept[order][:_WORDS]]

    # --- which words make a theme -------------------------------------------------------------------------

    def _joined(self) -> dict[int, int]:
        """The words that stand in one phrase with a commoner one and hardly without it, with that word: such a pair is
        one name, and not two that are linked."""
        place = {word: at for at, word in enumerate(self._words)}
        found = {}
        for pair, weight in sorted(self._phrases.items()):
            both = sorted(place[one] for one in pair if one in place)
            if len(both) == 2 and weight >= _GLUED * self._posts[both[0]]:
                found[both[1]] = both[0]
        return found

    @cached_property
    def _links(self) -> Numbers:
        """How strongly each two words are linked; nothing where they may be together by chance."""
        table = self._has.astype(np.float64)
        together = (table * self._weights[:, None]).T @ table
        expected = np.outer(self._posts, self._posts) / self._all
        np.fill_diagonal(together, 0.0)
        ratio = 2 * together * np.log(np.maximum(together, 1e-9) / expected)
        return np.where((together >= _TOGETHER) & (ratio >= LINKED), np.round(ratio, _DIGITS), 0.0)

    def found(self, most: int) -> list[list[int]]:
        """The words of each theme as columns, the most telling theme first: by its links, and by how much it grew. Of
        two that have many posts in common the more telling stands."""
        if not self._words:
            return []
        scored = sorted((-self._telling_of(words), words) for words in self._grown())
        chosen: list[list[int]] = []
        for _score, words in scored:
            if len(chosen) < most and not any(self._is_same(words, other) for other in chosen):
                chosen.append(words)
        return chosen

    def _grown(self) -> Iterator[list[int]]:
        """Sets of words that are linked, from the seeds that are linked most."""
        links = self._links.sum(axis=1)
        order = np.argsort(-np.round(links * np.sqrt(self._growth_of_words()), _DIGITS), kind="stable")
        used = set(self._twins)
        for seed in map(int, order[:_SEEDS]):
            if seed in used or not links[seed]:
                continue
            words = self._around(seed, used)
            if self._in(words) >= max(LEAST_IN, LEAST_SHARE * self._all) and self._is_theme(words):
                used.update(words)
                yield words

    def _is_theme(self, words: list[int]) -> bool:
        """Two words that are no phrase together; or a phrase alone, when it is said more than before."""
        if len(words) >= LEAST_NAMES:
            return True
        return words[0] in self._twins.values() and self._grew_surely(words) is not None

    def _around(self, seed: int, used: set[int]) -> list[int]:
        words = [seed]
        while len(words) < NAMES:
            link = self._links[:, words].sum(axis=1)
            enough = link.astype(bool) & (self._posts >= _BESIDE * self._posts[seed])
            open_to = [int(one) for one in np.flatnonzero(enough) if one not in used and one not in words]
            of_theme = self._weights * self._has[:, words].any(axis=1)
            within = of_theme @ self._has[:, open_to] / self._posts[open_to]
            near = [one for one, share in zip(open_to, within, strict=True) if share >= _WITHIN]
            if not near:
                break
            words.append(max(near, key=lambda one: (link[one], -one)))
        return words

    def _growth_of_words(self) -> Numbers:
        if not len(self._had):
            return np.ones(len(self._words))
        now, then = self._posts / self._all, (self._had.sum(axis=0) + 0.5) / (len(self._had) + 1)
        return np.asarray(np.maximum(now / then, 1.0), dtype=np.float64)

    def _telling_of(self, words: list[int]) -> float:
        grew = self._grew(self._in(words) / self._all, self._before(words))
        within = self._with_twins(words)
        links = float(np.triu(self._links[np.ix_(within, within)]).sum())
        return round(links * min(max(grew or 1.0, 1.0), _MOST_GROWTH), _DIGITS)

    def _with_twins(self, words: list[int]) -> list[int]:
        return [*words, *(one for one, other in self._twins.items() if other in words)]

    def _is_same(self, words: list[int], other: list[int]) -> bool:
        both = self._has[:, words].any(axis=1) & self._has[:, other].any(axis=1)
        return float(self._weights @ both) > _SAME * min(self._in(words), self._in(other))

    def _in(self, words: list[int]) -> float:
        return round(float(self._weights @ self._has[:, words].any(axis=1)), _DIGITS)

    def _before(self, words: list[int]) -> int:
        return int(self._had[:, words].any(axis=1).sum())

    def _grew(self, share: float, before: int) -> float | None:
        """How many times the share before a share is, with half a post more there; None without a time before."""
        return share * (len(self._had) + 1) / (before + 0.5) if len(self._had) else None

    def _grew_surely(self, words: list[int]) -> float | None:
        """How much a theme grew, where two shares of posts so far apart are no chance (a test of two proportions)."""
        now, then, before = self._in(words), self._before(words), len(self._had)
        if before < LEAST_POSTS:
            return None
        pooled = (now + then) / (self._all + before)
        apart = now / self._all - then / before
        error = sqrt(pooled * (1 - pooled) * (1 / self._all + 1 / before))
        grew = self._grew(now / self._all, then) or 0.0
        return grew if grew >= _LEAST_GROWTH and apart >= LEAST_Z * error else None

    # --- how it is told -----------------------------------------------------------------------------------

    def theme(self, words: list[int], keys: Sequence[str]) -> Theme:
        """A theme of these words; `keys` of all posts in their order."""
        held = np.flatnonzero(self._has[:, words].any(axis=1))
        share, before = len(held) / len(keys), self._before(words)
        grew = self._grew_surely(words)
        links = self._links[np.ix_(words, self._with_twins(words))].sum(axis=1)
        named = {self._words[one] for one in words}
        names = [self._name(one, float(link), named) for one, link in zip(words, links, strict=True)]
        found = tuple(sorted(keys[int(one)] for one in held))
        return Theme(tuple(names), found, share, before, None if grew is None else round(grew, 2))

    def _name(self, column: int, link: float, named: set[int]) -> Name:
        """A word as it is told: within the phrase that mostly holds it, unless another name of the theme is there."""
        word, held = self._words[column], _GLUED * self._posts[column]
        phrases = [one for one, weight in self._phrases.items() if word in one and weight >= held]
        phrase = max(phrases, key=lambda one: (self._phrases[one], one), default=(word,))
        told = phrase if len(named.intersection(phrase)) == 1 else (word,)
        shown, forms_of = self._written.shown(told), self._written.forms(word)
        return Name(self._written.words[word], shown, forms_of, round(sqrt(link), 2))


def _table(posts: Sequence[Sequence[int]], words: Sequence[int]) -> Truths:
    """Which post has which of the words."""
    place = {word: at for at, word in enumerate(words)}
    table = np.zeros((len(posts), len(words)), dtype=np.bool_)
    for row, post in enumerate(posts):
        for one in post:
            if one in place:
                table[row, place[one]] = True
    return table


def _may_name(word: str) -> bool:
    """Whether a word has a matter of its own."""
    if len(word) < _LEAST_WORD or "_" in word or word in FUNCTION_WORDS or any(map(str.isdigit, word)):
        return False
    return not any(one in plain() for one in forms(word) if one == word or len(one) >= _LEAST_WORD)
