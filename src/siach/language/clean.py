"""Texts as keys for comparing (never for display), with a way back to the original offsets.

A key folds what writers vary without meaning: presentation forms (NFKC), niqqud and cantillation, direction
marks, case, final letters, the forms of geresh, gershayim and maqaf, runs of spaces, and repeated letters
beyond three. `key(key(text)) == key(text)` for every text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from siach.language.reading import Language


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


TEXT_LIMIT = 100_000
CUT_MARK = "…"
MARKS_LIMIT = 32
TOKEN_LIMIT = 120

HEBREW_LETTERS = r"\u05d0-\u05ea"
FINALS = {"ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ"}

# Hebrew points and cantillation (not maqaf, U+05BE), Arabic vowel marks and tatweel, direction marks,
# joiners, variation selectors, the soft hyphen: none of them tells one word from another.
VANISHING = (
    r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    r"\u0610-\u061a\u0640\u064b-\u065f\u0670\u061c"
    r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f"
)
_SAME = {
    "'": "\u05f3\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc",
    '"': "\u05f4\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033",
    "-": "\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
}
_FOLD: dict[int, str] = {ord(mark): one for one, marks in _SAME.items() for mark in marks}
_FOLD |= {ord(final): letter for final, letter in FINALS.items()}
_FINAL_PAIRS = tuple(FINALS.items())

_PLAIN_CHARACTER = r"[\n -_a-~" + HEBREW_LETTERS + "]"
_PLAIN = re.compile(f"{_PLAIN_CHARACTER}*")
_NOT_PLAIN = re.compile(f"[^{_PLAIN_CHARACTER[1:]}+")
_VANISH = re.compile(f"[{VANISHING}]+")
_COLLAPSE = re.compile(r"\s\s+|[^\S ]|[\"'][\"']+|(\D)\1{3,}", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")

_LETTERS = rf"\w[\w{VANISHING}]*"
_JOINING = "'\"`\u2018\u2019\u201c\u201d\u00b4\u05be\u05f3\u05f4-"
_URL = r"(?:https?://|www\.)[^\s<>\"]+"
_HANDLE = rf"@{_LETTERS}(?:[.-]{_LETTERS})*"
_WORD = rf"{_LETTERS}(?:[{_JOINING}]{{1,2}}{_LETTERS})*"
_SIGN = r"[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]|[:;=]['-]?[)(DPp|/](?!\w)|[!?]+"
TOKEN = re.compile(rf"{_URL}|{_HANDLE}|#{_LETTERS}|{_WORD}|{_SIGN}")


def text_guard(text: str) -> tuple[str, bool]:
    """The text as it may be stored: NUL and halves of surrogate pairs become U+FFFD, and what goes beyond
    `TEXT_LIMIT` characters is cut and marked. The second value tells whether it was cut."""
    cut = len(text) > TEXT_LIMIT
    if cut:
        text = text[: TEXT_LIMIT - 1]
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    return (text + CUT_MARK if cut else text), cut


def key(text: str) -> str:
    """The comparison key of a text."""
    folded = _fold_plain(text) if _PLAIN.fullmatch(text) else _fold(text)
    return _COLLAPSE.sub(_collapsed, folded) if _COLLAPSE.search(folded) else folded


def _fold_plain(text: str) -> str:
    text = text.lower()
    for final, letter in _FINAL_PAIRS:
        if final in text:
            text = text.replace(final, letter)
    return text


def _fold(text: str) -> str:
    """Folding again until nothing changes: a mark that vanishes may let its neighbours compose."""
    for _ in range(8):
        folded = _VANISH.sub("", text.translate(_FOLD)).casefold()
        if len(folded) > MARKS_LIMIT:
            folded = _long_marks().sub(_shortened, folded)
        folded = unicodedata.normalize("NFKC", folded)
        if folded == text:
            break
        text = folded
    return text


@lru_cache(maxsize=1)
def _long_marks() -> re.Pattern[str]:
    """Combining marks heaped on one letter: sorting them takes the square of their number."""
    marks = "".join(chr(code) for code in range(0x300, 0x1E950) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{{MARKS_LIMIT + 1},}}")


def _shortened(found: re.Match[str]) -> str:
    return found.group()[:MARKS_LIMIT]


def _collapsed(found: re.Match[str]) -> str:
    run = found.group()
    if found.group(1):
        return run[:3]
    return '"' if run[0] in "\"'" else " "


class Origin:
    """The way from offsets in `key(text)` back to offsets in `text`, worked out when first asked."""

    __slots__ = ("_ends", "_length", "_plain", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None
        self._ends: list[int] = []
        self._length = len(text)
        self._plain: bool | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the original that holds key characters `start` to `end` (exclusive)."""
        if self._plain is None:
            self._plain = bool(_PLAIN.fullmatch(self.text)) and len(key(self.text)) == self._length
        if self._plain:  # each character became one
            return min(start, self._length), min(max(start, end), self._length)
        if self._starts is None:
            self._starts, self._ends = _trace(self.text)
        if not self._starts or start >= len(self._starts):
            return self._length, self._length
        first = self._starts[start]
        last = self._ends[min(end, len(self._ends)) - 1] if end > start else first
        return first, max(first, last)


def _trace(text: str) -> tuple[list[int], list[int]]:
    """For each character of the key, where its source starts and ends in the text. Nothing composes with
    a plain character before it but what follows it, so only the last of a plain run may change otherwise
    than by itself: it goes with the odd characters behind it, the others are folded as one."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for odd in _NOT_PLAIN.finditer(text):
        begin = max(at, odd.start() - 1)
        folded.append(_fold_plain(text[at:begin]))
        starts += range(at, begin)
        ends += range(at + 1, begin + 1)
        at = odd.end()
        for one, start, stop in _trace_piece(text[begin:at], begin):
            folded.append(one)
            starts.append(start)
            ends.append(stop)
    folded.append(_fold_plain(text[at:]))
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return _trace_collapse("".join(folded), starts, ends)


def _trace_piece(piece: str, at: int) -> list[tuple[str, int, int]]:
    single = [(one, at + i, at + i + 1) for i, char in enumerate(piece) for one in _fold_one(char)]
    whole = _fold(piece)
    if "".join(one for one, _, _ in single) == whole:
        return single
    return [(one, at, at + len(piece)) for one in whole]


_fold_one = lru_cache(maxsize=4_096)(_fold)


def _trace_collapse(folded: str, starts: list[int], ends: list[int]) -> tuple[list[int], list[int]]:
    kept_starts: list[int] = []
    kept_ends: list[int] = []
    at = 0
    for found in _COLLAPSE.finditer(folded):
        kept = len(_collapsed(found))
        kept_starts += starts[at : found.start() + kept]
        kept_ends += ends[at : found.start() + kept]
        kept_ends[-1] = ends[found.end() - 1]
        at = found.end()
    return kept_starts + starts[at:], kept_ends + ends[at:]


def tokens(text: str) -> list[tuple[int, int]]:
    """Spans of the words, handles, hashtags, links, emoji and runs of ! and ? of the original text."""
    return [found.span() for found in TOKEN.finditer(text)]


# --- language ---------------------------------------------------------------------------------------------

_NO_LETTERS_OF_SPEECH = re.compile(rf"{_URL}|{_HANDLE}")
_SCRIPTS: tuple[tuple[Language, re.Pattern[str]], ...] = (
    ("he", re.compile(f"[{HEBREW_LETTERS}]")),
    ("ar", re.compile(r"[\u0620-\u063f\u0641-\u064a\u066e-\u06d3]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LATIN_WORD = re.compile(r"[a-z\u00e0-\u024f']+")
# Letters, and words, that tell a neighbour of the language in the same script.
_OTHERS: dict[Language, tuple[re.Pattern[str], frozenset[str]]] = {
    "he": (re.compile(r"[\u05f0-\u05f2]"), _words("")),
    "ar": (re.compile(r"[\u067e\u0686\u0698\u06af\u06cc]"), _words("است این را های کہ ہے")),
    "ru": (re.compile(r"[\u0456\u0457\u0454\u0491\u045e]"), _words("та що це як але для")),
}
_ENGLISH = _words(
    "the a an and or but of to in on at for with from is are was were be been am i you he she it we they my "
    "your our their me us them this that these those not no don't can't do does did have has had will would "
    "can could should what why when where who how all so if just very really more too there here as by out "
    "up about it's i'm i've get got still never ever after before again"
)
_NOT_ENGLISH = _words(
    "el la los las un una que es en por para con del muy pero como le les des est une dans pour pas sur avec "
    "ce et je vous nous der die das und ist nicht ein eine mit auf von ich sie il che di non per sono ma bir "
    "ve bu da için çok o os um uma não com het een van niet"
)


def detect_language(text: str) -> Language:
    """The language by the script of most letters, then by function words; `und` when neither tells. Links
    and handles do not count. A Latin name in a Hebrew sentence does not make it English."""
    if "@" in text or "//" in text or "www" in text:
        text = _NO_LETTERS_OF_SPEECH.sub(" ", text)
    counts = [(len(letters.findall(text)), language) for language, letters in _SCRIPTS]
    latin = len(_LATIN.findall(text))
    most, language = max(counts)
    if latin > most and (most * 4 < latin or _latin_language(text, strict=True) == "en"):
        return _latin_language(text, strict=False)
    return _of_script(language, text) if most else "und"


def _of_script(language: Language, text: str) -> Language:
    letters, words = _OTHERS[language]
    strange = len(letters.findall(text)) * 20 > len(text) or len(words.intersection(text.split())) > 1
    return "und" if strange else language


def _latin_language(text: str, *, strict: bool) -> Language:
    """English, or `und`. Without function words of any language plain letters pass for English unless
    `strict`."""
    words = set(_LATIN_WORD.findall(text.lower().replace("\u2019", "'")))
    english, other = len(words & _ENGLISH), len(words & _NOT_ENGLISH)
    if english or other or strict:
        return "en" if english > other else "und"
    return "en" if text.isascii() or not any(ord(char) > 0xBF for word in words for char in word) else "und"
