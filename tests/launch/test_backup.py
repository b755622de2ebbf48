"""Backup and restore by the commands: row for row and file for file the same, or refused in words and untouched."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from siach.launch.erasures import Erasure, add, entries
from siach.launch.postgres import LocalPostgres
from tests.running import prepared
from tests.same import differences, snapshot

pytestmark = pytest.mark.xdist_group("backup")

ROOT = Path(__file__).resolve().parents[2]
WORDS = "a quiet morning paper"
LINE = Erasure("author", "0" * 64, datetime(2026, 11, 20, tzinfo=UTC))
LATER = Erasure("author", "1" * 64, datetime(2026, 11, 26, tzinfo=UTC))


def siach(home: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """One of Siach's commands on a data folder, which has its own database."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIACH_") and k != "DATABASE_URL"}
    whole = {"SIACH_HOME": str(home), "SIACH_BACKUP_PASSPHRASE": WORDS, "PYTHONPATH": str(ROOT / "src"), **env}
    command = [sys.executable, "-m", "siach.launch.main", *words]
    return subprocess.run(command, capture_output=True, text=True, env=kept | whole, timeout=300, check=False)


@pytest.fixture(scope="module")
def lived() -> Iterator[Path]:
    """A folder with a Siach that has lived in `home`, and its backup `one.backup`."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["SIACH_TEST_RUN"]))
    folder.chmod(0o711)
    home = folder / "home"
    posts = (f"{n},2026-11-2{n % 4} 09:{n % 60:02d}:00,fan{n % 7},לומיקה מספר {n}" for n in range(300))
    (folder / "posts.csv").write_text("\n".join(["id,time,author,text", *posts]), encoding="utf-8")
    prepared(home)
    done = siach(home, "import", str(folder / "posts.csv"), "--network", "twitter", "--brand", "לומיקה")
    assert done.returncode == 0, done.stderr
    (home / "media" / "ab").mkdir(parents=True)
    (home / "media" / "ab" / "מנורה שבורה.png").write_bytes(os.urandom(3_000_000))
    (home / "media" / "empty.png").touch()
    add(home, [LINE])
    done = siach(home, "backup", str(folder / "one.backup"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] == (folder / "one.backup").stat().st_size
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_what_is_restored_is_the_same(lived: Path, place: Path) -> None:
    done = siach(place / "new", "restore", str(lived / "one.backup"), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["holds"] and told["files"] == 2 and told["file_bytes"] == 3_000_000
    with LocalPostgres(lived / "home" / "postgres") as was, LocalPostgres(place / "new" / "postgres") as now:
        before = snapshot(was.dsn, lived / "home")
        assert len(before.tables) > 40 and len(before.tables["talk_post"]) == 300
        assert differences(before, snapshot(now.dsn, place / "new")) == []
    assert (place / "new" / "keyring.json").stat().st_mode & 0o777 == 0o600
    again = siach(place / "new", "restore", str(lived / "one.backup"))
    assert again.returncode == 1 and "is in use: it holds postgres, media, keyring.json" in again.stderr
    checked = siach(place / "new", "check")
    assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "Everything holds.")


def test_a_database_of_ones_own_and_a_newer_siachs_backup(lived: Path, place: Path) -> None:
    """Into a PostgreSQL that DATABASE_URL names, and from there into a backup: by a Siach with one migration more."""
    with LocalPostgres(place / "server") as server:
        env = {"DATABASE_URL": server.url}
        done = siach(place / "new", "restore", str(lived / "one.backup"), **env)
        assert done.returncode == 0, done.stderr
        full = siach(place / "other", "restore", str(lived / "one.backup"), **env)
        assert full.returncode == 1 and "holds tables already. Nothing was changed." in full.stderr
        with psycopg.connect(server.dsn) as newer:
            newer.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('org', '9999_flying', now())")
        assert siach(place / "new", "backup", str(place / "newer.backup"), **env).returncode == 0
        assert not (place / "new" / "postgres").exists()
    refused = siach(place / "other", "restore", str(place / "newer.backup"))
    assert refused.returncode == 1 and "it knows org.9999_flying" in refused.stderr
    gone = siach(place / "other", "restore", str(lived / "one.backup"), DATABASE_URL="postgresql://localhost:1/x")
    assert gone.returncode == 1 and "The database does not answer" in gone.stderr
    assert not (place / "other").exists()


def test_a_killed_restore_is_begun_anew_and_learns_of_later_erasures(lived: Path, place: Path) -> None:
    """From the list beside the copy, and from the one that stands in the new folder already."""
    home, kept = place / "new", Erasure("author", "2" * 64, LATER.at)
    (home / "postgres").mkdir(parents=True)
    home.chmod(0o711)
    (home / "keyring.json").write_text("{half")
    (home / ".restoring").touch()
    add(home, [kept])
    shutil.copy(lived / "one.backup", place / "one.backup")
    add(place, [LINE, LATER])
    for command in (["check"], ["up", "--port", "1"], ["backup", str(place / "x.backup")]):
        refused = siach(home, *command)
        assert refused.returncode == 1 and "was cut short. Run it again: ./siach restore FILE" in refused.stderr
    done = siach(home, "restore", str(place / "one.backup"))
    assert done.returncode == 0, done.stderr
    assert set(entries(home)) == {LINE, LATER, kept}
    assert not (home / ".restoring").exists()
    assert siach(home, "check").returncode == 0


def test_refusals_touch_nothing(lived: Path, place: Path) -> None:
    backup = lived / "one.backup"
    (place / "cut.backup").write_bytes(backup.read_bytes()[:-1000])
    (place / "other.txt").write_text("shopping list")
    refused = {
        "passphrase is another": siach(place / "new", "restore", str(backup), SIACH_BACKUP_PASSPHRASE="x" * 20),
        "its end is missing": siach(place / "new", "restore", str(place / "cut.backup")),
        "is no backup of Siach": siach(place / "new", "restore", str(place / "other.txt")),
        "There is no file": siach(place / "new", "restore", str(place / "absent")),
        "SIACH_BACKUP_PASSPHRASE": siach(place / "new", "restore", str(backup), SIACH_BACKUP_PASSPHRASE=""),
        "exists already and is not overwritten": siach(lived / "home", "backup", str(backup)),
        "at least 12 characters": siach(
            lived / "home", "backup", str(place / "x.backup"), SIACH_BACKUP_PASSPHRASE="short"
        ),
        "does not exist": siach(place / "new", "backup", str(place / "x.backup")),
    }
    for why, done in refused.items():
        assert done.returncode == 1 and why in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert sorted(path.name for path in place.iterdir()) == ["cut.backup", "other.txt"]
