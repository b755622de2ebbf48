"""docs/security.md is true to itself: each requirement of the standard once, each file and test it names exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.house import ROOT, SOURCE

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
#: Number and level of every requirement of levels 1 and 2 of OWASP ASVS 5.0.0.
LEVELS = dict(line.split() for line in Path(__file__).with_name("asvs.txt").read_text().splitlines())
ROWS = re.findall(r"^\| v5\.0\.0-([\d.]+) \| ([12]) \| ([^|]+) \| (met|n/a|open) \| ([^|]+) \|$", DOCUMENT, re.M)
_NAMED = re.compile(r"`([\w./]+?(?:\.(?:py|js|md|txt)|/js))(?:::(\w+))?`")


def test_the_standard_is_whole() -> None:
    assert len(LEVELS) == 253 and Counter(LEVELS.values()) == {"1": 70, "2": 183}


def test_every_requirement_stands_there_once() -> None:
    assert Counter(number for number, *_rest in ROWS) == dict.fromkeys(LEVELS, 1)
    assert not [number for number, level, *_rest in ROWS if LEVELS[number] != level]
    assert DOCUMENT.count("v5.0.0-") == len(ROWS), "a row of another shape"


def test_the_sums_are_counted() -> None:
    counted = Counter((state, level) for _number, level, _what, state, _why in ROWS)
    for state in ("met", "n/a", "open"):
        first, second = counted[state, "1"], counted[state, "2"]
        assert f"| {state} | {first} | {second} | {first + second} |" in DOCUMENT


def test_what_is_open_says_how_grave_it_is() -> None:
    bare = [
        number for number, _level, _what, state, why in ROWS if state == "open" and not re.match("low|medium|high", why)
    ]
    assert not bare


def test_every_file_and_test_that_is_named_exists() -> None:
    named = set(_NAMED.findall(DOCUMENT))
    assert len(named) > 80
    wrong = [f"{file}::{test}" for file, test in named if not _exists(file, test)]
    assert not wrong, "\n".join(sorted(wrong))


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)", DOCUMENT)
    assert links and not [link for link in links if not (ROOT / "docs" / link).exists()]


def _exists(file: str, test: str) -> bool:
    found = next((folder / file for folder in (ROOT / "tests", SOURCE, ROOT) if (folder / file).exists()), None)
    if found is None or not test:
        return found is not None
    return re.search(rf"^(?:async )?def {test}\(", found.read_text(encoding="utf-8"), re.M) is not None
