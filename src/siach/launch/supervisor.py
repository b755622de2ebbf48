"""Keeps the database, the web process and the worker alive, and takes them all down together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from siach.launch.postgres import LocalPostgres
from siach.launch.processes import start_bound, stop

LOOK_EVERY = 0.25  # seconds
STEADY_AFTER = 60  # seconds of life after which the pauses between restarts are short again
LONGEST_PAUSE = 30  # seconds


@dataclass
class Part:
    """One process to keep alive: how it starts, and how long it may take to stop (seconds)."""

    name: str
    command: list[str]
    patience: float
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)
    failures: int = field(default=0, init=False)
    started: float = field(default=0, init=False)
    start_at: float = field(default=0, init=False)

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def start(self) -> None:
        self.child = start_bound(self.command, signal.SIGKILL, stdin=subprocess.DEVNULL)
        self.started = time.monotonic()

    def stop(self) -> None:
        """Ask, wait, insist; then sweep what its group may have left."""
        if self.child is not None:
            stop(self.child, signal.SIGTERM, self.patience, signal.SIGKILL)
            self.sweep()
            self.child = None

    def sweep(self) -> None:
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, signal.SIGKILL)

    def pause_after_death(self) -> float:
        """How long to wait before the next start: doubled with each early death."""
        steady = time.monotonic() - self.started > STEADY_AFTER
        self.failures = 1 if steady else self.failures + 1
        return float(min(2 ** (self.failures - 1), LONGEST_PAUSE))


class Supervisor:
    """Runs `parts` in order on top of `database` (None when another machine runs it)."""

    def __init__(self, database: LocalPostgres | None, parts: list[Part], say: Callable[[str], None]) -> None:
        self.database = database
        self.parts = parts
        self._say = say

    def start(self) -> None:
        for part in self.parts:
            part.start()

    def watch(self) -> None:
        """Restart what dies, until a signal raises KeyboardInterrupt."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def look(self) -> None:
        """One round: restart the database at once, a dead part after its pause."""
        if self.database is not None and not self.database.alive:
            self._say("The database ended: starting it again.")
            self.database.stop()
            self.database.start(share=False)
        for part in self.parts:
            if part.alive:
                continue
            if part.child is not None:
                pause = part.pause_after_death()
                self._say(f"The {part.name} ended (code {part.child.returncode}): starting it again in {pause:.0f} s.")
                part.sweep()
                part.child, part.start_at = None, time.monotonic() + pause
            elif time.monotonic() >= part.start_at:
                part.start()

    def stop(self) -> None:
        """Web first, so that nobody is answered by half a Siach; the database last."""
        for part in self.parts:
            part.stop()
        if self.database is not None:
            self.database.stop()
