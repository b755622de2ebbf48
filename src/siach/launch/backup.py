"""What a backup is: one sealed file that holds the database, the media, unfinished imports, key ring and erasures.

Inside the seal is a tar: `manifest.json` first, the database in pieces `database/00000000`, the files under `home/`.
"""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

import psycopg

from siach import __version__
from siach.launch import CannotStart, erasures, keyring
from siach.launch.dump import connected, dumping
from siach.launch.schema import applied
from siach.launch.sealed_file import CHUNK, SealedReader, SealingWriter, Unreadable

FORMAT = 1
FOLDERS = ("media", "imports")
BESIDE = (keyring.NAME, erasures.NAME)
PIECE = 4 * 2**20  # bytes of the dump in one entry
SHORTEST_PASSPHRASE = 12


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `server` is the major version of the PostgreSQL that it was taken from."""

    format: int
    siach: str
    made_at: datetime
    server: int
    database_bytes: int
    migrations: list[str]


@dataclass
class Contents:
    """What was found in a backup: its manifest, and how much of what it holds."""

    manifest: Manifest
    dump_bytes: int = 0
    files: int = 0
    file_bytes: int = 0


def write(file: IO[bytes], passphrase: str, *, home: Path, url: str, at: datetime) -> None:
    """Write a whole backup of a data folder and its database. CannotStart, OSError: nothing usable was written."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise CannotStart(f"The passphrase is too short: at least {SHORTEST_PASSPHRASE} characters.")
    sealed = SealingWriter(file, passphrase)
    with connected(url) as connection, tarfile.open(fileobj=sealed, mode="w|", bufsize=CHUNK) as tar:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        manifest = _manifest(connection, at)
        _add(tar, "manifest.json", json.dumps(asdict(manifest), default=datetime.isoformat).encode())
        for name in BESIDE:
            if (home / name).exists():
                _add(tar, name, (home / name).read_bytes())
        # The database before the files: a file that came since is no harm, one that is missing would be.
        _add_database(tar, connection, url, manifest.server)
        for path in _files(home):
            _add_file(tar, path, f"home/{path.relative_to(home).as_posix()}")
    sealed.finish()


def entries(file: IO[bytes], passphrase: str) -> Iterator[tuple[str, tarfile.TarInfo, IO[bytes]]]:
    """Every entry of a backup in its order: name, what is known of it, content. All of it is authentic.

    Unreadable when the file is not wholly what was written: at the latest after the last entry.
    """
    sealed = SealedReader(file, passphrase)
    try:
        with tarfile.open(fileobj=sealed, mode="r|", bufsize=CHUNK) as tar:
            while info := tar.next():
                content = tar.extractfile(info)
                if content is None or not _is_ours(info.name):
                    raise Unreadable(f"The backup holds something that Siach did not put there: {info.name[:80]}")
                yield info.name, info, content
                tar.members.clear()  # type: ignore[attr-defined]
    except tarfile.TarError as error:
        raise Unreadable("The backup cannot be read: it is of another kind than Siach makes.") from error
    sealed.drain()


def look_through(file: IO[bytes], passphrase: str) -> Contents:
    """Read a whole backup and say what it holds. Unreadable for anything that is not as it was written."""
    contents: Contents | None = None
    seen = set()
    for name, info, content in entries(file, passphrase):
        if contents is None:
            contents = Contents(_parsed(name, content))
        elif name.startswith("database/"):
            contents.dump_bytes += info.size
        elif name.startswith("home/"):
            contents.files += 1
            contents.file_bytes += info.size
        else:
            seen.add(name)
    if contents is None or not contents.dump_bytes or keyring.NAME not in seen:
        raise Unreadable("The backup is not whole: it lacks its database or its key ring.")
    return contents


def _parsed(name: str, content: IO[bytes]) -> Manifest:
    try:
        told = json.loads(content.read(10**7)) if name == "manifest.json" else {}
        if told.get("format", 0) > FORMAT:
            raise Unreadable("The backup was made by a newer Siach. Update Siach, then restore it.")
        return Manifest(**{**told, "made_at": datetime.fromisoformat(told["made_at"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable("The backup does not say what it is.") from error


def _manifest(connection: psycopg.Connection, at: datetime) -> Manifest:
    migrations = applied(connection)
    if not migrations:
        raise CannotStart("There is nothing to back up yet: this database holds no tables of Siach.")
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return Manifest(FORMAT, __version__, at, connection.info.server_version // 10000, row[0], migrations)


def _add_database(tar: tarfile.TarFile, connection: psycopg.Connection, url: str, server: int) -> None:
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    with dumping(url, row[0], server) as dump:
        number = 0
        while piece := dump.read(PIECE):
            _add(tar, f"database/{number:08d}", piece)
            number += 1


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))
    tar.members.clear()  # type: ignore[attr-defined]


def _add_file(tar: tarfile.TarFile, path: Path, name: str) -> None:
    try:
        content = path.open("rb")
    except FileNotFoundError:
        return  # let go since it was listed
    with content:
        info = tar.gettarinfo(arcname=name, fileobj=content)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        tar.addfile(info, content)
    tar.members.clear()  # type: ignore[attr-defined]


def _files(home: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for root, folders, names in os.walk(home / folder):
            folders.sort()
            files = (Path(root, name) for name in sorted(names))
            yield from (path for path in files if path.is_file() and not path.is_symlink())


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if ".." in parts or name.startswith("/"):
        return False
    if parts[0] == "home":
        return len(parts) > 2 and parts[1] in FOLDERS
    return parts[0] == "database" or name in ("manifest.json", *BESIDE)
