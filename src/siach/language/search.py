"""Words as a search finds them: the lexemes of a text, a search as it is typed, and why a word of a text answers it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Literal

from siach.language.clean import HEBREW_LETTERS, TOKEN, TOKEN_LIMIT, key
from siach.language.spellings import others

EITHER = "|"
LEXEME_LIMIT = 400
LEXEME_LENGTH = 40
_HEBREW_WORD = re.compile(f"[{HEBREW_LETTERS}'\"]+")
_ONE_LETTER = frozenset("ושהבלמכ")
_TWO_LETTERS = frozenset(["וש", "וה", "וב", "ול", "ומ", "וכ", "שה", "שב", "של", "שמ", "שכ", "כש", "מה", "מש"])
_PARTS = re.compile(r"[^\W_]+(?:['\"][^\W_]+)*")
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([\w.-]+)")
_QUERY_PART = re.compile(r'(?<!\S)(-?)(?:"([^"]+)"(?!\w)|(\S+))')


@dataclass(frozen=True, slots=True)
class Query:
    """What a search asks for. Each of `words` must occur, in one of its alternative lexemes, and none of
    `excluded` may. Words of quoted phrases stand in `words` too; that they stand together is true when the
    phrase is a part of `key(text)`. An excluded phrase asks nothing of the lexemes. `typed`: words as they were typed,
    by their keys. `either`: of those of `words` that were typed as one or another, the lexemes of each."""

    words: tuple[tuple[str, ...], ...]
    phrases: tuple[str, ...]
    excluded: tuple[str, ...]
    excluded_phrases: tuple[str, ...]
    typed: Mapping[str, str] = field(default_factory=dict)
    either: Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def phrases_hold(self, text: str) -> bool:
        """Whether the text has every phrase and no excluded phrase."""
        if not self.phrases and not self.excluded_phrases:
            return True
        folded = key(text)
        return all(one in folded for one in self.phrases) and not any(one in folded for one in self.excluded_phrases)


def search_terms(text: str) -> list[str]:
    """Lexemes under which a text is found, in the order of their first occurrence. Acronyms, hashtags,
    handles and hyphenated words stand whole and in parts, Hebrew words also without their prefixes."""
    found: dict[str, None] = {}
    for token in TOKEN.finditer(text):
        for lexeme in _lexemes(token.group()[:TOKEN_LIMIT]):
            found[lexeme] = None
        if len(found) >= LEXEME_LIMIT:
            break
    return list(found)[:LEXEME_LIMIT]


def parse_query(query: str) -> Query:
    """A search as typed: words, one|another, "phrases in quotes", -words and -"phrases" that must not occur."""
    words: list[tuple[str, ...]] = []
    either: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    phrases: list[str] = []
    excluded: list[str] = []
    excluded_phrases: list[str] = []
    for minus, phrase, word in _QUERY_PART.findall(key(query.replace("\0", " "))):
        asked = _asked(phrase or word)
        if minus and phrase:
            excluded_phrases.append(phrase.strip())
        elif minus:
            excluded += [one[0] for one in asked]
        elif EITHER in word and len(asked) > 1:
            any_of = tuple(dict.fromkeys(chain.from_iterable(asked)))
            words.append(any_of)
            either[any_of] = tuple(asked)
        else:
            words += asked
            phrases += [phrase.strip()] if phrase else []
    typed = {key(token): token for token in TOKEN.findall(query)}
    return Query(tuple(words), tuple(phrases), tuple(excluded), tuple(excluded_phrases), typed, either)


def _asked(part: str) -> list[tuple[str, ...]]:
    """The alternative lexemes of each word of a part of a search."""
    return [one for token in TOKEN.findall(part) if (one := _alternatives(token))]


def query_terms(query: str) -> list[list[str]]:
    """The words of a search, each with its alternative lexemes."""
    return [list(word) for word in parse_query(query).words]


@lru_cache(maxsize=65_536)
def _lexemes(token: str) -> tuple[str, ...]:
    """The lexemes of one token of a text, the whole first."""
    if token.startswith(("http", "www.")):
        host = _HOST.match(token)
        return (host.group(1).lower()[:LEXEME_LENGTH],) if host else ()
    word = key(token).replace("\0", "")
    if not word or word[0] in "!?:;=":
        return ()
    found = [word]
    for part in _PARTS.findall(word):
        found.append(part)
        if _HEBREW_WORD.fullmatch(part):
            found.append(part.replace('"', "").replace("'", ""))
            found += _without_prefix(part, 2, 3)
    return tuple(dict.fromkeys(one[:LEXEME_LENGTH] for one in found if one))


@lru_cache(maxsize=4_096)
def _alternatives(token: str) -> tuple[str, ...]:
    """The lexemes that answer one token of a query: the word as typed, without a likely prefix, and spelt otherwise."""
    lexemes = _lexemes(token)
    if not lexemes:
        return ()
    word = lexemes[0]
    if not _HEBREW_WORD.fullmatch(word):
        return (word,)
    bare = [one for one in _without_prefix(word, 3, 4) if one != word]
    return (word, *bare, *(one for known in (word, *bare) for one in others(known)))


def _without_prefix(word: str, least_one: int, least_two: int) -> list[str]:
    """The word without its first letter and without its first two, where these can be prefixes and enough
    letters remain; after one letter other than an article, an "in" or a "to" one letter more must remain."""
    found = []
    rest = len(word) - 1
    if word[0] in _ONE_LETTER and rest >= least_one + (word[0] not in "הבל"):
        found.append(word[1:])
    if word[:2] in _TWO_LETTERS and rest - 1 >= least_two:
        found.append(word[2:])
    return [one.lstrip("'\"") for one in found]


# --- why a word answers -----------------------------------------------------------------------------------

How = Literal["", "prefix", "part", "spelling"]


def is_answer(token: str, wanted: frozenset[str]) -> bool:
    """Whether a token of a text is found by one of these lexemes."""
    return not wanted.isdisjoint(_lexemes(token[:TOKEN_LIMIT]))


def answer(token: str, query: Query) -> tuple[str, How] | None:
    """Which word of a search a token of a text answers, and how: as it was typed (""), but for a prefix, with it as a
    "part" (of a hashtag, a hyphenated word), or in another "spelling". None: it answers none."""
    lexemes = _lexemes(token[:TOKEN_LIMIT])
    asked = [one for word in query.words for one in query.either.get(word, (word,))]
    answered = [word for word in asked if not set(word).isdisjoint(lexemes)]
    if not answered:
        return None
    word, how = min(((word[0], _how(lexemes, word)) for word in answered), key=lambda pair: _NEAREST.index(pair[1]))
    return query.typed.get(word, word), how


_NEAREST: tuple[How, ...] = ("", "prefix", "part", "spelling")


def _how(lexemes: tuple[str, ...], word: tuple[str, ...]) -> How:
    typed, whole = word[0], lexemes[0]
    if whole == typed or whole.replace('"', "").replace("'", "") == typed:
        return ""
    plain = {typed, *_without_prefix(typed, 3, 4)}
    if plain.isdisjoint(lexemes):
        return "spelling"
    return "prefix" if _HEBREW_WORD.fullmatch(whole) else "part"
