"""The database as a stream: pg_dump writes it and pg_restore reads it, with programs that fit the server."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from siach.launch import CannotStart
from siach.launch.binaries import Binaries, installed, version_of
from siach.launch.processes import start_bound

# Who is signed in, and what only saves time: everybody signs in anew after a restore.
LEFT_OUT = ("django_session", "django_cache")


@contextmanager
def dumping(url: str, snapshot: str, server: int) -> Iterator[IO[bytes]]:
    """The whole database as pg_dump's custom format, as of an exported snapshot. CannotStart when it fails."""
    words = ["--format=custom", "--no-owner", "--no-acl", "--no-comments", f"--snapshot={snapshot}"]
    words += [f"--exclude-table-data={table}" for table in LEFT_OUT]
    with _running("pg_dump", words, url, server, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        yield child.stdout


@contextmanager
def filling(url: str, server: int) -> Iterator[IO[bytes]]:
    """What is written here fills an empty database, all of it or nothing. CannotStart when it fails."""
    words = ["--no-owner", "--no-acl", "--single-transaction", "--exit-on-error"]
    with _running("pg_restore", words, url, server, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        # Once it fell, what it said tells more than that nobody reads.
        try:
            yield child.stdin
            child.stdin.close()
        except BrokenPipeError:
            child.wait()


def connected(url: str) -> psycopg.Connection:
    """A connection to the database. CannotStart when it does not answer."""
    try:
        return psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise CannotStart(f"The database does not answer: {str(error).strip()}") from error


@contextmanager
def _running(
    program: str, words: Sequence[str], url: str, server: int, **pipes: int
) -> Iterator[subprocess.Popen[bytes]]:
    parts = conninfo_to_dict(url)
    # In the environment, where other users of this machine cannot read it.
    password = parts.pop("password", None)
    env = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    command = [_fitting(program, server), *words, "--dbname", make_conninfo("", **parts)]
    with tempfile.TemporaryFile() as told:
        child = start_bound(command, signal.SIGKILL, stderr=told, env=env, **pipes)
        try:
            yield child
            code = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        if code != 0:
            told.seek(0)
            said = told.read().decode(errors="replace").strip()[-1500:]
            raise CannotStart(f"{program} failed (code {code}):\n{said}")


def _fitting(program: str, server: int) -> str:
    """The program of the server's own major version, or a newer one, which knows older servers too."""
    able = sorted(
        (one for one in _clients() if one.major >= server and Path(one.program(program)).exists()),
        key=lambda one: one.major,
    )
    if not able:
        raise CannotStart(
            f"The database is PostgreSQL {server}, and no {program} of this version is here. "
            f"On Debian and Ubuntu: apt install postgresql-client-{server}"
        )
    return able[0].program(program)


def _clients() -> Iterator[Binaries]:
    """Every pg_dump of this machine: our own, Debian's, and the one on the PATH (a client without a server)."""
    yield from installed()
    for found in [*Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), shutil.which("pg_dump")]:
        if found and (version := version_of(Path(found))):
            yield Binaries(Path(found).parent, version)
