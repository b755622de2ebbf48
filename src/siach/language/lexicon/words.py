"""The word lists of this folder as one table: terms with inflections, each with what it tells of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

from siach.language.clean import key
from siach.language.match import PREFIX, PREFIX_LIMIT

LISTS = ("he.txt", "en.txt", "any.txt")  # a later list, and a later line, wins over an earlier one
AFINN = ("ar", "ru")
NUMBER = "<n>"
NUMBER_WORD = re.compile(r"\d[\d.,:]*")
ENDINGS = {"~": ("", "ה", "ים", "ות"), "^": ("", "ת", "ים", "ות"), "=": ("", "ים", "י")}
PAST = ("", "ה", "ו", "תי", "ת", "נו", "תם")

_HEBREW = re.compile("[א-ת]")
_ARABIC = re.compile("[\u0620-\u064a]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_RUN = re.compile(r"(.)\1\1")
_ARABIC_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"})
_ARABIC_PREFIX = re.compile("(?:و|ف)?(?:ب|ل|ك)?(?:ال)?")
STEM_LEAST = 4
PREFIXED_LEAST = 3  # letters that must remain behind a prefix; two behind a lone article or "and"


@dataclass(frozen=True, slots=True)
class Sense:
    """What a term tells. `valence` -4 to 4, None where no list gives one; `intensity` multiplies the valence
    beside it (1 does nothing); `negates` is the number of words it turns, `turns` is a "but", `either` takes
    the side of the rest of the text, `harmless` before a safety word takes its edge off; a
    `settled` phrase holds its own negation and takes no other; `cues` are (kind, weight)."""

    valence: float | None = None
    intensity: float = 1.0
    negates: int = 0
    turns: bool = False
    either: bool = False
    harmless: bool = False
    settled: bool = False
    cues: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """All terms. `phrases` are found by their first word, then by their second, longest first."""

    words: dict[str, Sense]
    phrases: dict[str, dict[str, list[tuple[tuple[str, ...], Sense]]]]

    def all_phrases(self) -> Iterator[tuple[tuple[str, ...], Sense]]:
        """(words, sense) of each phrase."""
        return (one for seconds in self.phrases.values() for found in seconds.values() for one in found)


@cache
def table() -> Table:
    """The table, read once."""
    terms: dict[str, Sense] = {}
    for term, valence in _foreign():
        terms[term] = Sense(valence=valence)
    for name in LISTS:
        for section, number, term in _listed(files(__package__).joinpath(name).read_text("utf-8")):
            for form in _inflected(term):
                written = key(form)
                terms[written] = _with(terms.get(written, Sense()), section, number)
    words = {term: sense for term, sense in terms.items() if "_" not in term}
    phrases: dict[str, dict[str, list[tuple[tuple[str, ...], Sense]]]] = {}
    for term, sense in terms.items():
        parts = tuple(term.split("_"))
        if len(parts) > 1:
            if sense.valence is None:
                sense = replace(sense, valence=_inherited(parts, words))
            sense = replace(sense, settled=any(words[part].negates for part in parts if part in words))
            phrases.setdefault(parts[0], {}).setdefault(parts[1], []).append((parts, sense))
    for seconds in phrases.values():
        for found in seconds.values():
            found.sort(key=lambda one: -len(one[0]))
    return Table(words, phrases)


def _inherited(parts: tuple[str, ...], words: dict[str, Sense]) -> float | None:
    """The strongest valence among the words of a phrase, nothing when one of them negates."""
    senses = [words[part] for part in parts if part in words]
    if any(sense.negates for sense in senses):
        return None
    return max((sense.valence for sense in senses if sense.valence), key=abs, default=None)


def _listed(text: str) -> Iterator[tuple[str, float, str]]:
    """(section, number, term) of a list."""
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            number, _, terms = line.partition(": ")
            for term in terms.split():
                yield section, float(number), term


def _inflected(term: str) -> tuple[str, ...]:
    stem, mark = term[:-1], term[-1]
    if not _HEBREW.search(term):
        return (term,)
    if mark in ENDINGS:
        return tuple(stem + ending for ending in ENDINGS[mark])
    if mark == "+":
        return tuple(stem + ending for ending in PAST)
    if mark == "%":
        return stem, stem[:-1] + "ת", stem[:-1] + "ות"
    return (term,)


def _with(sense: Sense, section: str, number: float) -> Sense:
    match section:
        case "valence":
            return replace(sense, valence=number)
        case "intensity":
            return replace(sense, intensity=number)
        case "negation":
            return replace(sense, negates=int(number))
        case "turn":
            return replace(sense, turns=True)
        case "either":
            return replace(sense, either=True)
        case "harmless":
            return replace(sense, harmless=True)
    kept = tuple(cue for cue in sense.cues if cue[0] != section)
    return replace(sense, cues=(*kept, (section, number)))


def _foreign() -> Iterator[tuple[str, float]]:
    """Valences of English (VADER), Arabic and Russian (AFINN). Scripts differ, so one table serves all."""
    vader = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text("utf-8")
    for line in vader.splitlines():
        term, valence, *_ = line.split("\t")
        if term.isalpha() or "'" in term.strip("'"):
            yield key(term), float(valence)
    for language in AFINN:
        stems: dict[str, list[float]] = {}
        for line in files(__package__).joinpath(f"afinn-{language}.tsv").read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            term, valence = line.split("\t")
            for form in forms(term)[:1]:
                yield form, float(valence) * 0.8
            stems.setdefault(stem(forms(term)[0]), []).append(float(valence) * 0.8)
        for one, valences in stems.items():
            yield one + "*", sum(valences) / len(valences)


def stem(word: str) -> str:
    """A Russian or Arabic word without its last letters."""
    return word[: max(STEM_LEAST, len(word) - 2)]


@lru_cache(maxsize=65_536)
def forms(token: str) -> tuple[str, ...]:
    """The keys under which a token of a text is looked up, the likeliest first: as written, without
    elongation, without a Hebrew prefix; stems of Russian and Arabic end in `*`."""
    word = key(token).strip("\"'-_.#@")
    if not word:
        return (token,) if token else ()
    if NUMBER_WORD.fullmatch(word):
        return (NUMBER,)
    found = [word]
    if _RUN.search(word):
        found += [re.sub(r"(.)\1\1", r"\1", word), re.sub(r"(.)\1\1", r"\1\1", word)]
    if _HEBREW.match(word):
        found += [part for one in tuple(found) for part in _without_prefix(one)]
    elif _ARABIC.match(word):
        plain = word.translate(_ARABIC_SAME)
        bare = _ARABIC_PREFIX.sub("", plain, count=1)
        found = [plain, bare, stem(plain) + "*", stem(bare) + "*"] if len(bare) > 2 else [plain]
    elif _CYRILLIC.match(word):
        word = word.replace("ё", "е")
        found = [word, stem(word) + "*"] if len(word) > STEM_LEAST else [word]
    return tuple(dict.fromkeys(found))


def _without_prefix(word: str) -> Iterator[str]:
    for length in range(1, min(PREFIX_LIMIT, len(word) - 1)):
        rest = len(word) - length
        enough = rest >= PREFIXED_LEAST or (rest == PREFIXED_LEAST - 1 and word[:length] in "הו")
        if enough and PREFIX.fullmatch(word, 0, length):
            yield word[length:].lstrip("'\"-")
