"""./siach doctor: each thing that can be wrong is told, with the next step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from siach.commands.doctor import of_database
from siach.launch import health
from siach.launch.copies import Note, _write_note
from siach.launch.health import Finding
from siach.org.models import Mail
from siach.talk.models import Source
from siach.talk.partitions import ensure_week
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)


def doctor(home: Path, **env: str) -> tuple[int, dict[str, Finding]]:
    """Its exit code and findings by name, as --json prints them; the worst of one name."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIACH_") and k != "DATABASE_URL"}
    command = [sys.executable, "-m", "siach.launch.main", "doctor", "--json", "--port", "0"]
    whole = {**kept, "SIACH_HOME": str(home), "PYTHONPATH": str(ROOT / "src"), **env}
    done = subprocess.run(command, capture_output=True, text=True, env=whole, timeout=120, check=False)
    found = [Finding(**told) for told in json.loads(done.stdout)]
    return done.returncode, {one.name: one for one in sorted(found, key=lambda one: one.good is not False)[::-1]}


def database() -> dict[str, Finding]:
    with connection.cursor() as cursor:
        return {one.name: one for one in of_database(cursor, stopped=False)}  # type: ignore[arg-type]


def at_work() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


def test_an_empty_place_lacks_nothing(place: Path) -> None:
    code, found = doctor(place / "home")
    assert code == 0, [one for one in found.values() if one.good is False]
    assert found["address"].good is found["mail"].good is found["backup"].good is None
    assert not (place / "home").exists()


def test_everything_that_the_machine_can_have_wrong(place: Path) -> None:
    home, url = place / "home", "postgresql://localhost:1/absent"
    home.mkdir()
    (home / "VERSION").write_text("99.0.0\n")
    (home / "keyring.json").write_text('{"secret_key": "s", "fernet_keys": [], "erasure_key": "e"}')
    (home / "keyring.json").chmod(0o644)
    env = {"SIACH_ADDRESS": "http://siach.example.com", "SIACH_MAIL": "mail.example.com", "DATABASE_URL": url}
    code, found = doctor(home, **env, SIACH_BACKUP_FOLDER=str(place / "absent"), SIACH_BACKUP_PASSPHRASE="x")
    assert code == 1
    told = {name: one.sentence for name, one in found.items() if one.good is False}
    assert "Start it, or mend DATABASE_URL" in told["database"]
    assert "has no https" in told["address"]
    assert "SIACH_MAIL is not understood" in told["mail"]
    assert "cannot be written" in told["backup"]
    assert "chmod 600" in told["key ring"]
    assert "belongs to Siach 99.0.0" in told["data version"]


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.disk(tmp_path).good
    monkeypatch.setattr(health, "free_disk", lambda home: 10**9)
    assert "Make room" in health.disk(tmp_path).sentence and health.disk(tmp_path).good is False


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("", None),
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("https://siach.example.com", True),
        ("http://siach.example.com", False),
        ("http://10.0.0.7:8000", False),
        ("siach.example.com", False),
    ],
)
def test_the_address(address: str, good: bool | None) -> None:
    assert health.reach({"SIACH_ADDRESS": address}).good is good


def test_backups(tmp_path: Path) -> None:
    env = {"SIACH_BACKUP_FOLDER": str(tmp_path), "SIACH_BACKUP_PASSPHRASE": "a quiet morning paper"}
    assert health.backup(tmp_path, {}, at=NOW).good is None
    assert "never" in health.backup(tmp_path, env, at=NOW).sentence
    _write_note(tmp_path, Note(NOW - timedelta(hours=20), 7))
    assert health.backup(tmp_path, env, at=NOW).good
    assert "20 hours old" in health.backup(tmp_path, {}, at=NOW).sentence
    assert "SIACH_BACKUP_PASSPHRASE" in health.backup(tmp_path, {**env, "SIACH_BACKUP_PASSPHRASE": ""}, at=NOW).sentence
    assert health.backup(tmp_path, env, at=NOW + timedelta(days=1)).good is False
    _write_note(tmp_path, Note(NOW - timedelta(hours=20), 7, NOW, "No space left on device."))
    assert "No space left" in health.backup(tmp_path, env, at=NOW).sentence


def test_a_clock_that_goes_wrong(db: None) -> None:
    with connection.cursor() as cursor:
        assert health.clock(cursor).good  # type: ignore[arg-type]
        wrong = health.clock(cursor, at=datetime.now(UTC) + timedelta(seconds=30))  # type: ignore[arg-type]
    assert wrong.good is False and "NTP" in wrong.sentence


def test_a_database_that_is_well(world: World) -> None:
    at_work()
    ensure_week(datetime.now(UTC))
    assert [one for one in database().values() if not one.good] == []


def test_what_a_database_tells(world: World) -> None:
    Source.objects.filter(pk=world.source.pk).update(state=Source.State.BROKEN)
    Mail.objects.create(
        to="dana@example.test",
        language="he",
        sealed=b"",
        state=Mail.State.FAILED,
        error="550 no dana@example.test here",
        made_at=datetime.now(UTC),
        due_at=datetime.now(UTC),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'talk_rawpost'::regclass")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")
    told = {one.name: one.sentence for one in database().values() if one.good is False}
    assert set(told) == {"worker", "sources", "mails", "partitions"}
    assert "Open Sources" in told["sources"] and "mend SIACH_MAIL" in told["mails"] and "dana" not in told["mails"]
    with connection.cursor() as cursor:
        stopped = {one.name: one.good for one in of_database(cursor, stopped=True)}  # type: ignore[arg-type]
    assert stopped["worker"] is stopped["partitions"] is None and stopped["sources"] is False


def test_a_database_with_the_wrong_locale_and_one_of_a_newer_siach(db: None, place: Path) -> None:
    url, name = os.environ["DATABASE_URL"], f"doctor_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")  # type: ignore
        try:
            dsn = make_conninfo(url, dbname=name)
            with psycopg.connect(dsn) as made:
                made.execute("CREATE TABLE django_migrations (id serial, app text, name text)")
                made.execute("INSERT INTO django_migrations (app, name) VALUES ('care', '9999_flying')")
            code, found = doctor(place / "home", DATABASE_URL=dsn)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore
    assert code == 1
    assert found["locale"].good is False and "C.UTF-8" in found["locale"].sentence
    assert "newer Siach (care.9999_flying)" in found["tables"].sentence
