"""Workbooks of Excel: the first sheet as a table, and what is refused of them."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.styles.numbers import FORMAT_PERCENTAGE

from siach.talk import workbook
from siach.talk.handed_in import CannotRead
from siach.talk.models import Import, Post
from siach.talk.rows import folder
from siach.talk.tabular import read, shape_of
from tests.security.walking import browser
from tests.talk.files import imported
from tests.world import World

SHEET = "xl/worksheets/sheet1.xml"
HEADER = ("id", "created at", "author", "text")


def moment(day: int, hour: int, minute: int) -> datetime:
    """A cell's time: cells know no zone."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


def book(rows: Iterable[Sequence[object]], *, change: Callable[[Workbook], None] = lambda made: None) -> bytes:
    """Rows as the bytes of a workbook; a second sheet holds other things."""
    made = Workbook()
    for row in rows:
        made.active.append(list(row))
    made.create_sheet("other").append(["not", "read"])
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return out.getvalue()


def with_shared_strings(data: bytes) -> bytes:
    """A workbook as Excel writes it: its strings in a part of their own, here in two runs with a reading each."""
    strings: list[bytes] = []

    def shared(found: re.Match[bytes]) -> bytes:
        half = len(found[2].decode()) // 2
        one, two = (part.encode() for part in (found[2].decode()[:half], found[2].decode()[half:]))
        run = b'<r><t xml:space="preserve">%b</t></r>'
        strings.append(b"<si>%b%b<rPh><t>said</t></rPh></si>" % (run % one, run % two))
        return b't="s"><v>%d</v>' % (len(strings) - 1)

    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    named = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    data = changed(data, SHEET, lambda xml: re.sub(rb't="inlineStr"><is><t([^>]*)>([^&<]*)</t></is>', shared, xml))
    data = changed(data, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", named))
    whole = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%b</sst>' % b"".join(strings)
    with zipfile.ZipFile(out := io.BytesIO(data), "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/sharedStrings.xml", whole)
    return out.getvalue()


def table(tmp_path: Path, data: bytes) -> list[list[str]]:
    path = tmp_path / "posts.csv"
    path.write_bytes(data)
    workbook.make_plain(path)
    shape = shape_of(path)
    return [list(shape.columns), *(row.cells for row in read(path, shape))]


@pytest.mark.parametrize("kept", [lambda data: data, with_shared_strings])
def test_cells_are_what_people_see(tmp_path: Path, kept: Callable[[bytes], bytes]) -> None:
    def change(made: Workbook) -> None:
        sheet = made.active
        sheet["A2"].number_format = "00000"
        sheet["C3"].number_format = FORMAT_PERCENTAGE
        sheet["D4"] = "=1+2"

    rows = [
        HEADER,
        (42, moment(24, 9, 41), "רינה", 'שורה\nשנייה, "במירכאות"'),
        (12345678901234, date(2026, 11, 24), 0.1 + 0.2, True),
        (3.0, None, "", "formula"),
        (None, None),
        (5, "24/11/2026", None, "last"),
    ]
    assert table(tmp_path, kept(book(rows, change=change))) == [
        list(HEADER),
        ["00042", "2026-11-24 09:41:00", "רינה", 'שורה\nשנייה, "במירכאות"'],
        ["12345678901234", "2026-11-24 00:00:00", "0.3", "TRUE"],
        ["3", "", "", ""],
        ["5", "24/11/2026", "", "last"],
    ]


def test_a_formula_is_its_value(tmp_path: Path) -> None:
    data = book([HEADER, (1, "2026-11-01", "a", "=A2")])
    whole = changed(data, SHEET, lambda xml: re.sub(rb"<v ?/>|<v></v>", b"<v>seen</v>", xml))
    with_type = changed(whole, SHEET, lambda xml: xml.replace(b'r="D2"', b'r="D2" t="str"'))
    assert table(tmp_path, with_type)[1] == ["1", "2026-11-01", "a", "seen"]


def test_what_excel_writes_as_a_code_is_its_sign(tmp_path: Path) -> None:
    data = with_shared_strings(book([HEADER, (1, "2026-11-01", "a", "one_x000D_two")]))
    data = changed(data, "xl/sharedStrings.xml", lambda xml: xml.replace(b'</t></r><r><t xml:space="preserve">', b""))
    assert table(tmp_path, data)[1][3] == "one\rtwo"


def test_many_rows_take_steady_memory(tmp_path: Path) -> None:
    def peak(n: int) -> int:
        data = book([("id", "text"), *((i, f"words of their own, number {i}, " + "א" * 50) for i in range(n))])
        path = tmp_path / f"{n}.xlsx"
        path.write_bytes(with_shared_strings(data))
        tracemalloc.start()
        workbook.write_table(path, tmp_path / "out.csv")
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").count("\n") == n + 1
        return top

    peak(10)
    few, many = peak(300), peak(3_000)
    assert many - few < 2_700 * 40


def bomb() -> bytes:
    """Less than a hundred kilobytes that unpack to sixty million."""
    zeros = b"<row/>" * 10_000_000
    return changed(book([HEADER]), SHEET, lambda _xml: zeros)


def entities(data: bytes) -> bytes:
    lol = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return re.sub(rb"(<\?xml[^>]*\?>)?\s*", lambda found: found.group() + lol, data, count=1)


GOOD = book([HEADER, (1, "2026-11-01", "a", "b")])
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (bomb, workbook.TOO_LARGE),
    "entities in the sheet": (lambda: changed(GOOD, SHEET, entities), workbook.DEFINES),
    "entities in UTF-16": (
        lambda: changed(GOOD, SHEET, lambda xml: entities(xml).decode().encode("utf-16")),
        workbook.DEFINES,
    ),
    "entities in the styles": (lambda: changed(GOOD, "xl/styles.xml", entities), workbook.DEFINES),
    "a row without an end": (
        lambda: changed(GOOD, SHEET, lambda xml: xml.replace(b"<row", b"<row " + b"x" * 5_000_000 + b'="1"', 1)),
        workbook.TOO_LARGE,
    ),
    "a column beyond all": (
        lambda: changed(GOOD, SHEET, lambda xml: xml.replace(b'"D2"', b'"ZZZ2"')),
        workbook.DAMAGED,
    ),
    "half a file": (lambda: GOOD[: len(GOOD) // 2], workbook.DAMAGED),
    "a broken sheet": (lambda: changed(GOOD, SHEET, lambda xml: xml[:-60]), workbook.DAMAGED),
    "another archive": (lambda: changed(GOOD, "[Content_Types].xml", lambda _xml: b"<a/>"), workbook.DAMAGED),
    "locked": (lambda: workbook._OLD + b"\0" * 900 + workbook._ENCRYPTED, workbook.LOCKED),
    "of the old kind": (lambda: workbook._OLD + b"\0" * 900, workbook.OLD),
    "nothing": (lambda: book([]), workbook.EMPTY),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_good_workbook_is_told_in_words(tmp_path: Path, kind: str) -> None:
    make, words = BAD[kind]
    path = tmp_path / "posts.csv"
    path.write_bytes(make())
    tracemalloc.start()
    with pytest.raises(CannotRead) as refused:
        workbook.make_plain(path)
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(refused.value) == words
    assert top < 80_000_000
    assert [file.name for file in tmp_path.iterdir()] == ["posts.csv"]


@pytest.mark.django_db
def test_a_workbook_becomes_posts(world: World) -> None:
    rows = [HEADER, *((n, moment(1, 10, n), "fan", f"לומיקה, תלונה {n}") for n in range(1, 4))]
    job = imported(world, book([*rows, (9, "soon", "fan", "לומיקה")]))
    assert (job.state, job.taken, job.refused) == ("done", 3, 1)
    said = Post.objects.get(key="1").said_at
    assert f"{said:%Y-%m-%d %H:%M}" == "2026-11-01 08:01"  # ten in the morning in Israel


@pytest.mark.django_db
def test_the_page_says_what_it_takes_and_what_is_wrong(world: World) -> None:
    client, before = browser(world.noam), set(folder().glob("*"))
    assert "אקסל (XLSX, הגיליון הראשון בלבד) או JSONL" in client.get("/sources/import/").text
    locked = SimpleUploadedFile("posts.xlsx", BAD["locked"][0]())
    answer = client.post("/sources/import/", {"file": locked})
    assert answer.status_code == 422
    assert "סיסמה" in answer.text
    assert not Import.objects.exists() and set(folder().glob("*")) == before
