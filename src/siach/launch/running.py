"""One running Siach per data folder: who it is, and the sweeping up after one that was killed."""

import fcntl
import json
import os
import signal
from pathlib import Path
from typing import IO

from siach.launch import CannotStart
from siach.launch.processes import command_line

# What the command lines of web and worker hold, and no path of a checkout does.
OUR_PARTS = ("siach.asgi:application", "siach.launch.main")


class Running:
    """The lock and the note (address, process ids) of the Siach that runs on a data folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "running.json"
        self._lock: IO[str] | None = None

    def claim(self, address: str) -> None:
        """Become the one that runs here; ends what a killed predecessor left. Raises CannotStart if one runs."""
        lock = self._path.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            where = self.note().get("address", "")
            raise CannotStart(f"Siach is already running on this data folder: {where}".rstrip(": ")) from None
        self._lock = lock
        for pid in self._parts():
            if any(word in (command_line(pid) or "") for word in OUR_PARTS):
                os.kill(pid, signal.SIGKILL)
        self.write(address, [])

    def write(self, address: str, parts: list[int]) -> None:
        """Note where we answer and which processes are ours."""
        assert self._lock is not None
        self._lock.seek(0)
        self._lock.truncate()
        json.dump({"address": address, "pid": os.getpid(), "parts": parts}, self._lock)
        self._lock.flush()

    def note(self) -> dict[str, object]:
        """What the running (or the last) Siach noted; empty when there was none."""
        try:
            return dict(json.loads(self._path.read_text()))
        except (OSError, ValueError):
            return {}

    def _parts(self) -> list[int]:
        parts = self.note().get("parts")
        return parts if isinstance(parts, list) else []

    def address(self) -> str | None:
        """Where a Siach answers that runs on this data folder now."""
        try:
            with self._path.open() as probe:
                fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return str(self.note().get("address", ""))
        except OSError:
            pass
        return None

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None
