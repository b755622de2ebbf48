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
PREPARED = "prepared"
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
    compiling = _compile_tests(folder) if "-n" in sys.argv else None
    _make_data_folder(folder / PREPARED)
    if compiling:
        compiling.wait()
    subprocess.run(["cp", "-a", str(folder / PREPARED / "postgres"), str(database.home)], check=True)
    database.start()
    os.environ |= {
        "DATABASE_URL": database.url,
        "SIACH_HOME": str(folder / "home"),
        "SIACH_STATIC": str(folder / "static"),
        "SIACH_TEST_RUN": str(folder),
    }
    _name_tables(database.url)
    os.environ.pop("SIACH_ADDRESS", None)


def _compile_tests(folder: Path) -> subprocess.Popen[bytes]:
    """Have pytest write its own bytecode of all tests beside the making of the tables. In a fresh copy each of the
    run's processes would do all of it."""
    env = os.environ | {"SIACH_TEST_RUN": str(folder)}
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _make_data_folder(home: Path) -> None:
    """A data folder with all tables and nobody in it. Tables move forward once a run: tests copy these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIACH_")}
    kept.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "siach.launch.main", "prepare"]
    env = kept | {"SIACH_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)


def _name_tables(url: str) -> None:
    """The database of each process is a copy of these tables (settings.TEST)."""
    with psycopg.connect(url.replace("/postgres?", "/template1?"), autocommit=True) as server:
        server.execute(f"ALTER DATABASE postgres RENAME TO {TABLES}")
        server.execute("CREATE DATABASE postgres")


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
