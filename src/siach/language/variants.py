"""Ways in which a name may be written: what stands in its letters, and the likely slips and other spellings.

The plain ways are the name itself. The others are alternatives tried in matching: a name in full or defective
spelling, in the letters of the other script, typed on the wrong keyboard layout, or with one slip of the hand. An
alternative that is a common word, or another name looked for, is not tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

from siach.language.clean import HEBREW_LETTERS, VANISHING, key
from siach.language.frequency import ENGLISH, Frequencies
from siach.language.keyboard import by_hebrew_layout, by_latin_layout
from siach.language.spellings import others
from siach.language.transliteration import in_hebrew, in_latin

JOINED_LEAST = 6  # letters a name of several words needs to be found written as one word outside a tag
ARTICLE_WORDS = 4  # names of more words than this are not tried with articles on the later ones
SPELLING_LEAST, LATIN_LEAST, LAYOUT_LEAST, TYPO_LEAST = 5, 5, 4, 6  # letters a name needs to be tried so

SEPARATOR = re.compile(r"[\s_-]+")
_HEBREW = re.compile(f"[{HEBREW_LETTERS}]")
_ALL_HEBREW = re.compile(f"[{HEBREW_LETTERS}]+")
_ALL_LATIN = re.compile("[a-z]+")
_VANISH = re.compile(f"[{VANISHING}]+")
_INNER = re.compile(r"(?<=\w)[\"'](?=\w)")
# Letters that sound alike, and letters whose keys touch.
_ALIKE = ("אע", "אה", "עה", "טת", "כק", "כח", "חה", "סש", "בו", "צס", "פב")
_ROWS = {"he": ("קראטופ", "שדגכעיחל", "זסבהנמצת"), "la": ("qwertyuiop", "asdfghjkl", "zxcvbnm")}

Way = tuple[str, str, str, bool]  # key, code of why, letters of which one must stand before, only within a tag


def bare(name: str) -> tuple[str, str]:
    """(`#` or `@`, the key of a name without it and without signs at its ends)."""
    folded = key(name.replace("\0", " ")).strip(" \"'-_.,;:!?()[]")
    return (folded[0], folded[1:]) if folded[:1] in ("#", "@") else ("", folded)


def plain(folded: str) -> Iterator[Way]:
    """The ways to write the words of a name, as it is first."""
    words = [word for word in SEPARATOR.split(folded) if word]
    seen: set[str] = set()
    for written, why, after, in_tag in _written(words, folded):
        for pattern in dict.fromkeys((written, unquoted(written))):
            if pattern not in seen:
                seen.add(pattern)
                yield pattern, why, after, in_tag


def unquoted(written: str) -> str:
    """Without the gershayim of an acronym, but with the quotation mark before a later word."""
    return _INNER.sub("", written)


def _written(words: list[str], folded: str) -> Iterator[Way]:
    for separator in (" ", "-", "_"):
        yield separator.join(words), "", "", False
    if words[0][0] == "ה" and len(words[0]) > 3 and len(words) == 1:
        yield words[0][1:], "", "בכל", False
    if len(words) == 1:
        return
    yield re.sub(r"\s*-\s*", "-", folded), "", "", False
    yield re.sub(r"\s*-\s*", " - ", folded), "", "", False
    yield f'{words[0]} "{" ".join(words[1:])}', "", "", False
    joined = "".join(words)
    yield joined, "joined", "", len(joined) < JOINED_LEAST
    if words[0][0] == "ה" and len(words[0]) > 2:
        yield " ".join([words[0][1:], *words[1:]]), "", "בכל", False
    for articled in _articled(words):
        for separator in (" ", "-", "_"):
            yield separator.join(articled), "article", "", False


def _articled(words: list[str]) -> Iterator[list[str]]:
    """The words with an article on one or more of the later ones."""
    later = [i for i in range(1, len(words)) if _HEBREW.match(words[i])]
    if len(words) > ARTICLE_WORDS:
        return
    for count in range(1, len(later) + 1):
        for chosen in combinations(later, count):
            yield ["ה" + word if i in chosen else word for i, word in enumerate(words)]


# --- alternatives -----------------------------------------------------------------------------------------


def alternatives(name: str, folded: str, known: Frequencies) -> Iterator[tuple[str, str]]:
    """(key, code) of other ways to write a name: `spelling`, `letters` (of the other script), `layout`, `typo`.

    The first code of a key is the one that tells why. `folded` is its key (`bare`)."""
    seen = {folded, unquoted(folded)}
    for written, why in _others(name, folded):
        if written not in seen and not known.is_common(written) and written not in ENGLISH:
            seen.add(written)
            yield written, why


def _others(name: str, folded: str) -> Iterator[tuple[str, str]]:
    words = SEPARATOR.split(folded)
    letters = sum(map(len, words))
    if letters >= SPELLING_LEAST:
        yield from ((other, "spelling") for other in _one_word_else(words, _spelt, 1))
    if len(words) == 1 and letters >= _letters_least(folded):
        crossed = (*in_latin(folded), *in_hebrew(folded))
        yield from ((other, "letters") for other in crossed if len(other) >= _letters_least(other))
    if letters >= LAYOUT_LEAST:
        yield from ((other, "layout") for other in _on_other_layout(name) if len(other) >= LAYOUT_LEAST)
    yield from ((other, "typo") for other in _one_word_else(words, _slips, TYPO_LEAST))


def _one_word_else(words: list[str], ways: Callable[[str], Iterator[str]], least: int) -> Iterator[str]:
    """The words with one of them, of so many letters, written in another way."""
    for at, word in enumerate(words):
        if len(word) >= least:
            yield from (" ".join([*words[:at], other, *words[at + 1 :]]) for other in ways(word))


def _letters_least(word: str) -> int:
    """Letters a word needs to be tried in the other script: Hebrew writes with fewer."""
    return LATIN_LEAST - _is_hebrew(word)


def _is_hebrew(word: str) -> bool:
    return bool(_ALL_HEBREW.fullmatch(word))


def _spelt(word: str) -> Iterator[str]:
    """One Hebrew word in full and defective spelling: a vav or yod doubled or single inside it, an ending of -ya."""
    yield from others(word)
    if not _is_hebrew(word) or len(word) < SPELLING_LEAST - 1:
        return
    for letter in "וי":
        for found in re.finditer(f"(?<=[^{letter}]){letter}{{1,2}}(?=[^{letter}])", word):
            other = letter * (3 - len(found.group()))
            yield word[: found.start()] + other + word[found.end() :]
    if len(word) >= SPELLING_LEAST:
        for at in range(1, len(word) - 1):
            if word[at] in "וי" and word[at - 1] not in "וי" and word[at + 1] not in "ויה":
                yield word[:at] + word[at + 1 :]


def _on_other_layout(name: str) -> Iterator[str]:
    typed = _VANISH.sub("", name).lower().strip()
    if not typed or SEPARATOR.search(typed) or not typed.isalpha():
        return
    if all("א" <= letter <= "ת" for letter in typed):
        yield by_latin_layout(typed)
    elif _ALL_LATIN.fullmatch(typed):
        yield key(by_hebrew_layout(typed))


def _slips(word: str) -> Iterator[str]:
    """One slip inside a word: two letters changed about, one left out, doubled, or taken for one that sounds alike
    or whose key is beside it. The first and last letters stand: a change there makes another form of a word."""
    script = "he" if _is_hebrew(word) else "la" if _ALL_LATIN.fullmatch(word) else ""
    if not script:
        return
    for at in range(1, len(word) - 1):
        head, letter, tail = word[:at], word[at], word[at + 1 :]
        if at + 2 < len(word):
            yield head + tail[0] + letter + tail[1:]
        yield head + tail
        yield head + letter + letter + tail
        for other in _mistaken(letter, script):
            yield head + other + tail


def _mistaken(letter: str, script: str) -> Iterator[str]:
    for pair in _ALIKE:
        if letter in pair:
            yield pair.replace(letter, "")
    for row in _ROWS[script]:
        at = row.find(letter)
        if at >= 0:
            yield from row[max(0, at - 1) : at] + row[at + 1 : at + 2]
