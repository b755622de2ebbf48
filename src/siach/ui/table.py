"""Tables that leave Siach as a file: CSV that every spreadsheet opens, and none runs."""

import csv
import io
import re
from collections.abc import Iterable
from urllib.parse import quote

from django.http import HttpResponse

# Behind apostrophes of its own too: one apostrophe off is then always what the cell said.
_FORMULA = re.compile(r"\A'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what would begin one."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_it_was(cell: str) -> str:
    """What a cell said before `harmless` saw it."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """A CSV to be kept: UTF-8 with its mark, every cell harmless."""
    text = io.StringIO("\ufeff")
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerows([harmless(str(cell)) for cell in row] for row in rows)
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer
