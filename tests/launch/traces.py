"""Finds the processes that belong to a data folder."""

import contextlib
import time
from pathlib import Path


def processes_of(home: Path) -> dict[int, str]:
    """Every living process that was started with this data folder, as a word of its command or in its environment."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if bytes(home) in command or bytes(home) in (process / "environ").read_bytes():
                found[int(process.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def gone(home: Path, seconds: float = 10) -> bool:
    """Are all of them gone, within `seconds`?"""
    end = time.monotonic() + seconds
    while processes_of(home):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
