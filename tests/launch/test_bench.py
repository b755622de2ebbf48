"""The figures can be measured: a small run of those of pages."""

import os
import subprocess
import sys
from pathlib import Path

from tests.running import ROOT

SMALL = """
from bench import pages
pages.SMALL, pages.LARGE, pages.ROUNDS = 400, 400, 4
print([(one.name, one.value > 0) for one in pages.measure()])
"""


def test_a_small_run_gives_every_figure(place: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIACH_") and k != "DATABASE_URL"}
    env = kept | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "SIACH_TEST_CACHE": str(place)}
    done = subprocess.run([sys.executable, "-c", SMALL], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "True" in done.stdout and "False" not in done.stdout
