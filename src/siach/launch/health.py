"""What a running Siach is judged by, for ./siach doctor and for /health: facts and a sentence each, with the next step.

No finding holds a name, an address or a text of anybody.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from siach.launch import CannotStart, copies
from siach.launch.machine import free_disk
from siach.launch.mail import mail_server

ENOUGH_DISK = 2 * 10**9  # bytes
WORKER_SILENT_AFTER = 60  # seconds
STUCK_AFTER = 15 * 60  # seconds that a job or a batch may wait
MOST_SKEW = 5  # seconds
MANY_JOBS = 10_000

_WORKER = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
_WAITING = "status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
_JOBS = f"""
SELECT (SELECT count(*) FROM (SELECT FROM procrastinate_jobs WHERE {_WAITING} LIMIT {MANY_JOBS}) waiting),
       (SELECT extract(epoch FROM now() - greatest(max(e.at), j.scheduled_at)) FROM
            (SELECT id, scheduled_at FROM procrastinate_jobs WHERE {_WAITING} ORDER BY id LIMIT 1) j
            JOIN procrastinate_events e ON e.job_id = j.id GROUP BY j.scheduled_at)
"""
_BATCHES = "SELECT count(*), extract(epoch FROM now() - min(made_at)) FROM talk_batch WHERE done_at IS NULL"


class Cursor(Protocol):
    """What Django's cursors and psycopg's have in common."""

    def execute(self, query: str, /) -> object: ...
    def fetchone(self) -> tuple[object, ...] | None: ...


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `good` is None when Siach runs without it; `facts` are numbers, in SI units."""

    name: str
    good: bool | None
    sentence: str
    facts: Mapping[str, float | None] = field(default_factory=dict)


def running(cursor: Cursor) -> Iterator[Finding]:
    """Worker, jobs and batches, as a database with tables tells them."""
    yield _worker(_number(_row(cursor, _WORKER)[0]))
    waiting, oldest = _row(cursor, _JOBS)
    yield _waiting("jobs", _number(waiting), _number(oldest))
    open_ones, oldest = _row(cursor, _BATCHES)
    yield _waiting("batches", _number(open_ones), _number(oldest))


def disk(home: Path) -> Finding:
    free = free_disk(home)
    good = free > ENOUGH_DISK
    next_step = "" if good else " Make room: nothing new can be stored once it is full; docs/install.md tells how."
    return Finding("disk", good, f"{free / 1e9:.1f} GB are free for the data folder.{next_step}", {"free": free})


def backup(home: Path, env: Mapping[str, str], *, at: datetime) -> Finding:
    """How old the last backup is, and whether the nightly copies can be made."""
    note, named = copies.note(home), env.get("SIACH_BACKUP_FOLDER")
    dated = [made for _path, made in copies.copies(Path(named).expanduser())] if named else []
    last = max([*dated, *([note.made_at] if note.made_at else [])], default=None)
    age = (at - last).total_seconds() if last else None
    told = f"the last is {age / 3600:,.0f} hours old" if age is not None else "there was never one"
    facts = {"age": age}
    if note.error and (last is None or note.failed_at is None or note.failed_at > last):
        return Finding("backup", False, f"{told}; the newest attempt failed: {note.error}", facts)
    if not named:
        return Finding("backup", None, f"{told}. For one every night, name a folder in SIACH_BACKUP_FOLDER.", facts)
    if wrong := _no_nightly_copies(Path(named).expanduser(), env):
        return Finding("backup", False, f"{told}. {wrong}", facts)
    if age is None or age > copies.OLD_AFTER.total_seconds():
        return Finding("backup", False, f"{told}. A worker makes one within the hour; now: ./siach backup", facts)
    return Finding("backup", True, f"{told}.", facts)


def reach(env: Mapping[str, str]) -> Finding:
    """SIACH_ADDRESS: where people reach this Siach."""
    named = env.get("SIACH_ADDRESS", "")
    if not named:
        return Finding("address", None, "SIACH_ADDRESS is not set: only this machine reaches Siach.")
    parts = urlsplit(named)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return Finding("address", False, "SIACH_ADDRESS is no address. An example: https://siach.example.com")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        why = "people's passwords would travel in the clear. Put a proxy with HTTPS before Siach, and name its address"
        return Finding("address", False, f"{named} has no https: {why}.")
    return Finding("address", True, f"{named}.")


def mail(env: Mapping[str, str]) -> Finding:
    """SIACH_MAIL, as far as it can be understood."""
    try:
        server = mail_server(env.get("SIACH_MAIL", ""))
    except CannotStart as error:
        return Finding("mail", False, str(error))
    if server is None:
        return Finding("mail", None, "SIACH_MAIL is not set: nobody is written to, and links are shown to be copied.")
    return Finding("mail", True, f"goes out by {server.host}:{server.port}.")


def clock(cursor: Cursor, *, at: datetime | None = None) -> Finding:
    """How far this machine's clock and the database's are apart."""
    there = _row(cursor, "SELECT clock_timestamp()")[0]
    assert isinstance(there, datetime)
    skew = abs((there - (at or datetime.now(UTC))).total_seconds())
    good = skew <= MOST_SKEW
    next_step = "" if good else " Let both keep time by NTP: timedatectl set-ntp true"
    return Finding("clock", good, f"{skew:.0f} s apart from the database's.{next_step}", {"skew": skew})


def _worker(silent: float | None) -> Finding:
    facts = {"heartbeat_age": silent}
    if silent is None:
        return Finding("worker", False, "none is at work: nothing is heard or sent. Start Siach: ./siach up", facts)
    if silent > WORKER_SILENT_AFTER:
        return Finding("worker", False, f"last seen {silent:,.0f} s ago. Start Siach: ./siach up", facts)
    return Finding("worker", True, f"last seen {silent:.0f} s ago.", facts)


def _waiting(name: str, count: float | None, oldest: float | None) -> Finding:
    """Jobs or batches that wait: a queue that moves is good, however long it is."""
    stuck = oldest is not None and oldest > STUCK_AFTER
    told = f"{count:,.0f} wait" + (f", the oldest for {oldest:,.0f} s" if oldest is not None else "")
    next_step = " They do not move: look into the log of the worker, and start Siach anew." if stuck else ""
    return Finding(name, not stuck, f"{told}.{next_step}", {"waiting": count, "oldest": oldest})


def _no_nightly_copies(folder: Path, env: Mapping[str, str]) -> str:
    if not env.get("SIACH_BACKUP_PASSPHRASE"):
        return "Copies are encrypted: name a passphrase in SIACH_BACKUP_PASSPHRASE."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"The folder {folder} cannot be written: make it, or let this user write there."
    return ""


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _row(cursor: Cursor, question: str) -> tuple[object, ...]:
    cursor.execute(question)
    return cursor.fetchone() or (None,) * 2


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
