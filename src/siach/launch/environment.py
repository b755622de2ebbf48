"""The Python environment in the checkout, made from the hashed lock with uv, or with pip where there is no uv."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from siach.launch import CannotStart

LOCK, DEVELOPERS_LOCK, UV_LOCK = "requirements.txt", "requirements-dev.txt", "requirements-uv.txt"
TELL_EVERY = 10  # seconds
# A user's own settings of pip that would stop an installation into our folder, and uv's that we do not need.
NEUTRAL = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0", "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}


class Environment:
    """`.venv` in the checkout `root`. Packages are added, never taken away: `up` keeps what `test` installed."""

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / ".siach-lock"
        self._say = say

    def make(self, *, for_developers: bool) -> None:
        """Return when everything in the lock is installed. Safe to interrupt and run again.

        Raises CannotStart with a plain sentence.
        """
        lock = self.root / (DEVELOPERS_LOCK if for_developers else LOCK)
        if self._has(lock):
            return
        try:
            with self._alone():
                if not self._has(lock):
                    self._install(lock)
        except OSError as error:
            raise CannotStart(
                f"Siach keeps its environment in {self.root}, and this user cannot write there ({error.strerror})."
            ) from error

    def uv(self) -> str | None:
        """The uv on the PATH, or our own in `.tools`, fetched with pip; None where neither can be had."""
        if found := shutil.which("uv"):
            return found
        tools = self.root / ".tools" / _hash(self.root / UV_LOCK)[:12]
        program = tools / "bin" / "uv"
        if not program.exists() and self._has_pip():
            self._fetch_uv(tools)
        return str(program) if program.exists() else None

    def _has(self, lock: Path) -> bool:
        try:
            return _hash(lock) in self.stamp.read_text().split() and self.python.exists()
        except OSError:
            return False

    def _install(self, lock: Path) -> None:
        self._say("Preparing Siach's Python environment. The first time this takes a minute or two.")
        uv = self.uv()
        if uv is None and not self._has_pip():
            raise CannotStart("This machine has neither uv nor pip for this Python. Run: apt install python3-pip")
        if not self._python_works():
            if self.folder.exists():
                self._say("Making the half-made environment anew.")
                shutil.rmtree(self.folder)
            self._make_folder(uv)
        self._fill(uv, ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)])
        # Written last, so that an interrupted installation is taken up again. The developers' lock holds the other.
        self.stamp.write_text(f"{_hash(self.root / LOCK)}\n{_hash(lock)}\n")
        self._say("The environment is ready.")

    def _fill(self, uv: str | None, what: list[str]) -> None:
        into = str(self.python)
        if uv:
            try:
                return self._run([uv, "pip", "install", "--quiet", "--python", into, *what])
            except CannotStart:
                # Mirrors and certificates that this machine set up for pip, uv does not know.
                if not self._has_pip():
                    raise
                self._say("Installing with pip, since uv could not.")
        return self._run([sys.executable, "-m", "pip", "--python", into, "install", "-q", "--no-compile", *what])

    def _python_works(self) -> bool:
        check = "import sys; sys.exit(sys.version_info < (3, 11))"
        try:
            return subprocess.run([str(self.python), "-c", check], capture_output=True).returncode == 0
        except OSError:
            return False

    def _make_folder(self, uv: str | None) -> None:
        if uv:
            self._run([uv, "venv", "--quiet", "--python", sys.executable, str(self.folder)])
        else:
            # Without pip inside, so that neither ensurepip nor Debian's python3-venv is needed.
            self._run([sys.executable, "-m", "venv", "--without-pip", str(self.folder)])

    def _has_pip(self) -> bool:
        return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0

    def _fetch_uv(self, tools: Path) -> None:
        half = tools.with_name(f"{tools.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", "-r", str(self.root / UV_LOCK)]
        # --target is allowed where Debian refuses a plain installation as "externally managed".
        with contextlib.suppress(CannotStart):  # no uv for this platform: pip alone does it too
            self._run([*command, "--target", str(half)])
            half.rename(tools)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        (self.root / ".build").mkdir(exist_ok=True)
        with (self.root / ".build" / "environment.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._say("Another Siach command is preparing the environment: waiting for it.")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _run(self, command: list[str]) -> None:
        since = time.monotonic()
        with tempfile.TemporaryFile() as printed:
            child = subprocess.Popen(command, stdout=printed, stderr=printed, env=os.environ | NEUTRAL)
            while True:
                try:
                    code = child.wait(TELL_EVERY)
                    break
                except subprocess.TimeoutExpired:
                    self._say(f"  still installing, {time.monotonic() - since:.0f} s")
                except BaseException:
                    child.terminate()
                    child.wait()
                    raise
            if code != 0:
                printed.seek(0)
                last = printed.read().decode(errors="replace").strip()[-1500:]
                raise CannotStart(f"The packages could not be installed. What the installer said:\n{last}")


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
