"""The list of erasures: only ever longer, without a name, and readable after a power cut."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from siach.launch.erasures import Erasure, add, digest, entries

AT = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)


def erased(name: str, minutes: int = 0) -> Erasure:
    return Erasure("author", digest("key", "author", "bluesky", name), AT + timedelta(minutes=minutes))


def test_lines_are_kept_in_order_and_closed_to_others(tmp_path: Path) -> None:
    add(tmp_path, [erased("a"), erased("b")])
    add(tmp_path, [erased("c", 5)])
    assert entries(tmp_path) == [erased("a"), erased("b"), erased("c", 5)]
    assert (tmp_path / "erasures.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_is_written_once(tmp_path: Path) -> None:
    add(tmp_path, [erased("a"), erased("a")])
    add(tmp_path, [erased("a"), erased("a", 1)])
    assert entries(tmp_path) == [erased("a"), erased("a", 1)]


def test_it_holds_no_name(tmp_path: Path) -> None:
    add(tmp_path, [Erasure("author", digest("key", "author", "bluesky", "did:plc:shira"), AT)])
    assert "shira" not in (tmp_path / "erasures.jsonl").read_text()


def test_without_a_list_nothing_was_erased(tmp_path: Path) -> None:
    assert entries(tmp_path) == []


def test_after_a_torn_line_a_new_one_is_whole(tmp_path: Path) -> None:
    add(tmp_path, [erased("a"), erased("b")])
    path = tmp_path / "erasures.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    add(tmp_path, [erased("c")])
    assert entries(tmp_path) == [erased("a"), erased("c")]


def test_writers_at_once_tear_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: add(tmp_path, [erased(str(n))]), range(40)))
    assert {one.digest for one in entries(tmp_path)} == {erased(str(n)).digest for n in range(40)}


@given(st.lists(st.text(), min_size=1, max_size=3), st.lists(st.text(), min_size=1, max_size=3))
def test_a_hash_belongs_to_one_name_and_one_key(one: list[str], other: list[str]) -> None:
    assert (digest("key", "author", *one) == digest("key", "author", *other)) == (one == other)
    assert digest("key", "author", *one) != digest("another", "author", *one)
    assert digest("key", "author", *one) != digest("key", "person", *one)
