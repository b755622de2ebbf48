"""The copies in SIACH_BACKUP_FOLDER: one a night, deleted after 35 days, and the note of how the last one went."""

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from siach.launch import CannotStart, backup
from siach.launch.files import put_if_absent, sync_folder, write_whole

KEEP = timedelta(days=35)
OLD_AFTER = timedelta(hours=36)  # a night was missed
NAME = "siach-%Y%m%dT%H%M%SZ.backup"
_NOTE = "backups.json"
_ASIDE = ".siach-backup."


@dataclass(frozen=True)
class Note:
    """How copying went last: the last good one, and why a later one failed (empty: none did)."""

    made_at: datetime | None = None
    bytes: int = 0
    failed_at: datetime | None = None
    error: str = ""


def note(home: Path) -> Note:
    """What the data folder knows of its last backup; nothing where there was none."""
    try:
        told = json.loads((home / _NOTE).read_text())
        made, failed = (datetime.fromisoformat(told[name]) if told[name] else None for name in ("made_at", "failed_at"))
        return Note(made, int(told["bytes"]), failed, str(told["error"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Note()


def make(target: Path, passphrase: str, *, home: Path, url: str, at: datetime, noted: bool = True) -> int:
    """Write a backup aside, read it through, and only then give it its name; its size in bytes.

    CannotStart in words when it could not be made; nothing is left. Where `noted`, the data folder knows of either.
    """
    try:
        size = _made(target, passphrase, home, url, at)
    except (CannotStart, OSError) as error:
        told = str(error) if isinstance(error, CannotStart) else f"{target}: {error.strerror or error}."
        if noted:
            _write_note(home, replace(note(home), failed_at=at, error=told))
        raise CannotStart(f"No backup was made. {told}") from error
    if noted:
        _write_note(home, Note(at, size))
    return size


def is_due(folder: Path, *, at: datetime) -> bool:
    """Is it night (UTC) and today's copy not made yet, or was a night missed?"""
    last = max((made for _path, made in copies(folder)), default=None)
    if last is None or at - last > OLD_AFTER:
        return True
    return at.hour < 4 and at - last > timedelta(hours=12)


def copies(folder: Path) -> list[tuple[Path, datetime]]:
    """The copies in a folder and when each was made, oldest first. Files with other names are none of ours."""
    found = []
    for path in folder.glob("siach-*.backup"):
        with contextlib.suppress(ValueError):
            found.append((path, datetime.strptime(path.name, NAME).replace(tzinfo=UTC)))
    return sorted(found, key=lambda one: one[1])


def drop_old(folder: Path, *, at: datetime) -> list[Path]:
    """Delete the copies past keeping; call it after a good new one. Returns what was deleted."""
    old = [path for path, made in copies(folder) if at - made > KEEP]
    for path in old:
        path.unlink()
    return old


def _made(target: Path, passphrase: str, home: Path, url: str, at: datetime) -> int:
    if target.exists():
        raise CannotStart(f"{target} exists already and is not overwritten. Name another file.")
    _sweep(target.parent)
    with _aside(target.parent) as (path, file):
        backup.write(file, passphrase, home=home, url=url, at=at)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        backup.look_through(file, passphrase)
        if not put_if_absent(path, target):
            raise CannotStart(f"{target} was made by somebody else meanwhile. Name another file.")
        size = file.tell()
    sync_folder(target.parent)
    return size


@contextlib.contextmanager
def _aside(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A closed file under a name of its own, locked while we live, and gone afterwards."""
    handle, name = tempfile.mkstemp(prefix=_ASIDE, dir=folder)
    try:
        with os.fdopen(handle, "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield Path(name), file
    finally:
        Path(name).unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what killed backups left: unfinished files that nobody holds."""
    for path in folder.glob(f"{_ASIDE}*"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            if time.time() - path.stat().st_mtime < 60:
                continue  # perhaps not locked yet
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _write_note(home: Path, new: Note) -> None:
    """A disk that is full here too must not hide why there is no copy."""
    with contextlib.suppress(OSError):
        write_whole(home / _NOTE, json.dumps(asdict(new), default=datetime.isoformat) + "\n", 0o600)
