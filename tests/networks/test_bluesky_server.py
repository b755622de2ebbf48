"""The local Bluesky network itself: its lock holds no address, and a killed test run leaves nothing of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from siach.launch.home import cache_folder
from siach.launch.processes import start_bound
from tests.networks.bluesky_server.server import HERE, Lacks, install, lacking, wait_for

RUN = """
import sys, time
from pathlib import Path
from tests.networks.bluesky_server.server import running
with running(Path(sys.argv[1])) as network:
    print(network.pds_url, flush=True)
    time.sleep(600)
"""


def test_lock_holds_no_address() -> None:
    lock = (HERE / "package-lock.json").read_text()
    assert "://" not in lock
    assert '"integrity": "sha512-' in lock


@pytest.mark.xdist_group("bluesky")
def test_killed_run_leaves_no_process_and_the_next_one_no_folder() -> None:
    cache = cache_folder()
    if missing := lacking():
        pytest.skip(f"this machine lacks {missing}")
    try:
        install(cache)
    except Lacks as missing_part:
        pytest.skip(f"this machine lacks {missing_part}")
    root = HERE.parents[2]
    run = start_bound(
        [sys.executable, "-c", RUN, str(cache)],
        signal.SIGKILL,
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    assert run.stdout.readline().startswith(b"http://localhost:")
    started = descendants(run.pid)
    names = {name for _, name in started}
    assert {"redis-server", "postgres"} <= names
    assert any("node" in name.lower() or "main" in name.lower() for name in names)
    run.kill()
    run.wait()
    wait_for(lambda: not [pid for pid, name in started if name_of(pid) == name], "all its processes are gone")


def descendants(pid: int) -> list[tuple[int, str]]:
    """Every process below `pid`, with its name; Linux only."""
    below: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        below.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        for child in below.get(waiting.pop(), []):
            found.append((child, name_of(child)))
            waiting.append(child)
    return found


def name_of(pid: int) -> str:
    """The name of a living process; "" for one that is gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return "" if state.rsplit(")", 1)[1].split()[0] in "ZX" else state.split("(", 1)[1].rsplit(")", 1)[0]
