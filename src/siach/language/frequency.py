"""How often Hebrew words stand in ordinary talk: which names are words too, and which letters are a word at all.

`names/common.txt` is made by `guard_training.train` from the data its head names; `names/everyday.txt` is written by
hand: things of daily life and places that firms are called after, however seldom the data speak of them.
`names/plain.txt` is too: words that say how and when, and never of what.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from siach.language.clean import key

FOLDER = Path(__file__).parent / "names"
LEVELS = (3, 8, 30, 120)  # a word counted as often is of level 1, 2, 3, 4
KEPT = 2  # words counted less often are not kept
COMMON = 3  # a word counted as often in all its forms is a common word
_ONE = "הבלמושכ"
_TWO = ("וה", "וב", "ול", "ומ", "וש", "שה", "שב", "של", "שמ", "בה", "לה", "מה", "כש", "כה")

# Words of English that a text typed on the wrong layout is told by; two letters and fewer tell little.
_ENGLISH = """
the and for are but not you all any can had her was one our out day get has him his how man new now old see two way
who boy did its let put say she too use that with have this will your from they know want been good much some time
very when come here just like long make many more only over such take than them well were what where why about again
before because bread call coffee could delivery does don't even every first food give going great hello help hour
house i'm it's last late left little love money month never nice night nobody nothing order please price really
right service should store still thank thanks there these thing think today tomorrow until waiting week went which
while work would year years yes yesterday is it in of to on my me we he at so be no do if or as by am an go us up
"""
ENGLISH = frozenset(_ENGLISH.split())


class Frequencies:
    """Counts of words, by key, in talk where they are no name of an organisation."""

    def __init__(self, counts: Mapping[str, int], everyday: Iterable[str] = ()) -> None:
        self._counts = counts
        self._everyday = frozenset(everyday)

    def level(self, word: str) -> int:
        """0 (not counted thrice) to 4 (very common); a word of daily life is of level 1 at least."""
        return bisect_right(LEVELS, self._counts.get(word, 0)) or int(word in self._everyday)

    def is_common(self, word: str) -> bool:
        """Whether people say this word without meaning a name, as it is or behind one letter."""
        if word in self._everyday or (word[:1] == "ה" and word[1:] in self._everyday):
            return True
        counts = self._counts
        return counts.get(word, 0) + sum(counts.get(letter + word, 0) for letter in _ONE) >= COMMON

    def is_known(self, word: str) -> bool:
        """Whether this is a word at all, as it is or behind a prefix."""
        return any(one in self._counts or one in self._everyday for one in _bare(word))


def _bare(word: str) -> Iterator[str]:
    yield word
    if len(word) > 2 and word[0] in _ONE:
        yield word[1:]
    if len(word) > 3 and word[:2] in _TWO:
        yield word[2:]


def everyday() -> frozenset[str]:
    """The hand-written words, as keys."""
    return _listed("everyday.txt")


@lru_cache(maxsize=1)
def plain() -> frozenset[str]:
    """Words of four languages that carry no matter of their own, as keys."""
    return _listed("plain.txt")


def _listed(name: str) -> frozenset[str]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return frozenset(key(word) for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def frequencies() -> Frequencies:
    """The list that is shipped."""
    counts: dict[str, int] = {}
    for line in (FOLDER / "common.txt").read_text("utf-8").splitlines():
        count, _, words = line.partition("\t")
        if count.isdecimal():
            counts |= dict.fromkeys(words.split(), int(count))
    return Frequencies(counts, everyday())


def written(counts: Mapping[str, int], head: str) -> str:
    """Counts as the text of `common.txt`: one line for each count, its words in the order of letters."""
    by_count: dict[int, list[str]] = {}
    for word, count in counts.items():
        if count >= KEPT:
            by_count.setdefault(count, []).append(word)
    lines = [f"{count}\t{' '.join(sorted(by_count[count]))}" for count in sorted(by_count, reverse=True)]
    return "\n".join([f"# {line}" for line in head.splitlines()] + lines) + "\n"
