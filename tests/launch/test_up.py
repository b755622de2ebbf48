"""`./siach up` as people start, stop and kill it."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from siach.launch.running import Running
from tests.launch.traces import gone, processes_of
from tests.running import RunningSiach, prepared, running_siach

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc"),
    pytest.mark.xdist_group("up"),
]


@pytest.fixture
def siach(place: Path) -> Iterator[RunningSiach]:
    """From nothing."""
    running = RunningSiach(place / "home")
    running.start("--workers", "2", "--webs", "2")
    yield running
    running.stop()


@pytest.fixture
def known(place: Path) -> Iterator[RunningSiach]:
    """Not for the first time."""
    prepared(place / "home")
    with running_siach(place / "home") as running:
        yield running


def answers(address: str, seconds: float = 20) -> int:
    """The status of a page, asked until somebody answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as page:
                return int(page.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def pid_of(home: Path, word: str) -> int:
    return min(pid for pid, command in processes_of(home).items() if word in command)


def test_it_starts_survives_its_parts_and_stops(siach: RunningSiach, place: Path) -> None:
    assert answers(siach.link) == 200
    assert sum("main worker" in command for command in processes_of(siach.home).values()) == 2
    again = siach.command("up", "--port", str(siach.port + 1))
    assert (again.returncode, again.stderr.strip()) == (
        1,
        f"Siach is already running on this data folder: {siach.address}",
    )
    assert siach.command("link").stdout.startswith(f"{siach.address}/enter/")
    for part in ("granian", "postgres -D", "main worker"):
        os.kill(pid_of(siach.home, part), signal.SIGKILL)
    end = time.monotonic() + 20
    while siach.said.count("starting it again") < 3:
        assert time.monotonic() < end, siach.said
        time.sleep(0.1)
    time.sleep(2.5)  # the pause before a dead part starts again
    assert answers(siach.address) in {200, 302}
    assert any("main worker" in command for command in processes_of(siach.home).values())
    os.kill(siach.pid, signal.SIGINT)
    assert gone(siach.home, 30), processes_of(siach.home)
    assert "Siach has stopped." in siach.said


def test_two_copies_stand_side_by_side_and_a_killed_one_comes_back(known: RunningSiach, place: Path) -> None:
    taken = RunningSiach(place / "other")
    taken.port = known.port
    refused = taken.command("up", "--port", str(known.port))
    assert f"Port {known.port} is in use on this machine. Try: ./siach up --port" in refused.stderr
    other = RunningSiach(place / "other")
    try:
        prepared(other.home)
        other.start()
        assert answers(other.link) == answers(known.link) == 200
        known.kill()
        assert gone(known.home), processes_of(known.home)
        assert Running(known.home).address() is None
        assert answers(other.address) in {200, 302}
        for pid in processes_of(other.home):
            os.kill(pid, signal.SIGKILL)
        assert gone(other.home)
        known.start()
        assert answers(known.link) == 200
    finally:
        other.stop()


def test_an_open_interface_is_refused(place: Path) -> None:
    done = RunningSiach(place / "home").command("up", "--host", "0.0.0.0")
    assert done.returncode == 1
    assert "SIACH_ADDRESS" in done.stderr
    assert not (place / "home").exists()
