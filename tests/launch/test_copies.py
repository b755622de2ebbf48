"""The dated copies: when one is due, which are deleted, and what is left when one cannot be made."""

import os
import resource
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest

from siach.launch import CannotStart, backup, copies
from siach.launch.sealed_file import SealingWriter

NIGHT = datetime(2026, 11, 25, 0, 29, tzinfo=UTC)
WORDS = "a quiet morning paper"


def written(file: IO[bytes], passphrase: str, **_: object) -> None:
    """In place of a whole backup: a sealed file of 3 MB."""
    sealed = SealingWriter(file, passphrase, cost=4)
    sealed.write(b"x" * 3_000_000)
    sealed.finish()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(backup, "write", written)
    monkeypatch.setattr(backup, "look_through", lambda file, passphrase: file.seek(0, 2))
    (tmp_path / "home").mkdir()
    return tmp_path


def make(folder: Path, at: datetime = NIGHT) -> int:
    return copies.make(folder / at.strftime(copies.NAME), WORDS, home=folder / "home", url="", at=at)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_copy_is_made_whole_closed_and_noted(folder: Path) -> None:
    size = make(folder)
    (made,) = (path for path in folder.iterdir() if path.is_file())
    assert (made.name, made.stat().st_size) == ("siach-20261125T002900Z.backup", size)
    assert made.stat().st_mode & 0o777 == 0o600
    assert copies.note(folder / "home") == copies.Note(NIGHT, size)


def test_one_is_due_once_a_night_and_after_a_missed_one(folder: Path) -> None:
    assert copies.is_due(folder, at=NIGHT.replace(hour=15))
    make(folder)
    due = [hours for hours in range(60) if copies.is_due(folder, at=NIGHT + timedelta(hours=hours))]
    assert due == [24, 25, 26, 27, *range(37, 60)]


def test_only_our_own_past_35_days_are_deleted(folder: Path) -> None:
    for days in (0, 34, 35, 36, 400):
        make(folder, NIGHT - timedelta(days=days))
    for other in ("siach-of-mine.backup", "siach-20200101T000000Z.backup.txt", "holiday.jpg"):
        (folder / other).touch()
    gone = copies.drop_old(folder, at=NIGHT)
    assert [path.name for path in gone] == ["siach-20251021T002900Z.backup", "siach-20261020T002900Z.backup"]
    assert len(copies.copies(folder)) == 3
    assert {"siach-of-mine.backup", "siach-20200101T000000Z.backup.txt", "holiday.jpg"} < set(names(folder))


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process may grow past 1 MB."""
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, was[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, was)
    signal.signal(signal.SIGXFSZ, handler)


def test_where_the_disk_is_full_the_old_copies_stay_and_nothing_is_left(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    old = NIGHT - timedelta(days=36)
    make(folder, old)
    request.getfixturevalue("full_disk")
    with pytest.raises(CannotStart, match=r"No backup was made.*20261125T002900Z\.backup: File too large"):
        make(folder)
    assert names(folder) == [old.strftime(copies.NAME)]
    noted = copies.note(folder / "home")
    assert (noted.made_at, noted.failed_at) == (old, NIGHT) and "File too large" in noted.error


def test_a_good_copy_clears_the_failure(folder: Path) -> None:
    with pytest.raises(CannotStart, match="No such file"):
        copies.make(folder / "absent" / "x", WORDS, home=folder / "home", url="", at=NIGHT)
    assert copies.note(folder / "home").error
    make(folder)
    assert copies.note(folder / "home").error == ""


def test_what_a_killed_one_left_is_swept_up(folder: Path) -> None:
    left, held = folder / ".siach-backup.left", folder / ".siach-backup.new"
    left.touch()
    held.touch()
    os.utime(left, (0, 0))
    make(folder)
    assert not left.exists() and held.exists()


def test_a_broken_note_is_none(folder: Path) -> None:
    (folder / "home" / "backups.json").write_text('{"made_at": 7}')
    assert copies.note(folder / "home") == copies.Note()
