"""Words as sets of posts are compared by them: folded so that one word written in many ways is one.

A prefix chain is taken off where the word without it is known among the posts themselves and the longer one is not
far commoner than all its other forms: מאפייה (bakery) is not "from baking" only because somebody wrote אפייה.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from siach.language.clean import TOKEN, key
from siach.language.lexicon.words import NUMBER, forms

READ_LIMIT = 2_000  # characters of a post that are compared
WORD_LIMIT = 30
STOP = -1  # in a post's tokens: here a phrase ends

_PIECE = re.compile(TOKEN.pattern + r"|[.,;:…()\[\]|–—\n]")
_LONG_NUMBER = 5  # digits: an order, a telephone
_RUN = re.compile(r"(.)\1\1")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_KNOWN_LEAST = 2
# A word this many times as common as all its supposed other forms is a word of its own; one with an article may be.
_OUTWEIGHS = 2
_ARTICLE_OUTWEIGHS = 6

_FUNCTION = """
אני אתה את אתם הוא היא הם הן אנחנו זה זאת זו אלה אלו של שלי שלך שלו שלה שלנו שלכם שלהם על אל עם לא כן כי אם גם רק כל מה
מי יש אין היה היתה הייתה היו יהיה או אבל אז כמו עוד כבר לי לך לו לה לנו לכם להם בו בה אותו אותה אותי הרבה מאוד יותר פחות
ביותר כמה למה איך איפה מתי אחרי לפני בלי בין עד כדי ככה פה שם הכי משהו מישהו
the a an and or but of to in on at for with from is are was were be been am i you he she it we they my your our their me
us them this that these those not no do does did have has had so if as by it's i'm
и в во на с со не что это я ты он она мы вы они у к за по но а из от же бы как так мне меня все
في من على عن إلى الى ما لا هذا هذه أن ان هو هي أنا انا مع كل يا و
"""
#: Words that carry a sentence, not a matter: no phrase begins or ends with one, and none is another word with a prefix.
FUNCTION_WORDS = frozenset(map(key, _FUNCTION.split()))


def pieces(text: str) -> list[str]:
    """The words, links, handles and signs of the first 2,000 characters of a text, as they are written."""
    return _PIECE.findall(text[:READ_LIMIT])


def word_key(piece: str) -> str:
    """The key of a piece that is a word; `NUMBER` for a number; "" for a link, a handle or a sign."""
    if not (piece[0].isalnum() or piece[0] == "#") or piece.startswith(("http://", "https://", "www.")):
        return ""
    return forms(piece)[0] if len(piece) <= WORD_LIMIT else ""


class Corpus:
    """Posts as numbers of their words. All are read first, then `fold` tells which words are one."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._number: dict[str, int] = {}

    def read(self, text: str) -> list[int]:
        """The words of a post in order, as numbers of their written forms; STOP between sentences."""
        number = self._number
        read = []
        for piece in pieces(text):
            one = number.get(piece)
            if one is None:
                one = number[piece] = self._new(piece)
            read.append(one)
        return read

    def _new(self, piece: str) -> int:
        if not word_key(piece) or sum(map(str.isdigit, piece)) >= _LONG_NUMBER:
            return STOP
        self.pieces.append(piece)
        return len(self.pieces) - 1

    def fold(self, posts: Iterable[Sequence[int]]) -> list[str]:
        """For the number of each written form, the key of the word that it is a form of."""
        written = [0] * len(self.pieces)
        for post in posts:
            for one in set(post):
                if one != STOP:
                    written[one] += 1
        folding = Folding(zip(self.pieces, written, strict=True))
        return [folding.of(piece) for piece in self.pieces]


class Folding:
    """Which words are forms of one another, learnt from how many posts have each written form."""

    def __init__(self, counted: Iterable[tuple[str, int]]) -> None:
        self._known: dict[str, int] = {}
        self._family: dict[str, int] = {}
        self._of: dict[str, str] = {}
        for piece, count in counted:
            first, *others = keys_of(piece)
            self._known[first] = self._known.get(first, 0) + count
            for one in (first, *others):
                self._family[one] = self._family.get(one, 0) + count

    def of(self, piece: str) -> str:
        """The key of the word that a written form is a form of."""
        keys = keys_of(piece)
        found = self._of.get(keys[0])
        if found is None:
            known = self._one_of(keys)
            found = self._of[keys[0]] = keys[0] if known == keys[0] else self.of(known)
        return found

    def _one_of(self, keys: tuple[str, ...]) -> str:
        """The word itself, or the commonest known word that it is a longer form of. Each step is shorter."""
        word, *others = keys
        if _CYRILLIC.match(word):
            return others[0] if others else word
        if word in FUNCTION_WORDS or not others:
            return word
        if _RUN.search(word):
            return max(others, key=lambda one: self._known.get(one, 0))
        folded = [one for one in others if self._is_form(word, one)]
        return max(folded, key=lambda one: self._known[one], default=word)

    def _is_form(self, word: str, one: str) -> bool:
        mine = self._known.get(word, 0)
        outweighs = _ARTICLE_OUTWEIGHS if word == f"ה{one}" else _OUTWEIGHS
        return self._known.get(one, 0) >= _KNOWN_LEAST and mine <= outweighs * (self._family[one] - mine)


def keys_of(piece: str) -> tuple[str, ...]:
    """The key of a word, then the keys of the words that it may be a longer form of."""
    found = forms(piece)
    word = found[0]
    if word == NUMBER:
        return (key(piece),)
    if _CYRILLIC.match(word):
        return tuple(dict.fromkeys((word, found[-1].rstrip("*"))))
    others = tuple(one for one in found[1:] if one[-1:] != "*" and 0 < len(one) < len(word))
    if word.isascii() and word[-1] == "s" and len(word) > 3:
        return (word, *others, word[:-1])
    return (word, *others)
