"""A whole running Siach of its own for a test: data folder, database, web and worker, and a browser to use it with."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from siach.launch.processes import start_bound, stop
from tests.ports import free_port
from tests.session import PREPARED

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"Sign in, once:\s+(\S+)")


class RunningSiach:
    """`./siach up` in a process of its own. `said` is all it printed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.said = ""
        self.link = ""
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SIACH_") and k != "DATABASE_URL"}
        return kept | {
            "SIACH_HOME": str(self.home),
            "SIACH_ALLOW_LOCAL_NETWORKS": "1",
            "PYTHONPATH": str(ROOT / "src"),
        }

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def start(self, *options: str, seconds: float = 90) -> None:
        """Start it, with more options of `up`, and wait for its sign-in link.

        AssertionError with all it said when it does not come.
        """
        self.said, up = "", threading.Event()
        command = [sys.executable, "-m", "siach.launch.main", "up", "--port", str(self.port), *options]
        child = start_bound(command, signal.SIGTERM, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=self.env)
        self._child = child

        def follow() -> None:
            assert child.stderr is not None
            for line in child.stderr:
                self.said += line.decode(errors="replace")
                if found := LINK.search(self.said):
                    self.link = found[1]
                    up.set()
            up.set()

        threading.Thread(target=follow, daemon=True).start()
        assert up.wait(seconds) and child.poll() is None, f"Siach did not come up:\n{self.said}"

    def command(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of Siach's commands on the same data folder."""
        command = [sys.executable, "-m", "siach.launch.main", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, env=self.env, timeout=300)

    def stop(self) -> None:
        if self._child is not None:
            stop(self._child, signal.SIGTERM, 40, signal.SIGKILL)
            self._child = None

    def kill(self) -> None:
        """SIGKILL the supervisor, as a power cut would; its children die with it."""
        os.kill(self.pid, signal.SIGKILL)
        if self._child is not None:
            self._child.wait(30)


class OnADatabaseOfItsOwn(RunningSiach):
    """Siach on a PostgreSQL that it does not run itself."""

    def __init__(self, home: Path, url: str) -> None:
        super().__init__(home)
        self.url = url

    @property
    def env(self) -> dict[str, str]:
        return super().env | {"DATABASE_URL": self.url}


def prepared(home: Path) -> None:
    """Give `home` a copy of the run's data folder: all tables, and nobody in it.

    tests/launch/test_up.py starts from nothing; every other test need not wait for its tables.
    """
    subprocess.run(["cp", "-a", f"{os.environ['SIACH_TEST_RUN']}/{PREPARED}", str(home)], check=True)


@contextmanager
def running_siach(home: Path) -> Iterator[RunningSiach]:
    siach = RunningSiach(home)
    try:
        siach.start()
        yield siach
    finally:
        siach.stop()
