"""From the first landed version to this one: every row comes along, all of the way or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from psycopg.conninfo import make_conninfo

from siach.launch.copies import copies
from siach.launch.dump import filling
from tests.launch.test_backup import siach

pytestmark = pytest.mark.xdist_group("backup")

DUMP = Path(__file__).resolve().parents[1] / "data" / "first-landed.dump"
TOLD = {
    "talk_post": "key, text, said_at",
    "talk_mention": "post_id, brand_id",
    "talk_outgoing": "body, state",
    "care_case": "id, brand_id",
    "care_note": "text",
    "org_user": "email, name",
    "org_brand": "name, names",
    "org_ledgerentry": "name, subject_kind, subject_id, at, facts",
    "talk_refusedrow": "row, reason",
}


@pytest.fixture
def old(db: None) -> Iterator[str]:
    """A database as the first landed version left it: its connection string."""
    url, name = os.environ["DATABASE_URL"], f"old_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        dsn = make_conninfo(url, dbname=name)
        try:
            with filling(dsn, server.info.server_version // 10000) as database:
                database.write(DUMP.read_bytes())
            host, port = server.info.host, server.info.port
            yield f"postgresql://postgres@/{name}?host={host}&port={port}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows(url: str) -> dict[str, list[object]]:
    with psycopg.connect(url) as database:
        asked = {table: f"SELECT {told} FROM {table} ORDER BY 1, 2" for table, told in TOLD.items()}
        asked["care_note"] = "SELECT text FROM care_note ORDER BY 1"
        return {table: database.execute(question.encode()).fetchall() for table, question in asked.items()}


def migrations(url: str) -> list[object]:
    with psycopg.connect(url) as database:
        return database.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()


def test_every_row_comes_along_or_nothing_happens(old: str, place: Path) -> None:
    home, before, known = place / "home", rows(old), migrations(old)
    home.mkdir(mode=0o711)
    assert all(before.values()), "the dump has rows of every kind"
    env = {"DATABASE_URL": old, "SIACH_BACKUP_PASSPHRASE": ""}
    with psycopg.connect(old) as database:
        database.execute("CREATE TABLE org_mail (stands_in_the_way int)")
    failed = siach(home, "prepare", **env)
    assert failed.returncode != 0 and migrations(old) == known
    with psycopg.connect(old) as database:
        database.execute("DROP TABLE org_mail")

    done = siach(home, "prepare", **env)
    assert done.returncode == 0, done.stderr
    assert rows(old) == before and len(migrations(old)) > len(known)
    checked = siach(home, "check", **env)
    assert checked.returncode == 0 and checked.stdout.endswith("Everything holds.\n"), checked.stdout
    made = copies(home / "before-upgrade")
    assert len(made) == 2 and "holds the state before" in done.stderr
    again = siach(home, "prepare", **env)
    assert again.returncode == 0 and copies(home / "before-upgrade") == made

    back = siach(place / "back", "restore", str(made[-1][0]), "--key-ring", str(home / "keyring.json"))
    assert back.returncode == 0 and "All counts hold." in back.stdout, back.stderr


def test_no_backup_no_upgrade_unless_told_so(old: str, place: Path) -> None:
    home, known = place / "home", migrations(old)
    home.mkdir(mode=0o711)
    (home / "before-upgrade").write_text("in the way")
    refused = siach(home, "prepare", DATABASE_URL=old, SIACH_BACKUP_PASSPHRASE="short")
    assert refused.returncode == 1 and "File exists" in refused.stderr and migrations(old) == known
    (home / "before-upgrade").unlink()
    refused = siach(home, "prepare", DATABASE_URL=old, SIACH_BACKUP_PASSPHRASE="short")
    assert refused.returncode == 1 and "tables were left as they are" in refused.stderr and migrations(old) == known
    assert siach(home, "prepare", "--no-backup", DATABASE_URL=old).returncode == 0
    with psycopg.connect(old) as database:
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('talk', '9999_flying', now())")
    newer = siach(home, "prepare", DATABASE_URL=old)
    assert newer.returncode == 1 and "belongs to a newer Siach (it knows talk.9999_flying)" in newer.stderr


def test_every_migration_of_ours_is_one_transaction(db: None) -> None:
    loader = MigrationLoader(connection)
    ours = {key: one for key, one in loader.disk_migrations.items() if one.__module__.startswith("siach.")}
    assert len(ours) > 4
    assert [key for key, one in ours.items() if not one.atomic] == []
