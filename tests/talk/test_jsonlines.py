"""Files of one JSON object a line: as rows, and as posts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from siach.talk import jsonlines
from siach.talk.models import Post, RefusedRow
from siach.talk.tabular import CannotRead, read, shape_of
from tests.talk.files import begun, imported
from tests.world import World


def lines(*objects: object) -> bytes:
    """Objects a line each; what is a string already stands as it is."""
    texts = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in objects)
    return "\n".join(texts).encode()


POST = {
    "id": 7,
    "created_at": "2026-11-01T10:00:00Z",
    "user": {"id": "u1", "name": "רינה"},
    "text": "לומיקה \u2028 כבתה",
}


def test_keys_are_columns_and_an_object_inside_gives_its_own(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(lines(POST, {"text": "b", "likes": 1.50, "long": 10**4000, "tags": ["a", {"b": 1}], "seen": True}))
    shape = shape_of(path)
    assert shape.columns == ("id", "created_at", "user.id", "user.name", "text", "likes", "long", "tags", "seen")
    one, two = read(path, shape)
    assert one.cells == ["7", "2026-11-01T10:00:00Z", "u1", "רינה", "לומיקה \u2028 כבתה", "", "", "", ""]
    assert two.cells[4:6] == ["b", "1.5"]
    assert two.cells[6:] == ["1" + "0" * 4000, '["a", {"b": "1"}]', "true"]


def test_a_line_that_is_no_object_is_refused_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonlines, "LONGEST_RECORD", 200)
    path = tmp_path / "posts.csv"
    deep = '{"a":' + "[" * 90 + "]" * 90 + "}"
    endless = '{"text": "' + "x" * 450 + '"}'
    path.write_bytes(lines(POST, "{broken", "", "[1, 2]", endless, "null", deep, POST))
    found = [(row.number, row.broken, row.why) for row in read(path, shape_of(path))]
    assert found == [
        (1, False, "cells"), (2, True, "json"), (3, True, "json"), (4, True, "json"), (5, True, "json"),
        (6, False, "cells"), (7, False, "cells"),
    ]  # fmt: skip
    assert [row.number for row in read(path, shape_of(path), after=5)] == [6, 7]


@pytest.mark.parametrize("data", [b'[{"a": 1,\n"b": 2}]', b'{\n"a": 1,\n"b": 2\n}', b'{"a": 1}\n{"a": 2}'])
def test_other_json_is_refused_in_words(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(data)
    with pytest.raises(CannotRead, match=r"JSON|fewer than two"):
        shape_of(path)


def test_a_table_whose_names_stand_in_brackets_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(b"[id],[text]\n1,a\n")
    assert shape_of(path).columns == ("[id]", "[text]")


@pytest.mark.django_db
def test_lines_become_posts_and_bad_ones_say_why(world: World) -> None:
    half = '{"id": 9, "created_at": "2026-11-01", "text": "\\ud83d half \\u0000", "user": {"id": "u2"}}'
    job = imported(world, lines(POST, "oops", half, {"id": 8, "text": "no time"}), author="user.id")
    assert (job.state, job.taken, job.refused) == ("done", 2, 2)
    assert dict(RefusedRow.objects.values_list("row", "reason")) == {2: "json", 4: "time"}
    assert RefusedRow.objects.get(row=2).cells == ["oops"]
    texts = dict(Post.objects.values_list("key", "text"))
    assert texts == {"7": "לומיקה \u2028 כבתה", "9": "? half \ufffd"}
    assert Post.objects.get(key="7").author.external_id == "u1"


@pytest.mark.django_db
def test_it_goes_on_behind_the_last_row(world: World) -> None:
    from siach.talk.actions import importing

    job = begun(world, lines(*({**POST, "id": n} for n in range(5))))
    job.row = 3
    job.save(update_fields=["row"])
    importing.run(job_id=job.pk, at=world.at)
    assert sorted(Post.objects.values_list("key", flat=True)) == ["3", "4"]
