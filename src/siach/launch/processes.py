"""Child processes that never outlive the one that started them, kill -9 included."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1


def start_bound(command: Sequence[str], death: signal.Signals, **options: Any) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that Ctrl-C reaches only the supervisor.

    On Linux the kernel sends it `death` when the *thread* that started it ends: call from a main thread.
    """
    return subprocess.Popen(
        [str(part) for part in command], preexec_fn=_binding(death, os.getpid()), start_new_session=True, **options
    )


def end_with_parent() -> None:
    """Let the kernel kill this process when the one that started it ends."""
    if bind := _binding(signal.SIGKILL, os.getppid()):
        bind()


def run_bound(command: Sequence[str], **options: Any) -> tuple[int, str]:
    """Run `command` to its end, killed if we die first; its exit code and what it printed."""
    child = start_bound(
        command, signal.SIGKILL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options
    )
    try:
        printed, _ = child.communicate()
    except BaseException:
        child.kill()
        child.wait()
        raise
    return child.returncode, printed.decode(errors="replace")


def stop(child: subprocess.Popen[bytes], ask: signal.Signals, seconds: float, insist: signal.Signals) -> None:
    """Ask `child` to end, and after `seconds` insist. Returns when it is gone."""
    if child.poll() is None:
        child.send_signal(ask)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(insist)
            child.wait()


def command_line(pid: int) -> str | None:
    """The command line of a running process, or None when there is none with this id (zombies are gone too)."""
    try:
        if sys.platform == "linux":
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            return None if state in "ZX" else b" ".join(words).decode(errors="replace")
        asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
        return asked.stdout.strip() or None
    except OSError:
        return None


def _binding(death: signal.Signals, parent: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    # Loaded before the fork: between fork and exec a child should load nothing.
    prctl = ctypes.CDLL(None).prctl

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, int(death))
        if os.getppid() != parent:
            os._exit(1)

    return bind
