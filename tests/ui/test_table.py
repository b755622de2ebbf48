"""Tables that leave as CSV: nothing in them runs, and nothing of them is lost."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siach.ui.table import as_it_was, csv_file, harmless


def read(rows: list[list[str]]) -> list[list[str]]:
    """A file as a spreadsheet reads it."""
    sent = csv_file("a.csv", rows).content.decode("utf-8")
    assert sent.startswith("\ufeff")
    return list(csv.reader(io.StringIO(sent.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "\uff1d1"])
def test_formulas_are_disarmed(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    for cell in ("a=1", "", "שלום", "'twas", "12"):
        assert harmless(cell) == cell


@settings(deadline=None)  # the machine is shared
@given(st.lists(st.lists(st.text(alphabet="=+-@'\t\r\n\",;אa1 "), min_size=1, max_size=3), max_size=5))
def test_one_apostrophe_off_gives_every_cell_back(rows: list[list[str]]) -> None:
    back = read(rows)
    assert len(back) == len(rows)
    for row, got in zip(rows, back, strict=True):
        assert all(cell[:1] not in set("=+-@\t\r") for cell in got)
        assert [as_it_was(cell) if harmless(was) != was else cell for was, cell in zip(row, got, strict=True)] == row
        assert [cell[1:] if harmless(was) != was else cell for was, cell in zip(row, got, strict=True)] == row


def test_a_name_cannot_write_a_header() -> None:
    answer = csv_file('a"\r\nX: 1.csv', [])
    assert "\n" not in answer["Content-Disposition"] and '"' not in answer["Content-Disposition"]
