"""Starting: `./siach up` from a fresh clone to the first answer, and again when everything stands."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
PORT = "8765"


def measure() -> list[Figure]:
    from siach.launch.home import cache_folder

    parent = cache_folder() / "bench"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="start-", dir=parent))
    folder.chmod(0o711)
    try:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "clone")], check=True)
        cold, warm = (_seconds_to_link(folder) for _ in range(2))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Figure("cold start, fresh clone to sign-in link", round(cold, 1), "s", 240, "./siach bench start", False),
        Figure("warm start", round(warm, 1), "s", 5, "./siach bench start", False),
    ]


def _seconds_to_link(folder: Path) -> float:
    env = {key: value for key, value in os.environ.items() if not key.startswith("SIACH_") and key != "DATABASE_URL"}
    env |= {"SIACH_HOME": str(folder / "home"), "PYTHONPATH": ""}
    began = time.perf_counter()
    up = subprocess.Popen(
        ["./siach", "up", "--port", PORT], cwd=folder / "clone", env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        said = ""
        for line in up.stderr or ():
            said += line
            if re.search(r"Sign in, once:", line):
                return time.perf_counter() - began
        raise SystemExit(f"Siach did not come up:\n{said}")
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)
