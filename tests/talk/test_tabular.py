"""Files as rows: whatever their encoding and their faults, no good row is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.talk import tabular
from siach.talk.tabular import CannotRead, amount, guess, moment, read, shape_of
from tests.talk.files import table

ZONE = ZoneInfo("Asia/Jerusalem")
HEBREW = [(1, "24/11/2026 09:41", "רינה", "המנורה כבתה, מה עושים?"), (2, "24/11/2026 09:42", "דני", "תודה")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.csv"


def rows(path: Path) -> list[tuple[list[str], bool]]:
    return [(row.cells, row.broken) for row in read(path, shape_of(path))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1255"])
def test_hebrew_in_every_encoding(path: Path, encoding: str) -> None:
    path.write_bytes(table(HEBREW, ("מזהה", "תאריך", "מחבר", "טקסט"), encoding))
    assert shape_of(path).columns == ("מזהה", "תאריך", "מחבר", "טקסט")
    assert [cells for cells, _ in rows(path)] == [[str(cell) for cell in row] for row in HEBREW]


def test_one_broken_byte_does_not_make_utf_8_something_else(path: Path) -> None:
    path.write_bytes(table(HEBREW).replace("תודה".encode(), b"\xff\xd7\xaa"))
    assert rows(path)[1][0][3] == "\ufffdת"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(path: Path, delimiter: str) -> None:
    path.write_bytes(table([(1, "2026-11-24", "a", "one, two; three | four")], delimiter=delimiter))
    assert rows(path) == [(["1", "2026-11-24", "a", "one, two; three | four"], False)]


def test_broken_rows_stand_alone(path: Path) -> None:
    path.write_text(
        "id,text\n"
        '1,"never closed\n'
        "2,two\n"
        '3,"a ""quoted"" word"\n'
        '4,"two\nlines"\n'
        '5,"he "said" so"\n'
        "6,too,many\n"
        "7\n"
        "\n"
        "8,spare cells,,\n"
        "9,end"
    )
    found = rows(path)
    assert [cells for cells, broken in found if not broken] == [
        ["2", "two"],
        ["3", 'a "quoted" word'],
        ["4", "two\nlines"],
        ["5", 'he said" so"'],
        ["8", "spare cells"],
        ["9", "end"],
    ]
    assert [cells for cells, broken in found if broken] == [['1,"never closed'], ["6", "too", "many"], ["7"]]


def test_an_open_quotation_mark_swallows_no_more_than_its_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MOST_LINES", 50)
    path.write_text('id,text\n1,"open\n' + "".join(f"{number},text\n" for number in range(2, 500)))
    found = rows(path)
    assert sum(not broken for _, broken in found) == 498
    assert [cells for cells, broken in found if broken] == [['1,"open']]


def test_nul_and_ten_megabytes_in_a_cell(path: Path) -> None:
    path.write_bytes(table([(1, "2026-11-24", "a\0b", "x" * 10_000_000), (2, "2026-11-24", "c", "short")]))
    found = rows(path)
    assert [(len(cells[3]), cells[2]) for cells, _ in found] == [(10_000_000, "a\0b"), (5, "c")]


@given(st.integers(0, 30), st.integers(1, 25))
def test_reading_goes_on_behind_any_row(tmp_path_factory: pytest.TempPathFactory, after: int, n: int) -> None:
    path = tmp_path_factory.getbasetemp() / "resumed.csv"
    path.write_text("id,text\n" + "".join(f'{i},"text\n{i}"\n' if i % 3 else f"{i}\n" for i in range(1, n + 1)))
    shape = shape_of(path)
    assert list(read(path, shape, after=after)) == [row for row in read(path, shape) if row.number > after]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe", b"just one sentence\nand another"])
def test_what_is_no_table_is_said_so(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(CannotRead):
        shape_of(path)


def test_columns_have_names_of_their_own(path: Path) -> None:
    path.write_text("text,,text, a\tb \n1,2,3,4\n")
    assert shape_of(path).columns == ("text", "(2)", "text (2)", "a b")


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (
            ("tweet_id", "name", "retweet_count", "text", "tweet_created"),
            {"id": "tweet_id", "author": "name", "shares": "retweet_count", "text": "text", "time": "tweet_created"},
        ),
        (
            ("מזהה", "תאריך פרסום", "מחבר", "תוכן הפוסט", "קישור", "שיתופים", "מותג"),
            {
                "id": "מזהה",
                "time": "תאריך פרסום",
                "author": "מחבר",
                "text": "תוכן הפוסט",
                "url": "קישור",
                "shares": "שיתופים",
                "brand": "מותג",
            },
        ),
        (("Post ID", "Created-At", "Message"), {"id": "Post ID", "time": "Created-At", "text": "Message"}),
    ],
)
def test_columns_are_guessed_by_name(columns: tuple[str, ...], fields: dict[str, str]) -> None:
    assert guess(columns, [], ZONE) == fields


def test_columns_are_guessed_by_what_stands_in_them() -> None:
    sample = [["7", "1.11.2026 10:00", "a sentence of some length about a lamp"], ["8", "2.11.2026 11:30", "short"]]
    assert guess(("a", "b", "c"), sample, ZONE) == {"text": "c", "time": "b"}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2015-02-24 11:35:52 -0800", "2015-02-24T19:35:52+00:00"),
        ("2026-11-24T09:41:00Z", "2026-11-24T09:41:00+00:00"),
        ("2026-11-24 09:41:00.123456+02:00", "2026-11-24T07:41:00.123456+00:00"),
        ("24/11/2026 09:41", "2026-11-24T07:41:00+00:00"),
        ("\u200f24.11.26, 9:41", "2026-11-24T07:41:00+00:00"),
        ("24-11-2026", "2026-11-23T22:00:00+00:00"),
        ("1424806552", "2015-02-24T19:35:52+00:00"),
        ("1424806552000", "2015-02-24T19:35:52+00:00"),
        ("Tue Feb 24 11:35:52 +0000 2015", "2015-02-24T11:35:52+00:00"),
        ("Tue, 24 Feb 2015 11:35:52 -0800", "2015-02-24T19:35:52+00:00"),
        # The hour that Israel's clocks skipped, and one of the two that they showed twice.
        ("27/03/2026 02:30", "2026-03-27T00:30:00+00:00"),
        ("25/10/2026 01:30", "2026-10-24T22:30:00+00:00"),
    ],
)
def test_times(cell: str, said: str) -> None:
    assert moment(cell, ZONE) == datetime.fromisoformat(said)


@pytest.mark.parametrize(
    "cell", ["", "soon", "31/02/2026", "02/24/2015", "0001-01-01", "1970-01-01", "12", "9" * 40, "24:99", "\0"]
)
def test_what_is_no_time(cell: str) -> None:
    assert moment(cell, ZONE) is None


@given(st.text(max_size=40))
def test_no_cell_breaks_the_reading_of_times(cell: str) -> None:
    said = moment(cell, ZONE)
    assert said is None or (said.tzinfo == UTC and said >= tabular.EARLIEST)


@pytest.mark.parametrize(
    ("cell", "n"),
    [("1,204", 1204), ("1.2K", 1200), ("1,5k", 1500), ("3", 3), ("12.0", 12), ("2M", 2_000_000), ("", 0), ("-", 0)],
)
def test_amounts(cell: str, n: int) -> None:
    assert amount(cell) == n


@given(st.text(max_size=40))
def test_amounts_fit_the_database(cell: str) -> None:
    assert 0 <= amount(cell) <= 2**53
