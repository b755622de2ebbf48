"""`./siach read`: JSON lines with texts in, their readings out, line for line."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO

from siach.commands import say
from siach.language.clean import text_guard
from siach.language.match import Matcher
from siach.language.readers import Reader, load, names
from siach.language.reading import DOMAINS, EMOTIONS, FLAGS, LABELS, BrandNames, Domain, Reading

HELP = 'Read texts: JSON lines {"text": ..., "brand"?: ..., "domain"?: ...} in, readings out in the same order.'
DEFAULT_READER = "linear"
BATCH = 256  # texts read at once
CHUNK = 1 << 16  # bytes
LINE_LIMIT = 1 << 27  # bytes; a longer line is refused, not kept
_SIGNS = ("arousal", "provokes", "outrage", "offensive", "sarcasm")


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, whether it was cut, the brand it is read for, if any, and where it stands."""

    text: str
    cut: bool
    brand: BrandNames | None
    domain: Domain


class BadLine(ValueError):
    """A line that cannot be read; says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reader", default=DEFAULT_READER, choices=names(), help=f"which reader (default: {DEFAULT_READER})"
    )
    parser.add_argument("--quick", action="store_true", help="without the words that decided, and many times faster")
    parser.add_argument("--json", action="store_true", help="the answer is JSON lines with or without this")


def run(args: argparse.Namespace) -> int:
    reader = load(args.reader)
    bad = number = 0
    for batch in _batches(sys.stdin.buffer):
        answers = _answers(batch, reader, number, quick=args.quick)
        number += len(batch)
        bad += sum("error" in answer for answer in answers)
        lines = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
        sys.stdout.buffer.write(lines.encode())
        sys.stdout.buffer.flush()
    if bad:
        say(f"{bad} of {number} lines could not be read; each says why in its place.")
    return 1 if bad else 0


def _batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Lines in batches, as they arrive: no line waits for later ones."""
    rest: list[bytes] = []
    kept = 0
    while chunk := stream.read1(CHUNK):  # type: ignore[attr-defined]
        *lines, last = chunk.split(b"\n")
        if lines:
            lines[0] = b"".join([*rest, lines[0]])
            rest, kept = [], 0
        if kept <= LINE_LIMIT:
            rest.append(last)
            kept += len(last)
        for at in range(0, len(lines), BATCH):
            yield lines[at : at + BATCH]
    if kept:
        yield [b"".join(rest)]


def _answers(batch: list[bytes], reader: Reader, number: int, *, quick: bool) -> list[dict[str, Any]]:
    """One answer for each line; `number` lines came before."""
    answers: list[dict[str, Any]] = []
    asked: list[tuple[int, Asked]] = []
    for place, line in enumerate(batch):
        try:
            asked.append((place, _asked(line)))
            answers.append({})
        except BadLine as bad:
            answers.append({"error": str(bad), "line": number + place + 1})
    for (place, one), reading in zip(asked, _readings([one for _, one in asked], reader, quick), strict=True):
        answers[place] = _answer(one, reading)
    return answers


def _readings(asked: list[Asked], reader: Reader, quick: bool) -> list[Reading]:
    if quick:
        return reader.read([one.text for one in asked], [one.brand for one in asked], [one.domain for one in asked])
    return [reader.explain(one.text, one.brand, one.domain) for one in asked]


def _asked(line: bytes) -> Asked:
    """What a line asks for."""
    if len(line) > LINE_LIMIT:
        raise BadLine(f"The line is longer than {LINE_LIMIT} bytes.")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"The line is not JSON in UTF-8: {error}.") from error
    if not isinstance(found, dict):
        raise BadLine('The line is not an object with "text".')
    if not isinstance(found.get("text"), str):
        raise BadLine('"text" is missing or is not a string.')
    text, cut = text_guard(found["text"])
    brand = _brand(found.get("brand"))
    if (domain := found.get("domain", "service" if brand else "")) not in DOMAINS:
        raise BadLine(f'"domain" is none of {", ".join(DOMAINS[1:])}.')
    return Asked(text, cut, brand, domain)


def _brand(given: object) -> BrandNames | None:
    if given is None:
        return None
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not listed or not all(isinstance(name, str) for name in listed):
        raise BadLine('"brand" is neither a name nor a list of names.')
    first, *others = (text_guard(name)[0] for name in listed)
    return BrandNames(0, first, tuple(others))


@lru_cache(maxsize=256)
def _matcher(brand: BrandNames) -> Matcher:
    return Matcher([brand])


def _answer(asked: Asked, reading: Reading) -> dict[str, Any]:
    text, brand = asked.text, asked.brand
    mentions = _matcher(brand).find(text) if brand else []
    answer: dict[str, Any] = {
        "language": reading.language,
        "mentions": [
            {
                "brand": brand.name if brand else "",
                "name": found.name,
                "span": [found.start, found.end],
                "why": found.why,
            }
            for found in mentions
        ],
        "sentiment": {
            "label": reading.label,
            "p": {label: round(p, 4) for label, p in zip(LABELS, reading.p, strict=True)},
            "sure": reading.is_sure,
        },
        "intent": reading.intent,
        "intent_p": round(reading.intent_p, 4),
        "emotions": {name: round(p, 4) for name, p in zip(EMOTIONS, reading.emotions, strict=True)},
        **{name: round(getattr(reading, name), 4) for name in _SIGNS},
        "flags": [flag for flag in FLAGS if flag in reading.flags],
        "urgency": reading.urgency,
        "safety": reading.safety,
        "deciding": [
            {"word": text[one.start : one.end], "span": [one.start, one.end], "kind": one.kind}
            for one in reading.deciding
        ],
    }
    return answer | ({"cut": True} if asked.cut else {})
