"""A backup becomes a data folder and a database again: checked to its last byte first, and only in an empty place.

A marker stands in the folder until all of it is there. A restore that was cut short is begun anew by the same command,
and nothing else starts on its folder.
"""

import shutil
from pathlib import Path
from typing import IO

from siach import __version__
from siach.launch import CannotStart, backup, erasures, keyring
from siach.launch.backup import Contents
from siach.launch.binaries import installed
from siach.launch.dump import connected, filling
from siach.launch.files import write_whole
from siach.launch.home import is_newer, restore_marker
from siach.launch.machine import free_disk
from siach.launch.schema import has_tables, newer

# What a restore makes; its own list of erasures may stand there before.
MADE = ("postgres", *backup.FOLDERS, keyring.NAME)


def check(file: IO[bytes], passphrase: str, *, home: Path, url: str | None) -> Contents:
    """Read the whole backup, and see that it fits this Siach and this place. CannotStart; nothing was touched."""
    _refuse_used(home, url)
    contents = backup.look_through(file, passphrase)
    made = contents.manifest
    unknown = newer(made.migrations)
    if is_newer(made.siach) or unknown:
        raise CannotStart(
            f"The backup was made by Siach {made.siach}, which is newer than this Siach {__version__}"
            f"{f' (it knows {unknown[0]})' if unknown else ''}. Update Siach, then restore it."
        )
    server = _server(url)
    if made.server > server:
        raise CannotStart(
            f"The backup holds a database of PostgreSQL {made.server}, and this one is {server}. "
            f"Name a PostgreSQL {made.server} or newer in DATABASE_URL."
        )
    needed = contents.file_bytes + (0 if url else made.database_bytes)
    if needed > free_disk(home):
        raise CannotStart(
            f"The disk is too small: {needed / 1e9:,.1f} GB are needed, {free_disk(home) / 1e9:,.1f} GB are free."
        )
    return contents


def clear(home: Path) -> None:
    """Mark the folder, and take away what a restore that was cut short left in it."""
    keyring.make_folder(home)
    write_whole(restore_marker(home), "A backup is being restored here.\n", 0o600)
    for name in MADE:
        _remove(home / name)


def fill(file: IO[bytes], passphrase: str, *, home: Path, url: str) -> None:
    """Put everything in its place, after `check` and `clear`: the files, then the database in one transaction."""
    for name, info, content in backup.entries(file, passphrase):
        if name == keyring.NAME:
            write_whole(home / name, content.read().decode(), 0o600)
        elif name == erasures.NAME:
            erasures.add(home, erasures.parse(content.read()))
        elif name.startswith("home/"):
            path = home / name.removeprefix("home/")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                shutil.copyfileobj(content, out, backup.PIECE)
            path.chmod(info.mode & 0o666)
    file.seek(0)
    with connected(url) as connection:
        server = connection.info.server_version // 10000
    with filling(url, server) as database:
        for name, _info, content in backup.entries(file, passphrase):
            if name.startswith("database/"):
                shutil.copyfileobj(content, database, backup.PIECE)


def finished(home: Path) -> None:
    """The restored Siach may start now."""
    restore_marker(home).unlink()


def _refuse_used(home: Path, url: str | None) -> None:
    half_done = restore_marker(home).exists()
    there = [name for name in MADE if (home / name).exists() and not _is_empty(home / name)]
    if there and not half_done:
        raise CannotStart(
            f"The data folder {home} is in use: it holds {', '.join(there)}. Nothing was changed. "
            "Name an empty folder in SIACH_HOME, or move this one away."
        )
    if url is None:
        return
    with connected(url) as connection:
        if has_tables(connection):
            why = "A restore was cut short after it filled the database." if half_done else "Nothing was changed."
            raise CannotStart(f"The database that DATABASE_URL names holds tables already. {why} Name an empty one.")


def _server(url: str | None) -> int:
    """The major version of the PostgreSQL that is to be filled."""
    if url is None:
        return max((one.major for one in installed()), default=0)
    with connected(url) as connection:
        return connection.info.server_version // 10000


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
