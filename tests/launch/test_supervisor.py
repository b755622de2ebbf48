"""The supervisor: what dies comes back after a growing pause, what stops takes its children along."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from siach.launch import CannotStart, supervisor
from siach.launch.running import Running
from siach.launch.supervisor import Part, Supervisor
from tests.launch.traces import gone, processes_of

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", sys.argv[1]])
print("deaf", flush=True)
time.sleep(600)
"""


def sleeper(home: Path) -> Part:
    return Part("sleeper", [sys.executable, "-c", "import time; time.sleep(600)", str(home)], patience=5)


def look_until(watcher: Supervisor, part: Part, seconds: float = 5) -> float:
    """Look until the part lives again; how long it took."""
    start = time.monotonic()
    while not part.alive:
        assert time.monotonic() - start < seconds
        watcher.look()
        time.sleep(0.02)
    return time.monotonic() - start


def test_a_dead_part_comes_back_after_a_pause(tmp_path: Path) -> None:
    part, said = sleeper(tmp_path), list[str]()
    watcher = Supervisor(None, [part], said.append)
    watcher.start()
    assert part.child is not None
    os.kill(part.child.pid, signal.SIGKILL)
    part.child.wait()
    assert look_until(watcher, part) >= 1
    assert said == ["The sleeper ended (code -9): starting it again in 1 s."]
    watcher.stop()
    assert not processes_of(tmp_path)


def test_the_pauses_grow_and_a_steady_life_shortens_them(monkeypatch: pytest.MonkeyPatch) -> None:
    part = sleeper(Path("nowhere"))
    part.started = time.monotonic()
    assert [part.pause_after_death() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    part.started -= supervisor.STEADY_AFTER + 1
    assert part.pause_after_death() == 1


def test_what_does_not_listen_is_ended_with_its_children(tmp_path: Path) -> None:
    part = Part("stubborn", [sys.executable, "-c", STUBBORN, str(tmp_path)], patience=0.5)
    watcher = Supervisor(None, [part], print)
    watcher.start()
    end = time.monotonic() + 10
    while len(processes_of(tmp_path)) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(0.2)
    watcher.stop()
    assert gone(tmp_path, 2)


def test_one_siach_runs_on_a_data_folder(tmp_path: Path) -> None:
    first, second = Running(tmp_path), Running(tmp_path)
    first.claim("http://localhost:8000")
    assert second.address() == "http://localhost:8000"
    with pytest.raises(CannotStart, match="already running on this data folder: http://localhost:8000"):
        second.claim("http://localhost:8001")
    first.release()
    assert second.address() is None
    second.claim("http://localhost:8001")
    second.release()


def test_what_a_killed_siach_left_is_ended(tmp_path: Path) -> None:
    """Where the kernel has no death signal, the next start sweeps up."""
    home = tmp_path / "siach.launch.main"  # so the sleeper looks like a part of ours, and this test does not
    home.mkdir()
    left = sleeper(home)
    left.start()
    assert left.child is not None
    killed = Running(home)
    killed.claim("http://localhost:8000")
    killed.write("http://localhost:8000", [left.child.pid, os.getpid()])
    killed.release()
    following = Running(home)
    following.claim("http://localhost:8000")
    assert left.child.wait(5) == -signal.SIGKILL
    following.release()
