"""Workbooks of Excel (XLSX) as tables: the first sheet alone, written out as CSV once, before anything else reads it.

openpyxl knows what a cell means. What takes memory by the size of the file is done here: the strings that all
sheets share wait in a file, and a row that was read is forgotten.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
import zipfile
from array import array
from collections.abc import Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from xml.parsers import expat

from django.utils.translation import gettext_noop

from siach.talk.handed_in import CannotRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST_UNPACKED = 2_000_000_000
MOST_PACKED = 200  # times smaller than what it unpacks to; tables are 5 to 50
PACKED_FROM = 50_000_000
LARGEST_ROW = 4_000_000  # bytes of XML of one row or one string; Excel's own cells end at 32,767 letters
LARGEST_PART = 16_000_000  # styles, names of sheets: what is read whole
MOST_COLUMNS = 16_384
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and the shell round an encrypted workbook
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CHUNK = 1 << 16

LOCKED = gettext_noop("The Excel file is locked by a password. Save it without one and hand it in again.")
OLD = gettext_noop("This is an Excel file of an old kind. Save it as XLSX or as CSV and hand it in again.")
DAMAGED = gettext_noop("The Excel file is damaged and cannot be read. Open it in Excel, save it anew and hand it in.")
TOO_LARGE = gettext_noop("The Excel file unpacks to more than a table can hold. It was not opened.")
DEFINES = gettext_noop("The Excel file holds definitions that no table needs and that may do harm. It was not opened.")
EMPTY = gettext_noop("The first sheet of the Excel file is empty. Only the first sheet is read.")


def make_plain(path: Path) -> None:
    """A workbook is replaced by its first sheet as CSV; any other file stays. Or CannotRead, in words."""
    if is_workbook(path):
        plain = path.with_suffix(".plain")
        try:
            write_table(path, plain)
            plain.replace(path)
        finally:
            plain.unlink(missing_ok=True)


def is_workbook(path: Path) -> bool:
    """By what it is and not by its name. CannotRead for a workbook that is locked or of the old kind."""
    with path.open("rb") as file:
        head = file.read(len(_OLD))
        if head == _OLD:
            raise CannotRead(LOCKED if _ENCRYPTED in file.read(LARGEST_PART) else OLD)
    return head.startswith(b"PK\x03\x04")


def write_table(path: Path, target: Path) -> None:
    """The first sheet as CSV in UTF-8: dates as dates, numbers as people see them, values instead of formulas."""
    try:
        with _Archive(path) as archive, target.open("w", encoding="utf-8-sig", newline="") as file:
            _check(archive)
            written = csv.writer(file)
            width = 0
            for cells in _rows(archive):
                width = width or len(cells)
                written.writerow([*cells, *[""] * (width - len(cells))])
    except CannotRead:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # A damaged file breaks zipfile, expat and openpyxl in any of their ways.
        raise CannotRead(DAMAGED) from error
    if not width:
        raise CannotRead(EMPTY)


# --- what may not be opened -------------------------------------------------------------------------------


def _check(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise CannotRead(LOCKED)
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MOST_UNPACKED or unpacked > max(PACKED_FROM, packed * MOST_PACKED):
        raise CannotRead(TOO_LARGE)
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            _refuse_definitions(archive, part)


def _refuse_definitions(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look at a part up to its first element: only before it may entities be defined."""
    begun: list[str] = []

    def refuse(*_declared: object) -> None:
        raise CannotRead(DEFINES)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _attributes: begun.append(name)
    with archive.open(part) as file:
        read = 0
        while not begun and (data := file.read(_CHUNK)):
            read += len(data)
            if read > LARGEST_ROW:
                raise CannotRead(TOO_LARGE)
            parser.Parse(data, False)


# --- rows -------------------------------------------------------------------------------------------------


class _Archive(zipfile.ZipFile):
    """Gives whole parts up to a size alone."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        if (name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)).file_size > LARGEST_PART:
            raise CannotRead(TOO_LARGE)
        return super().read(name, pwd)


def _rows(archive: zipfile.ZipFile) -> Iterator[list[str]]:
    """The rows of the first sheet that hold something, as people see them."""
    # Here, because loading openpyxl costs as much as the rest of a web process's start.
    from openpyxl.packaging.manifest import Manifest
    from openpyxl.reader.excel import _find_workbook_part
    from openpyxl.reader.workbook import WorkbookParser
    from openpyxl.styles.stylesheet import apply_stylesheet
    from openpyxl.worksheet._reader import WorkSheetParser
    from openpyxl.xml.constants import SHARED_STRINGS
    from openpyxl.xml.functions import fromstring

    package = Manifest.from_tree(fromstring(archive.read("[Content_Types].xml")))
    parser = WorkbookParser(archive, _find_workbook_part(package).PartName[1:], keep_links=False)
    parser.parse()
    book = parser.wb
    apply_stylesheet(archive, book)
    sheet = next(rel.target for _sheet, rel in parser.find_sheets() if "/worksheet" in rel.Type.lower())
    shared = package.find(SHARED_STRINGS)
    padded = _padded(book)
    with _Strings() as strings:
        if shared is not None:
            strings.fill(archive, shared.PartName[1:])
        cells = WorkSheetParser(
            None,
            strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for row in _elements(archive, sheet, "row"):
            if filled := _filled(cells.parse_row(row)[1], padded):
                yield filled


def _padded(book: Any) -> dict[int, int]:
    """How many digits a number has at least, by style: 00000 is written so that 123 is seen as 00123."""
    formats = [re.fullmatch("0{2,30}", text) for text in book._number_formats]
    own = {164 + place: len(found.group()) for place, found in enumerate(formats) if found}
    return {place: own[style.numFmtId] for place, style in enumerate(book._cell_styles) if style.numFmtId in own}


def _filled(found: Sequence[Mapping[str, Any]], padded: Mapping[int, int]) -> list[str]:
    """The cells of a row up to the last that holds something."""
    row: list[str] = []
    for cell in found:
        text = _seen(cell["value"], padded.get(cell["style_id"], 0))
        if text:
            if not 0 < cell["column"] <= MOST_COLUMNS:
                raise CannotRead(DAMAGED)
            row.extend([""] * (cell["column"] - len(row)))
            row[cell["column"] - 1] = text
    return row


def _seen(value: object, digits: int) -> str:
    """A value as its cell shows it; fifteen digits of a fraction are all that Excel knows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        value = int(value) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, int):
        return f"{value:0{digits}d}"
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[Any]:
    """The elements of this name in a part, each forgotten once it was used."""
    from openpyxl.xml.functions import iterparse

    with archive.open(part) as file:
        source = _Measured(file)
        above: list[Any] = []
        for event, element in iterparse(source, events=("start", "end")):
            if event == "start":
                above.append(element)
                continue
            above.pop()
            if element.tag == _MAIN + name:
                yield element
                source.since = 0
                above[-1].clear()


class _Measured:
    """A file that ends a reader which finds no end of a row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.since += len(data)
        if self.since > LARGEST_ROW:
            raise CannotRead(TOO_LARGE)
        return data


class _Strings(Sequence[str]):
    """The strings that sheets share, in a file without a name; in memory only where each begins."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._ends = array("Q", [0])

    def __enter__(self) -> _Strings:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def fill(self, archive: zipfile.ZipFile, part: str) -> None:
        from openpyxl.utils.escape import unescape

        text = f"{_MAIN}t"
        for element in _elements(archive, part, "si"):
            # Runs of one string; how it is pronounced (rPh) is no part of it.
            runs = [run for run in element if run.tag != f"{_MAIN}rPh"]
            whole = "".join(found.text or "" for run in runs for found in run.iter(text))
            data = (unescape(whole) if "_x" in whole else whole).encode("utf-8", "replace")
            self._file.write(data)
            self._ends.append(self._ends[-1] + len(data))
        self._file.flush()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: Any) -> Any:
        begin, end = self._ends[place], self._ends[place + 1]
        return os.pread(self._file.fileno(), end - begin, begin).decode("utf-8")
