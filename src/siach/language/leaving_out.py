"""A text without its brand's name, whose letters must not weigh in what is said of it, and without each word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from siach.language.clean import tokens
from siach.language.match import Matcher
from siach.language.reading import BrandNames, Deciding
from siach.language.tokens import READ_LIMIT

_EXPLAINED = 160  # tokens tried in an explanation
_SHOWN = 8
_WEIGHS = 0.15  # what a word must change in the score to be called deciding


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A text's words as (start, end), and the texts to read: the first without its brand's name, then each without one
    of the words, too."""

    spans: tuple[tuple[int, int], ...]
    tried: tuple[str, ...]

    def deciding(self, leaning: npt.NDArray[np.floating[Any]]) -> list[Deciding]:
        """The words that move most, from how positive each text of `tried` is read (log odds against negative)."""
        if not self.spans:
            return []
        moved = leaning[0] - leaning[1:]
        order = np.argsort(-np.abs(moved), kind="stable")[:_SHOWN]
        least = min(_WEIGHS, float(np.abs(moved).max()))  # of a long text no word alone moves much
        return [
            Deciding(
                self.spans[at][0], self.spans[at][1], "positive" if moved[at] > 0 else "negative", float(moved[at])
            )
            for at in sorted(order.tolist())
            if abs(moved[at]) >= least > 0
        ]


def left_out(text: str, brand: BrandNames | None) -> LeftOut:
    """The words of a text that may have decided, of a long one the first."""
    named = _named(text, brand)
    spans = [span for span in tokens(text) if not any(span[0] < end and start < span[1] for start, end in named)]
    spans = spans[:_EXPLAINED]
    without = (unnamed(f"{text[:start]} {text[end:]}", brand) for start, end in spans)
    return LeftOut(tuple(spans), (unnamed(text, brand), *without))


def unnamed(text: str, brand: BrandNames | None) -> str:
    """The text without the brand's name."""
    for start, end in reversed(_named(text, brand)):
        text = f"{text[:start]} {text[end:]}"
    return text


def _named(text: str, brand: BrandNames | None) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in _matcher(brand).find(text[:READ_LIMIT])] if brand else []


@lru_cache(maxsize=1_024)
def _matcher(brand: BrandNames) -> Matcher:
    return Matcher([replace(brand, exclusions=(), required=(), forbidden=())], as_words=True)
