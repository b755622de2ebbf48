"""Files of one JSON object a line (JSONL) as rows. The columns are the keys of the first lines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from siach.talk.handed_in import HEAD, LONGEST_RECORD, SAMPLE, CannotRead, Row, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

#: Stands where a table's delimiter stands.
MARK = "{"
_LOOKED_AT = 20
# A whole document in JSON, however it is laid out; a table may begin with [id], too.
_DOCUMENT = re.compile(r"\A\s*(?:\[\s*[\[{]|\{\s*\")")


def columns_of(path: Path, encoding: str) -> tuple[str, ...] | None:
    """The columns of a file of JSON lines; None for any other file. CannotRead for JSON that is laid out otherwise."""
    first = _first_lines(path, encoding)
    objects = [found for line in first if (found := _object(line)) is not None]
    is_document = _DOCUMENT.match("".join(first))
    if is_document and (first[0].startswith("[") or not objects):
        raise CannotRead(gettext_noop("This is JSON, but not one object a line (JSONL), which is needed."))
    if not any(_object(line) for line in first[:_LOOKED_AT]):
        return None
    names = tuple(dict.fromkeys(name for found in objects for name in _flat(found)))
    if len(names) < 2:
        raise CannotRead(gettext_noop("The lines hold fewer than two fields; a text and a time are needed."))
    return names


def read(path: Path, encoding: str, columns: Sequence[str], *, after: int = 0) -> Iterator[Row]:
    """The rows behind row `after`, in steady memory. A line that is no object is a broken row with the code `json`."""
    with path.open(encoding=encoding, errors="replace", newline="\n") as file:
        number = 0
        for line in _lines(file):
            number += 1
            if number <= after:
                continue
            found = _object(line)
            if found is None:
                yield Row(number, [line], broken=True, why="json")
            else:
                flat = dict(_flat(found))
                yield Row(number, [flat.get(column, "") for column in columns], broken=False)


def _lines(file: TextIO) -> Iterator[str]:
    """Lines that hold something. One that is longer than any record is cut, and so is no object any more."""
    while line := file.readline(LONGEST_RECORD):
        ended = line.endswith("\n") or len(line) < LONGEST_RECORD
        while not ended:
            more = file.readline(LONGEST_RECORD)
            ended = more.endswith("\n") or len(more) < LONGEST_RECORD
            line = line[:HEAD]
        if stripped := line.strip("\0\ufeff \t\r\n"):
            yield stripped


def _first_lines(path: Path, encoding: str) -> list[str]:
    lines: list[str] = []
    size = 0
    with path.open(encoding=encoding, errors="replace", newline="\n") as file:
        for line in _lines(file):
            lines.append(line)
            size += len(line)
            if len(lines) == SAMPLE or size > HEAD:
                break
    return lines


def _object(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        # Numbers stay as they are written, however long they are.
        found = json.loads(line, parse_int=str, parse_float=str, parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _flat(found: Mapping[str, Any]) -> dict[str, str]:
    """Names and cells of an object; an object inside it gives its own, behind a dot."""
    flat: dict[str, str] = {}
    for key, value in found.items():
        inner = {f"{key}.{name}": cell for name, cell in value.items()} if isinstance(value, dict) else {key: value}
        for name, cell in inner.items():
            if plain := _whole(column_name(name)):
                flat[plain] = _cell(cell)
    return flat


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _whole(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _whole(text: str) -> str:
    """Half of a pair of characters, which JSON can write and nothing can store, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
