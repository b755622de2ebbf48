"""A PostgreSQL of our own: made, started, recovered and stopped in one data folder, reached by a socket only.

The wheel's own `get_server()` trusts a bare process id, gives recovery ten seconds and leaves an orphan after
kill -9, so only its programs are used.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from siach.launch import CannotStart
from siach.launch.binaries import Binaries, for_data, installed, runner, within_reach
from siach.launch.processes import command_line, run_bound, start_bound, stop

OPTIONS = (
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
    "random_page_cost=1.1",
    "jit=off",
    "synchronous_commit=on",
)
PORT = 5432  # names the socket's file; no network port is opened
LONGEST_SOCKET = 100  # bytes; the kernel allows 108 on Linux and 104 on macOS
LARGEST_LOG = 10_000_000  # bytes
RETRY_SECONDS = 30


def _silent(sentence: str) -> None:
    pass


class LocalPostgres:
    """One database server in `home`.

    The process that holds the lock on `.owner` runs the server; any other that starts it waits until it answers
    and shares it. Start it from a main thread: the server is told to stop when the starting thread ends.

    `options` are server settings such as "max_connections=200". `say` is given sentences about a long wait.
    """

    def __init__(self, home: Path | str, options: Iterable[str] = (), say: Callable[[str], None] = _silent) -> None:
        self.home = Path(home).absolute()
        self.data = self.home / "data"
        self.log = self.home / "log"
        self.options = (*OPTIONS, *options)
        self.server: subprocess.Popen[bytes] | None = None
        self._say = say
        self._lock: IO[str] | None = None
        self._who = runner()

    @property
    def socket(self) -> Path:
        """The folder of the socket: in `home`, or a short one of the system when `home` is too long a path."""
        folder = self.home / "run"
        if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET:
            return folder
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"siach-{os.geteuid()}-{name}"

    @property
    def dsn(self) -> str:
        """A libpq connection string."""
        return make_conninfo("", host=str(self.socket), port=PORT, user="postgres", dbname="postgres")

    @property
    def url(self) -> str:
        """The same as an address, for DATABASE_URL."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.socket), safe='')}&port={PORT}"

    @property
    def alive(self) -> bool:
        """Does the server that we own run?"""
        return self.server is not None and self.server.poll() is None

    def answers(self) -> bool:
        """Can somebody connect now, whoever owns the server?"""
        try:
            with psycopg.connect(self.dsn, connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def start(self, *, share: bool = True) -> "LocalPostgres":
        """Return when the server answers. With `share=False`, wait until we may own it.

        Raises CannotStart with the reason; nothing is then left running.
        """
        try:
            since = time.monotonic()
            while not self._own():
                if share and self.answers():
                    return self
                since = self._tell_once(since, "Waiting for another Siach command that uses this data folder.")
                time.sleep(0.1)
            self._run()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server if it is ours, and give up the ownership."""
        if self.server is not None:
            stop(self.server, signal.SIGINT, 60, signal.SIGQUIT)
            self.server = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> "LocalPostgres":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _own(self) -> bool:
        if self._lock is None:
            self.home.mkdir(parents=True, exist_ok=True)
            lock = (self.home / ".owner").open("a+")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return False
            self._lock = lock
        return True

    def _run(self) -> None:
        if self._who and not self._who.can_enter(self.home):
            raise CannotStart(
                f"The database runs as the user {self._who.name}, who cannot enter {self.home}. "
                "Name another data folder in SIACH_HOME."
            )
        binaries = within_reach(for_data(self.data, installed()), self._who, self.home)
        self._make_folders()
        self._make_cluster(binaries)
        give_up, since = time.monotonic() + RETRY_SECONDS, time.monotonic()
        while True:
            if self._free_of_others():
                self.server = self._launch(binaries)
                # No limit while the server lives: recovery after a crash may be long.
                while self.alive:
                    if self.answers():
                        return
                    since = self._tell_once(since, "The database is recovering; this may take a while.")
                    time.sleep(0.05)
                if time.monotonic() > give_up:
                    last = self.log.read_text(errors="replace")[-2000:]
                    raise CannotStart(f"PostgreSQL does not start. The end of {self.log} says:\n{last}")
            time.sleep(0.3)

    def _launch(self, binaries: Binaries) -> subprocess.Popen[bytes]:
        command = [binaries.program("postgres"), "-D", str(self.data), "-k", str(self.socket), "-p", str(PORT)]
        for option in ("listen_addresses=", "unix_socket_permissions=0700", *self.options):
            command += ["-c", option]
        with self.log.open("ab") as log:
            return start_bound(
                command, signal.SIGINT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._surroundings()
            )

    def _surroundings(self) -> dict[str, object]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {"cwd": "/", "env": env, **(self._who.popen if self._who else {})}

    def _make_folders(self) -> None:
        for folder in (self.data, self.socket):
            folder.mkdir(mode=0o700, exist_ok=True)
            ours = {os.geteuid(), *([self._who.uid] if self._who else [])}
            if os.lstat(folder).st_uid not in ours or folder.is_symlink():
                raise CannotStart(f"The folder {folder} belongs to somebody else: remove it and start again.")
            self._give(folder)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old"))

    def _give(self, folder: Path) -> None:
        if self._who:
            os.chown(folder, self._who.uid, self._who.gid)
        folder.chmod(0o700)

    def _make_cluster(self, binaries: Binaries) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        # What a killed initdb left. The cluster is made aside and renamed, so a half-made one never looks whole.
        shutil.rmtree(self.data)
        for left in self.home.glob(".initdb.*"):
            shutil.rmtree(left)
        aside = self.home / f".initdb.{os.getpid()}"
        aside.mkdir()
        self._give(aside)
        command = [binaries.program("initdb"), "-D", str(aside), "-U", "postgres", "--auth=trust", "-E", "UTF8"]
        unsafe = ["--no-sync"] if "fsync=off" in self.options else []
        code, printed = run_bound([*command, *_locale(binaries.major), *unsafe], **self._surroundings())
        if code != 0:
            raise CannotStart(f"The database could not be made:\n{printed[-2000:]}")
        aside.rename(self.data)

    def _free_of_others(self) -> bool:
        """Is the data folder free? An orphan of ours is told to stop; a dead or foreign process id is cleared.

        Safe because we hold the owner's lock.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            first = pid_file.read_text().partition("\n")[0].strip()
        except FileNotFoundError:
            return True
        pid = int(first) if first.isdecimal() else 0
        running = command_line(pid) if pid else None
        if running is None or str(self.data) not in running:
            pid_file.unlink(missing_ok=True)
            return True
        os.kill(pid, signal.SIGINT)
        return False

    def _tell_once(self, since: float, sentence: str) -> float:
        """Say `sentence` when a wait has lasted two seconds; the new start of the wait."""
        if time.monotonic() - since < 2:
            return since
        self._say(sentence)
        return float("inf")


def _locale(major: int) -> list[str]:
    """What makes letters of every script letters: with ctype C, a trigram index over Hebrew holds nothing."""
    if major < 17:
        return ["--locale=C.UTF-8"]
    builtin = "PG_UNICODE_FAST" if major >= 18 else "C.UTF-8"
    return ["--locale-provider=builtin", f"--builtin-locale={builtin}", "--locale=C.UTF-8"]
