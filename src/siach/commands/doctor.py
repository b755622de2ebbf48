"""`./siach doctor`: what this machine has, what it lacks, and what to do about it."""

import argparse
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from siach import __version__
from siach.commands import say
from siach.launch import CannotStart
from siach.launch.address import refuse_taken
from siach.launch.binaries import for_data, installed
from siach.launch.database import own_database
from siach.launch.home import home_folder, refuse_newer
from siach.launch.keyring import key_ring
from siach.launch.machine import available_memory, chromium, free_disk
from siach.launch.running import Running

HELP = "Say what this machine has and lacks, and what to do about it."
ENOUGH_DISK = 2 * 10**9  # bytes
ENOUGH_MEMORY = 10**9  # bytes
WORKER_SILENT_AFTER = 60  # seconds
MARKS = {True: "good", False: "LACKS", None: "note"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `good` is None when Siach runs without it."""

    name: str
    good: bool | None
    sentence: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--port", type=int, default=8000, help="the port that the web shall take (default: 8000)")


def run(args: argparse.Namespace) -> int:
    home = home_folder()
    findings = [*_machine(home), _port(args.port, home), *_data_folder(home), *_database(home)]
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            print(f"{MARKS[finding.good]:<6} {finding.name}: {finding.sentence}")
    return 1 if any(finding.good is False for finding in findings) else 0


def _machine(home: Path) -> Iterator[Finding]:
    yield Finding("Siach", True, f"version {__version__}.")
    yield Finding("Python", True, f"{sys.version.split()[0]}.")
    uv = shutil.which("uv")
    yield Finding("uv", None, f"{uv}." if uv else "not on the PATH; Siach fetches its own with pip.")
    found = installed()
    versions = ", ".join(f"{one.version} in {one.folder}" for one in found)
    yield Finding("PostgreSQL", bool(found), f"{versions or 'none was found: remove the folder .venv'}.")
    disk = free_disk(home)
    yield Finding("disk", disk > ENOUGH_DISK, f"{disk / 1e9:.1f} GB are free for the data folder.")
    memory = available_memory()
    if memory is not None:
        yield Finding("memory", memory > ENOUGH_MEMORY, f"{memory / 1e9:.1f} GB are available.")
    browser = chromium()
    absent = "absent; only the tests need it (apt install chromium, or name one in SIACH_CHROMIUM)"
    yield Finding("Chromium", None, f"{browser or absent}.")


def _port(port: int, home: Path) -> Finding:
    if address := Running(home).address():
        return Finding("port", True, f"Siach is running at {address}.")
    try:
        refuse_taken("127.0.0.1", port)
    except CannotStart as error:
        return Finding("port", False, str(error))
    return Finding("port", True, f"{port} is free.")


def _data_folder(home: Path) -> Iterator[Finding]:
    if not home.exists():
        yield Finding("data folder", True, f"{home} does not exist yet; ./siach up makes it.")
        return
    writable = os.access(home, os.W_OK | os.X_OK)
    yield Finding("data folder", writable, f"{home}{'.' if writable else ' cannot be written by this user.'}")
    try:
        refuse_newer(home)
        for_data(home / "postgres" / "data", installed())
        yield Finding("data version", True, "fits this Siach.")
    except CannotStart as error:
        yield Finding("data version", False, str(error))
    ring = home / "keyring.json"
    if ring.exists():
        closed = not stat.S_IMODE(ring.stat().st_mode) & 0o077
        yield Finding("key ring", closed, "closed to others." if closed else f"open to others: chmod 600 {ring}")
        try:
            key_ring(home)
        except CannotStart as error:
            yield Finding("key ring", False, str(error))


def _database(home: Path) -> Iterator[Finding]:
    if named := os.environ.get("DATABASE_URL"):
        yield from _reached(named)
    elif (home / "postgres" / "data" / "PG_VERSION").exists():
        try:
            with own_database(home, say) as database:
                yield from _reached(database.dsn)
        except CannotStart as error:
            yield Finding("database", False, str(error))
    else:
        yield Finding("database", True, "not made yet; ./siach up makes it.")


def _reached(dsn: str) -> Iterator[Finding]:
    try:
        with psycopg.connect(dsn, connect_timeout=5, autocommit=True) as connection:
            version = connection.info.server_version
            yield Finding("database", version >= 150000, f"PostgreSQL {version // 10000} answers.")
            letters = _one(connection, r"SELECT 'שלום' ~ '^\w+$'")
            wrong = "does not know Hebrew letters: make the database anew with the locale C.UTF-8"
            yield Finding("locale", bool(letters), "knows the letters of every script." if letters else f"{wrong}.")
            yield _worker(connection)
    except psycopg.OperationalError as error:
        yield Finding("database", False, f"does not answer: {str(error).strip()}")


def _worker(connection: psycopg.Connection) -> Finding:
    try:
        age = _one(connection, "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
    except psycopg.errors.UndefinedTable:
        return Finding("worker", None, "there are no tables yet; ./siach up makes them.")
    if age is None:
        return Finding("worker", None, "none is at work; ./siach up starts one.")
    silent = float(str(age)) > WORKER_SILENT_AFTER
    return Finding("worker", None if silent else True, f"last seen {float(str(age)):.0f} s ago.")


def _one(connection: psycopg.Connection, question: str) -> object:
    row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None
