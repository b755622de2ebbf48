"""The browser of the journeys: this machine's own Chromium, never a downloaded one."""

import os
from typing import Any

import pytest

from siach.launch.machine import chromium


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """What pytest-playwright starts the browser with; its tests are skipped where there is none."""
    program = chromium()
    if program is None:
        pytest.skip("this machine lacks Chromium: name one in SIACH_CHROMIUM")
    # From now on the browser's loop runs in this thread; Django would take every test after this for an async one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # Chromium refuses its sandbox to root.
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": program, "args": unboxed}
