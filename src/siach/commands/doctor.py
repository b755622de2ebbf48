"""`./siach doctor`: what this machine has, what it lacks, and what to do about it."""

import argparse
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from siach import __version__
from siach.commands import say
from siach.launch import CannotStart, health
from siach.launch.address import refuse_taken
from siach.launch.binaries import for_data, installed
from siach.launch.database import own_database
from siach.launch.health import Finding
from siach.launch.home import home_folder, refuse_newer
from siach.launch.keyring import key_ring
from siach.launch.machine import available_memory, chromium, tesseract
from siach.launch.running import Running
from siach.launch.schema import applied, newer

HELP = "Say what this machine has and lacks, and what to do about it."
ENOUGH_MEMORY = 10**9  # bytes
MARKS = {True: "good", False: "LACKS", None: "note"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--port", type=int, default=8000, help="the port that the web shall take (default: 8000)")


def run(args: argparse.Namespace) -> int:
    home = home_folder()
    env = _settings_of(home)
    findings = [
        *_machine(home),
        _port(args.port, home),
        *_data_folder(home),
        *_database(home),
        health.reach(env),
        health.mail(env),
        health.backup(home, env, at=datetime.now(UTC)),
    ]
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
    yield health.disk(home)
    memory = available_memory()
    if memory is not None:
        yield Finding("memory", memory > ENOUGH_MEMORY, f"{memory / 1e9:.1f} GB are available.")
    browser = chromium()
    absent = "absent; only the tests need it (apt install chromium, or name one in SIACH_CHROMIUM)"
    yield Finding("Chromium", None, f"{browser or absent}.")
    unread = "absent; words in screenshots are typed by hand (apt install tesseract-ocr-heb)"
    yield Finding("tesseract", None, f"{tesseract() or unread}.")


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
    stopped = Running(home).address() is None
    if named := os.environ.get("DATABASE_URL"):
        yield from _reached(named, stopped=False)
    elif (home / "postgres" / "data" / "PG_VERSION").exists():
        try:
            with own_database(home, say) as database:
                yield from _reached(database.dsn, stopped=stopped)
        except CannotStart as error:
            yield Finding("database", False, str(error))
    else:
        yield Finding("database", True, "not made yet; ./siach up makes it.")


def _settings_of(home: Path) -> dict[str, str]:
    """The environment, with the address of the Siach that runs here where none is named."""
    address = Running(home).address()
    return {**({"SIACH_ADDRESS": address} if address else {}), **os.environ}


def _reached(dsn: str, *, stopped: bool) -> Iterator[Finding]:
    try:
        with psycopg.connect(dsn, connect_timeout=5, autocommit=True) as connection:
            version = connection.info.server_version
            old = "" if version >= 150000 else " Siach needs 15 or newer."
            yield Finding("database", version >= 150000, f"PostgreSQL {version // 10000} answers.{old}")
            unknown = newer(applied(connection))
            if unknown:
                yield Finding("tables", False, f"were made by a newer Siach ({unknown[0]}). Update this one.")
            with connection.cursor() as cursor:
                yield from of_database(cursor, stopped=stopped)
    except psycopg.OperationalError as error:
        told = f"does not answer: {str(error).strip()}. Start it, or mend DATABASE_URL."
        yield Finding("database", False, told)


def of_database(cursor: health.Cursor, *, stopped: bool) -> Iterator[Finding]:
    """What a database that answers tells. Where Siach is `stopped`, nobody is expected at work."""
    letters = _one(cursor, r"SELECT 'שלום' ~ '^\w+$'")
    wrong = "does not know Hebrew letters: make the database anew with the locale C.UTF-8"
    yield Finding("locale", bool(letters), "knows the letters of every script." if letters else f"{wrong}.")
    yield health.clock(cursor)
    if not _one(cursor, "SELECT to_regclass('talk_source') IS NOT NULL AND to_regclass('org_mail') IS NOT NULL"):
        yield Finding("tables", None, "there are none of this Siach yet; ./siach up makes them.")
        return
    for finding in (*health.running(cursor), _partition(cursor)):
        yield replace(finding, good=None) if stopped and finding.good is False else finding
    yield _sources(cursor)
    yield from _mails(cursor)


def _partition(cursor: health.Cursor) -> Finding:
    week = "date_trunc('day', now() AT TIME ZONE 'UTC') - extract(dow FROM now() AT TIME ZONE 'UTC') * interval '1 day'"
    there = _one(cursor, f"SELECT to_regclass('talk_rawpost_' || to_char({week}, 'YYYYMMDD')) IS NOT NULL")
    told = "this week's is there." if there else "this week's is missing; the worker makes it every hour: ./siach up"
    return Finding("partitions", bool(there), told)


def _sources(cursor: health.Cursor) -> Finding:
    deaf = int(str(_one(cursor, "SELECT count(*) FROM talk_source WHERE state = 'broken'")))
    told = f"{deaf} cannot hear. Open Sources: each says why, and what to do." if deaf else "none is deaf."
    return Finding("sources", not deaf, told, {"deaf": deaf})


def _mails(cursor: health.Cursor) -> Iterator[Finding]:
    lost = "state = 'failed' OR state = 'queued' AND tries > 1"
    count = int(
        str(_one(cursor, f"SELECT count(*) FROM org_mail WHERE made_at > now() - interval '1 day' AND ({lost})"))
    )
    if count:
        told = f"{count} of the last day did not go out. Settings says what the mail server answered; mend SIACH_MAIL."
        yield Finding("mails", False, told, {"failed": count})


def _one(cursor: health.Cursor, question: str) -> object:
    cursor.execute(question)
    row = cursor.fetchone()
    return row[0] if row else None
