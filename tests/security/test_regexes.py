"""No pattern of ours takes more than its share of time, however the text is made."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from typing import TYPE_CHECKING

import pytest

import siach
from siach.launch.logs import without_persons

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a text is made of, many times over; each is tried with an end that spoils the match.
PUMPS = (
    "a", "א", "0", " ", "\n", ".", "-", "_", "@", "#", "<", "&", '"', "'", "/", ":", "+", "\u0301", "\u05b0", "ー",
    "a.", "a-", "a@", "@a", "#a", "0,", "0.", "0 ", "a ", "' ", '" ', "a'", "א'", "-a", "http://", "www.", "a/",
    "RT ", "ו", "ה", "<a", "0-", "12:", "@a.", "a.a@", "\t", " \n", "!", "aaaa", "וה", ")(", "a\u200f",
)  # fmt: skip
ENDS = ("", "\x01", "א")
SHORT, LONG = 750, 3_000
# Four times the text may take four times as long, and some noise; a square of it would take sixteen times.
MOST = 9.0
FLOOR = 0.004
# Asked of a few characters only, or of whoever runs this Siach.
BOUNDED = {
    "siach.language.edges._HEBREW_TAIL": "of the six characters before a hit",
    "siach.language.edges._LATIN_TAIL": "of the six characters before a hit",
    "siach.launch.logs._PERSONAL": "of two thousand characters, whatever a line of the log holds",
    "siach.launch.mail._ADDRESS": "of one line of the environment",
}


def compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that stands at the top of a module of Siach."""
    seen: set[str] = set()
    for info in pkgutil.walk_packages(siach.__path__, "siach."):
        if ".migrations" in info.name or info.name == "siach.asgi":
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str) and value.pattern not in seen:
                seen.add(value.pattern)
                yield f"{info.name}.{name}", value


PATTERNS = dict(compiled())


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """The best of three: what the pattern costs, not what the machine does meanwhile."""
    best = 9.0
    for _ in range(3):
        start = time.process_time()
        for _found in pattern.finditer(text):
            pass
        best = min(best, time.process_time() - start)
        if best < FLOOR:
            break
    return best


def test_there_are_patterns_to_try() -> None:
    assert len(PATTERNS) > 40


@pytest.mark.parametrize("name", sorted(PATTERNS.keys() - BOUNDED.keys()))
def test_a_longer_text_costs_its_length(name: str) -> None:
    pattern = PATTERNS[name]
    for pump in PUMPS:
        for end in ENDS:
            long = seconds(pattern, (pump * LONG)[:LONG] + end)
            if long < FLOOR:
                continue
            short = max(seconds(pattern, (pump * SHORT)[:SHORT] + end), FLOOR / 16)
            assert long / short < MOST, f"{pump!r} … {end!r}: {short:.4f} s, then {long:.4f} s"


def test_an_endless_line_of_the_log_is_cut_before_it_is_cleaned() -> None:
    start = time.process_time()
    said = without_persons("to noam@example.test " + ("a" * 19 + "!") * 50_000)
    assert time.process_time() - start < 2 and len(said) < 2_100 and "noam" not in said
    assert "dana" not in without_persons("x" * 1_990 + " dana.lev@example.test")
