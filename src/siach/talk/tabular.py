"""Files of posts as rows: their encoding, delimiter, columns and times. Knows no table of ours.

A row keeps its number whatever stands around it, so that a reader that was stopped goes on behind the same row.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from django.utils.translation import gettext_noop

from siach.talk import jsonlines
from siach.talk.handed_in import HEAD as _HEAD
from siach.talk.handed_in import LONGEST_RECORD, CannotRead, Row, Shape
from siach.talk.handed_in import SAMPLE as _SAMPLE
from siach.talk.handed_in import column_name as _name
from siach.talk.handed_in import unique as _unique
from siach.ui.table import as_it_was

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

FIELDS = (
    "text", "time", "id", "author", "author_name", "url", "likes", "shares", "comments", "language", "parent",
    "brand",
)  # fmt: skip
NEEDED = ("text", "time")
#: The first column of the files of refused rows that we give out, in every language; the second says why.
REFUSED = "siach-row"
DELIMITERS = ",;\t|"
MOST_LINES = 20_000  # lines of one record: behind an open quotation mark the rest of the file looks like one
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

csv.field_size_limit(LONGEST_RECORD)

NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "post id", "tweet id", "status id", "message id", "comment id", "external id", "מזהה", "מזהה פוסט",
        "מספר פוסט",
    ),
    "text": (
        "text", "full text", "post text", "tweet text", "message", "content", "body", "tweet", "caption", "post",
        "comment text", "comment", "טקסט", "תוכן", "תוכן הפוסט", "הודעה", "פוסט", "תגובה", "כיתוב",
    ),
    "time": (
        "time", "datetime", "date time", "created at", "created", "timestamp", "published at", "published",
        "publish date", "post date", "tweet created", "said at", "date", "תאריך ושעה", "תאריך פרסום", "מועד", "תאריך",
        "זמן",
    ),
    "author": (
        "author", "author id", "username", "user name", "screen name", "handle", "user", "user id", "from", "name",
        "כותב", "כותבת", "מחבר", "מחברת", "שם משתמש", "משתמש", "חשבון", "מאת", "שם",
    ),
    "author_name": ("author name", "display name", "full name", "שם מלא", "שם תצוגה", "שם הכותב"),
    "url": ("url", "link", "permalink", "post url", "tweet url", "קישור", "לינק", "כתובת"),
    "likes": ("likes", "like count", "favorites", "favorite count", "reactions", "לייקים", "אהבתי", "תגובות רגש"),
    "shares": ("shares", "share count", "retweets", "retweet count", "reposts", "repost count", "שיתופים"),
    "comments": ("comments", "comment count", "replies", "reply count", "תגובות"),
    "language": ("language", "lang", "שפה"),
    "parent": ("parent", "parent id", "in reply to", "in reply to id", "in reply to status id", "reply to", "בתגובה ל"),
    "brand": ("brand", "brand name", "מותג"),
}  # fmt: skip


# --- shape ------------------------------------------------------------------------------------------------


def shape_of(path: Path) -> Shape:
    """What kind of table a file is. CannotRead when it is none."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.read(_HEAD)
    if not head.strip("\0\r\n \t\ufeff"):
        raise CannotRead(gettext_noop("The file is empty."))
    if (named := jsonlines.columns_of(path, encoding)) is not None:
        return Shape(encoding, jsonlines.MARK, named)
    delimiter = max(DELIMITERS, key=lambda one: _fits(head, one))
    first = next((cells for cells in csv.reader(head.splitlines(True), delimiter=delimiter) if cells), [])
    if len(first) < 2:
        raise CannotRead(gettext_noop("The file has no columns. A table saved as CSV is needed."))
    first = _as_it_was(first, guarded=_name(first[0]) == REFUSED)
    return Shape(encoding, delimiter, tuple(_unique(_name(cell) for cell in first)))


def _as_it_was(cells: list[str], *, guarded: bool) -> list[str]:
    """Cells of a file of refused rows that we gave out, without the guard that stands there before formulas."""
    return [as_it_was(cell) for cell in cells] if guarded else cells


def encoding_of(path: Path) -> str:
    """By its mark; else UTF-16 by its zeros, else UTF-8 if it is that nearly everywhere, else Windows-1255."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for name, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
            if high and (high.count(0) + high.count(5)) > 0.7 * len(high):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        foreign = broken = 0
        file.seek(0)
        while data := file.read(1 << 20):
            text = decoder.decode(data)
            foreign += len(text) - len(text.encode("ascii", "ignore"))
            broken += text.count("\ufffd")
    return "cp1255" if broken * 10 > foreign else "utf-8"


def _fits(head: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter explains the head of a file: the share of rows as wide as the first, its width."""
    try:
        widths = [
            len(cells) for cells in islice(csv.reader(head.splitlines(True), delimiter=delimiter), _SAMPLE) if cells
        ]
    except csv.Error:
        return 0, 0
    if not widths or widths[0] < 2:
        return 0, 0
    body = widths[1:-1] or widths[1:] or widths
    return sum(width == widths[0] for width in body) / len(body), widths[0]


# --- rows -------------------------------------------------------------------------------------------------


class _TooLong(Exception):
    pass


class _Lines:
    """The lines of a file; those taken since `begin` can be given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self._size = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._size > LONGEST_RECORD or len(self.taken) > MOST_LINES:
            raise _TooLong
        line = self._back.popleft() if self._back else self._file.readline(LONGEST_RECORD)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        return line

    def begin(self) -> None:
        self.taken = []
        self._size = 0

    def give_back(self, lines: Sequence[str]) -> None:
        self._back.extendleft(reversed(lines))


def read(path: Path, shape: Shape, *, after: int = 0) -> Iterator[Row]:
    """The rows behind row `after`, in steady memory.

    A record of several lines that does not fit is most likely one stray quotation mark: then only its first
    line is broken, and reading goes on with the second.
    """
    if shape.delimiter == jsonlines.MARK:
        yield from jsonlines.read(path, shape.encoding, shape.columns, after=after)
        return
    width = len(shape.columns)
    with path.open(encoding=shape.encoding, errors="replace", newline="") as file:
        lines = _Lines(file)
        # Strictly, or a quotation mark that is never closed swallows the rest of the file without a word.
        reader = csv.reader(lines, delimiter=shape.delimiter, strict=True)
        number = -1
        while (cells := _record(reader, lines, shape)) is not None:
            if not cells:
                continue
            number += 1
            if number > after:
                yield Row(number, _as_it_was(cells, guarded=shape.columns[0] == REFUSED), len(cells) != width)


def _record(reader: Iterator[list[str]], lines: _Lines, shape: Shape) -> list[str] | None:
    """The cells of the next record; [] for an empty line, None at the end."""
    width = len(shape.columns)
    lines.begin()
    try:
        cells = next(reader)
    except StopIteration:
        return None
    except (_TooLong, csv.Error):
        if len(lines.taken) == 1:
            return _leniently(lines.taken[0], shape.delimiter)
        cells = ["?"] * (width + 1)
    if len(cells) <= width or not any(cells[width:]):
        cells = cells[:width]
    if len(cells) == width or len(lines.taken) < 2:
        return cells
    lines.give_back(lines.taken[1:])
    return [lines.taken[0].rstrip("\r\n")]


def _leniently(line: str, delimiter: str) -> list[str]:
    """One line with quotation marks where none belong."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


# --- columns ----------------------------------------------------------------------------------------------


def guess(columns: Sequence[str], sample: Sequence[Sequence[str]], zone: ZoneInfo) -> dict[str, str]:
    """Field of a post -> name of its column: by the columns' names, else by what stands in them."""
    found: dict[str, str] = {}
    for field in NAMES:
        if (column := _named(field, columns, found)) is not None:
            found[field] = column
    cells = {column: [row[place] for row in sample] for place, column in enumerate(columns)}
    for field, look in (("time", partial(_mostly_times, zone=zone)), ("text", _longest)):
        free = [column for column in columns if column not in found.values()]
        if field not in found and (column := look(free, cells)) is not None:
            found[field] = column
    return {field: found[field] for field in FIELDS if field in found}


def _named(field: str, columns: Sequence[str], found: dict[str, str]) -> str | None:
    """The column that goes by the field's most telling name, and is no other field's."""
    free = {_plain(column): column for column in reversed(columns) if column not in found.values()}
    return next((free[name] for name in NAMES[field] if name in free), None)


def _plain(column: str) -> str:
    return re.sub(r"[\s_\-./:]+", " ", column).strip().casefold()


def _mostly_times(columns: Sequence[str], cells: dict[str, list[str]], zone: ZoneInfo) -> str | None:
    def share(column: str) -> float:
        filled = [cell for cell in cells[column] if cell.strip()]
        return sum(moment(cell, zone) is not None for cell in filled) / len(filled) if filled else 0

    best = max(columns, key=share, default=None)
    return best if best is not None and share(best) >= 0.8 else None


def _longest(columns: Sequence[str], cells: dict[str, list[str]]) -> str | None:
    def length(column: str) -> float:
        return sum(map(len, cells[column])) / len(cells[column]) if cells[column] else 0

    best = max(columns, key=length, default=None)
    return best if best is not None and length(best) >= 20 else None


# --- cells ------------------------------------------------------------------------------------------------

_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_CLOCK}\s*(Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}})?$")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){_CLOCK}$")


def moment(cell: str, zone: ZoneInfo) -> datetime | None:
    """The time in a cell, in UTC; a time without a zone is of `zone`. None for what is no time, or before 1990.

    Understood: ISO 8601 (also with a space before the offset), day/month/year as written in Israel, seconds or
    milliseconds since 1970, and the dates of mails and of Twitter.
    """
    text = cell.strip()
    if not text.isascii():
        text = _INVISIBLE.sub("", text).strip()
    try:
        said = _moment(text, zone)
        said = said.astimezone(UTC) if said else None
    except (ValueError, OverflowError, OSError):
        return None
    return said if said and said >= EARLIEST else None


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if found := _YEAR_FIRST.match(text):
        return _built(found.group(1, 2, 3), found.groups()[3:7], _zone(found.group(8), zone))
    if found := _DAY_FIRST.match(text):
        day, month, year = found.group(1, 2, 3)
        return _built((f"20{year}" if len(year) == 2 else year, month, day), found.groups()[3:7], zone)
    if re.fullmatch(r"\d{9,11}(\.\d+)?|\d{12,14}", text):
        return datetime.fromtimestamp(float(text) / (1000 if len(text.split(".")[0]) > 11 else 1), UTC)
    if text[:3].isalpha() and text[:3].isascii():
        said = _worded(text)
        return said if said.tzinfo else said.replace(tzinfo=zone)
    return None


def _built(date: Sequence[str], clock: Sequence[str | None], zone: tzinfo) -> datetime:
    year, month, day = map(int, date)
    hour, minute, second = (int(part or 0) for part in clock[:3])
    return datetime(year, month, day, hour, minute, second, int((clock[3] or "0").ljust(6, "0")), tzinfo=zone)


def _zone(written: str | None, zone: ZoneInfo) -> tzinfo:
    if not written:
        return zone
    if written[0] in "ZUG":
        return UTC
    digits = written[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))


def _worded(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        return parsedate_to_datetime(text)


_AMOUNT = re.compile(r"(\d[\d,. ]*)\s*([kKmM])?")
_TIMES = {"k": 1_000, "m": 1_000_000}


def amount(cell: str) -> int:
    """A total as people and tables write it: 1,204 or 1.2K. What is no number is 0."""
    found = _AMOUNT.match(cell.strip())
    if not found:
        return 0
    digits, unit = found.group(1).replace(" ", ""), (found.group(2) or "").lower()
    if unit or re.fullmatch(r"\d+\.\d{1,2}", digits):
        digits = digits.replace(",", ".") if digits.count(",") == 1 and "." not in digits else digits.replace(",", "")
        try:
            return min(int(float(digits) * _TIMES.get(unit, 1)), 2**53)
        except (ValueError, OverflowError):
            return 0
    return min(int(re.sub(r"\D", "", digits)[:16] or 0), 2**53)
