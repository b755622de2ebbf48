"""Counts of what the word lists tell of texts, of many texts at once: features beside the hashed ones, and what a
reading says by rule. Rougher than `lexicon.weigh`: words, words behind a prefix, stems and phrases of two words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from siach.language.facts import place_words
from siach.language.features import HEBREW_PREFIXES, reach
from siach.language.lexicon.words import NUMBER, STEM_LEAST, Sense, table
from siach.language.tokens import Floats, Hashes, Indices, Tokens, Truths, hashes_of, pair_hash

CUES = ("complaint", "question", "praise", "urgency", "safety", "insult")
TALLIES = (
    "good", "bad", "negated_good", "negated_bad", *CUES, "alarms", "exclaims", "asks", "words", "own", "ours", "laughs",
    "places", "strong", "turns",
)  # fmt: skip

_OWN = "אני אותי לי שלי איתי אלי אליי עלי עליי ממני בשבילי אצלי i me my mine i'm i've я мне меня мой моя انا لي"
_OURS = (
    "אנחנו אנו אותנו לנו שלנו איתנו אלינו עלינו ממנו כולנו כולם ביחד יחד נחרים תשתפו שתפו "
    "we us our ours everyone together мы нас нам наш все вместе نحن لنا كلنا"
)
_LAUGHS = "חחח חחח חח הההה ההה lol haha hahaha ahaha ахах хаха ههه ههههه 😂 🤣"
_OWN_END, _OURS_END = "תי", "נו"
_NOT_OWN = "ביתי אמיתי בעייתי חברתי איכותי משפחתי תרבותי חוויתי עצמותי שבתי מהותי ישנו בנו מיהו"
_ARABIC_PREFIXES = "والبلكف"
_ENDING_LEAST = 5
_LONGEST_PREFIX = 3


@dataclass(frozen=True, slots=True)
class _Lists:
    """Terms by the hash of their words, ascending, and what each tells: good, bad, CUES, intensity above 1, a turn."""

    hashes: Hashes
    tells: Floats

    def find(self, hashes: Hashes) -> tuple[Truths, Floats]:
        """Which of the hashes are terms, and what those tell."""
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        known = self.hashes[at] == hashes
        return known, self.tells[at[known]]


_WIDTH = 2 + len(CUES) + 2


def tally(count: int, tokens: Tokens) -> Floats:
    """(count, len(TALLIES)): sums over each of `count` texts, in the order of TALLIES."""
    words = tokens.hash(tokens.first, tokens.end)
    tells, in_phrase = _told(tokens, words)
    under = reach(tokens, words) & ~in_phrase
    marks, sign = _marks(), tokens.letter(0)
    good, bad = tells[:, 0], tells[:, 1]
    columns = (
        good * ~under, bad * ~under, good * under, bad * under, *tells[:, 2 : 2 + len(CUES)].T,
        np.isin(words, _alarms()), sign == ord("!"), sign == ord("?"), tokens.is_word,
        np.isin(words, marks.own) | (_ends(tokens, _OWN_END) & ~np.isin(words, marks.not_own)),
        np.isin(words, marks.ours) | (_ends(tokens, _OURS_END) & ~np.isin(words, marks.not_own)),
        np.isin(words, marks.laughs), np.isin(words, marks.places), tells[:, -2] > 0, tells[:, -1],
    )  # fmt: skip
    sums = [np.bincount(tokens.row, column.astype(np.float64), count) for column in columns]
    return np.stack(sums, axis=1).astype(np.float32)


def column(tallies: Floats, name: str) -> Floats:
    """One column of a tally by its name."""
    return tallies[:, TALLIES.index(name)]


def _told(tokens: Tokens, words: Hashes) -> tuple[Floats, Truths]:
    """What each token tells: as it stands, without a prefix, by its stem; of a phrase its second word tells, and
    no negation reaches it: the second value marks it."""
    one, two, stems = _terms()
    tells, in_phrase = np.zeros((len(words), _WIDTH), np.float32), np.zeros(len(words), bool)
    known, found = one.find(words)
    tells[known] = found
    unknown = ~known & tokens.is_word
    for length in range(1, _LONGEST_PREFIX + 1):
        held = np.flatnonzero(unknown & (tokens.end - tokens.first - length >= 3) & _prefixed(tokens, length))
        known, found = one.find(tokens.hash(tokens.first[held] + length, tokens.end[held]))
        tells[held[known]] = found
        unknown[held[known]] = False
    _tell_stems(tokens, stems, np.flatnonzero(unknown), tells)
    if len(words) > 1:
        known, found = two.find(pair_hash(words[:-1], words[1:]))
        same = tokens.row[1:] == tokens.row[:-1]
        held = np.flatnonzero(known & same)
        tells[held] = 0
        tells[held + 1] = found[same[known]]
        in_phrase[held + 1] = True
    return tells, in_phrase


def _tell_stems(tokens: Tokens, stems: _Lists, held: Indices, tells: Floats) -> None:
    """Russian and Arabic words by what is left without their last letters, as `lexicon.words.stem` cuts them."""
    letters = tokens.letter(0)[held]
    held = held[((letters >= 0x400) & (letters < 0x500)) | ((letters >= 0x620) & (letters < 0x700))]
    lengths = tokens.end[held] - tokens.first[held]
    held, lengths = held[lengths > STEM_LEAST], lengths[lengths > STEM_LEAST]
    starts = tokens.first[held]
    article = (tokens.letter(0)[held] == ord("ا")) & (tokens.letter(1)[held] == ord("ل")) & (lengths > STEM_LEAST + 2)
    starts, lengths = starts + 2 * article, lengths - 2 * article
    known, found = stems.find(tokens.hash(starts, starts + np.maximum(STEM_LEAST, lengths - 2)))
    tells[held[known]] = found


def _prefixed(tokens: Tokens, length: int) -> Truths:
    hebrew = [ord(char) for char in HEBREW_PREFIXES]
    arabic = [ord(char) for char in _ARABIC_PREFIXES]
    places = [tokens.letter(at) for at in range(length)]
    both = [np.all([np.isin(place, letters) for place in places], axis=0) for letters in (hebrew, arabic)]
    either: Truths = np.logical_or(*both)
    return either


def _ends(tokens: Tokens, ending: str) -> Truths:
    """Words of some length that end so (of two letters)."""
    first, second = (tokens.codes[np.maximum(tokens.end - back, 0)] for back in (2, 1))
    long = tokens.end - tokens.first >= _ENDING_LEAST
    ends: Truths = long & (first == ord(ending[0])) & (second == ord(ending[1]))
    return ends


@cache
def _alarms() -> Hashes:
    """The longest word of each phrase of urgency or safety that no column of its own tells of."""
    kinds = {"urgency", "safety"}
    long = [
        parts
        for parts, sense in table().all_phrases()
        if (len(parts) > 2 or NUMBER in parts) and kinds & {kind for kind, _weight in sense.cues}
    ]
    return hashes_of([max((part for part in parts if part != NUMBER), key=len) for parts in long])


@dataclass(frozen=True, slots=True)
class _Marks:
    own: Hashes
    ours: Hashes
    laughs: Hashes
    not_own: Hashes
    places: Hashes


@cache
def _marks() -> _Marks:
    own, ours, laughs, not_own = (hashes_of(words.split()) for words in (_OWN, _OURS, _LAUGHS, _NOT_OWN))
    return _Marks(own, ours, laughs, not_own, hashes_of(place_words()))


@cache
def _terms() -> tuple[_Lists, _Lists, _Lists]:
    """The terms of one word, those of two, and stems."""
    words = [one for one in table().words.items() if one[0] != NUMBER and not one[0].endswith("*")]
    stems = [(word[:-1], sense) for word, sense in table().words.items() if word.endswith("*")]
    pairs = [one for one in table().all_phrases() if len(one[0]) == 2 and NUMBER not in one[0]]
    firsts, seconds = (hashes_of([parts[at] for parts, _ in pairs]) for at in (0, 1))
    both = pair_hash(firsts, seconds)
    single, stemmed = (hashes_of([word for word, _ in terms]) for terms in (words, stems))
    return _listed(single, words), _listed(both, pairs), _listed(stemmed, stems)


def _listed(hashes: Hashes, terms: Sequence[tuple[object, Sense]]) -> _Lists:
    tells = np.array([_tells(sense) for _term, sense in terms], np.float32)
    order = np.argsort(hashes, kind="stable")
    last = np.concatenate((np.diff(hashes[order]) > 0, [True]))
    kept = order[last & (hashes[order] != 0)]
    return _Lists(hashes[kept], tells[kept])


def _tells(sense: Sense) -> tuple[float, ...]:
    valence, cues = sense.valence or 0.0, dict(sense.cues)
    return (
        max(0.0, valence),
        max(0.0, -valence),
        *(cues.get(kind, 0.0) for kind in CUES),
        sense.intensity - 1,
        float(sense.turns),
    )
