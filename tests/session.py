"""What a test run stands on: one PostgreSQL, shared by its parallel processes, and a data folder for each of them."""

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from siach.launch.home import cache_folder
from siach.launch.postgres import LocalPostgres

TABLES = "tables"
ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB", "max_connections=200")


def prepare() -> None:
    """Start a PostgreSQL in a new folder of the cache and name it in DATABASE_URL; both go when the run ends."""
    if run := os.environ.get("SIACH_TEST_RUN"):
        # The same picture has the same path: two processes would take it away from under each other.
        os.environ["SIACH_HOME"] = f"{run}/home-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        return
    runs = cache_folder() / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    _sweep(runs)
    folder = Path(tempfile.mkdtemp(prefix="", dir=runs))
    folder.chmod(0o711)
    database = LocalPostgres(folder / "postgres", OPTIONS)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(database.stop)
    database.start()
    os.environ |= {
        "DATABASE_URL": database.url,
        "SIACH_HOME": str(folder / "home"),
        "SIACH_STATIC": str(folder / "static"),
        "SIACH_TEST_RUN": str(folder),
    }
    _make_tables(database.url)
    os.environ.pop("SIACH_ADDRESS", None)


def _make_tables(url: str) -> None:
    """A database with all tables, moved forward once; that of each process is a copy of it (settings.TEST)."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {TABLES}")
    env = os.environ | {
        "DATABASE_URL": url.replace("/postgres?", f"/{TABLES}?"),
        "DJANGO_SETTINGS_MODULE": "siach.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=env, check=True)


def _sweep(runs: Path) -> None:
    """Remove what killed runs left: folders whose database nobody owns, save those just being made."""
    for folder in runs.iterdir():
        try:
            if time.time() - folder.stat().st_mtime < 60:
                continue
            with (folder / "postgres" / ".owner").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
