"""The embedded database: nothing committed is lost, nothing is left running, nothing foreign is touched."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from siach.launch import CannotStart, binaries, postgres
from siach.launch.postgres import LocalPostgres
from siach.launch.processes import start_bound
from tests.launch.traces import gone, processes_of

SOURCE = Path(postgres.__file__).parents[2]
LIGHT = ("fsync=off", "shared_buffers=16MB")
OWNER = """
import sys, time
from siach.launch.postgres import LocalPostgres
LocalPostgres(sys.argv[1], ["fsync=off", "shared_buffers=16MB"]).start()
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def database(place: Path) -> Iterator[LocalPostgres]:
    local = LocalPostgres(place, LIGHT)
    yield local
    local.stop()


def ask(local: LocalPostgres, question: str) -> object:
    with psycopg.connect(local.url, autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall() if cursor.description else None


def test_it_starts_stops_and_keeps_what_was_written(database: LocalPostgres, place: Path) -> None:
    database.start()
    ask(database, "CREATE TABLE said AS SELECT 'שלום' AS text")
    database.stop()
    assert not processes_of(place)
    database.start()
    assert ask(database, "SELECT text FROM said") == [("שלום",)]


def test_letters_of_every_script_are_letters(database: LocalPostgres) -> None:
    """Word search and trigrams hold nothing where the locale does not know Hebrew."""
    database.start()
    ask(database, "CREATE EXTENSION pg_trgm")
    assert ask(database, r"SELECT 'שלום' ~ '^\w+$', show_trgm('שלום') <> '{}', upper('é')") == [(True, True, "É")]


def test_a_second_one_shares_the_server_and_leaves_it_running(database: LocalPostgres, place: Path) -> None:
    database.start()
    with LocalPostgres(place, LIGHT) as second:
        assert second.server is None
        assert ask(second, "SELECT 1") == [(1,)]
    assert database.alive
    assert ask(database, "SELECT 1") == [(1,)]


def test_only_its_user_may_enter(database: LocalPostgres) -> None:
    database.start()
    for folder in (database.data, database.socket):
        assert folder.stat().st_mode & 0o077 == 0
    assert ask(database, "SHOW listen_addresses") == [("",)]


def test_a_killed_server_comes_back_whole(database: LocalPostgres) -> None:
    database.start()
    ask(database, "CREATE TABLE said AS SELECT 1 AS number")
    assert database.server is not None
    os.kill(database.server.pid, signal.SIGKILL)
    database.server.wait()
    assert not database.alive
    database.stop()
    database.start()
    assert ask(database, "SELECT number FROM said") == [(1,)]


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_the_server_ends_with_its_killed_owner(database: LocalPostgres, place: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(SOURCE)}
    owner = start_bound([sys.executable, "-c", OWNER, str(place)], signal.SIGKILL, stdout=subprocess.PIPE, env=env)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"ready\n"
    ask(database, "CREATE TABLE said AS SELECT 1 AS number")
    owner.kill()
    owner.wait()
    owner.stdout.close()
    database.start()
    assert database.server is not None
    assert ask(database, "SELECT number FROM said") == [(1,)]
    database.stop()
    assert gone(place)


@pytest.mark.parametrize("foreign", ["1", "99999999", "", "nonsense"])
def test_a_stale_process_id_does_not_stop_it(database: LocalPostgres, foreign: str) -> None:
    with database.start():
        pass
    (database.data / "postmaster.pid").write_text(f"{foreign}\n{database.data}\n")
    database.start()
    assert ask(database, "SELECT 1") == [(1,)]


def test_a_half_made_cluster_is_made_anew(database: LocalPostgres, place: Path) -> None:
    for folder in (database.data / "base", place / ".initdb.123" / "base"):
        folder.mkdir(parents=True)
        (folder / "1").write_text("half")
    database.start()
    assert ask(database, "SELECT 1") == [(1,)]
    assert not list(place.glob(".initdb.*"))


def test_a_newer_data_folder_is_left_alone(database: LocalPostgres, place: Path) -> None:
    database.data.mkdir()
    (database.data / "PG_VERSION").write_text("99\n")
    with pytest.raises(CannotStart, match=r"made by PostgreSQL 99.*Nothing was changed"):
        database.start()
    assert [file.name for file in database.data.iterdir()] == ["PG_VERSION"]


def test_a_long_path_gets_a_short_socket(place: Path) -> None:
    home = place / ("long" * 30) / "with space & שם"
    home.mkdir(parents=True)
    with LocalPostgres(home, LIGHT) as local:
        assert len(os.fsencode(local.socket)) < 100
        assert ask(local, "SELECT 1") == [(1,)]
        with psycopg.connect(local.dsn):
            pass
    local.socket.rmdir()


def test_what_stops_it_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "RETRY_SECONDS", 0)
    with pytest.raises(CannotStart, match="no_such_setting"):
        LocalPostgres(place, ["no_such_setting=1"]).start()
    assert not processes_of(place)


def test_programs_out_of_reach_are_copied(place: Path) -> None:
    """A checkout under root's home: the database's user cannot enter it, and its permissions stay as they are."""
    closed = place / "closed"
    package = binaries.installed()[0].folder.parent.parent
    (closed / package.name / "pginstall" / "bin").mkdir(parents=True)
    (closed / package.name / "pginstall" / "bin" / "postgres").write_text("program")
    (closed / f"{package.name}.libs").mkdir()
    closed.chmod(0o700)
    stranger = binaries.Runner("stranger", 54321, 54321)
    far = binaries.Binaries(closed / package.name / "pginstall" / "bin", "18.6")
    near = binaries.within_reach(far, stranger, place)
    assert (near.folder / "postgres").read_text() == "program"
    assert (near.folder.parents[2] / f"{package.name}.libs").is_dir()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert binaries.within_reach(far, None, place) == far
