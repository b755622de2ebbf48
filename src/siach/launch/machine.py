"""What this machine has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def chromium(env: Mapping[str, str] = os.environ) -> str | None:
    """The browser for the tests: SIACH_CHROMIUM, or the one on the PATH."""
    if named := env.get("SIACH_CHROMIUM"):
        return shutil.which(named)
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


@cache
def tesseract() -> str | None:
    """What reads Hebrew and English in pictures: tesseract with both languages, if it is here."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        told = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    return program if {"heb", "eng"} <= set(told.split()) else None


def free_disk(folder: Path) -> int:
    """Free bytes where `folder` is, or where it would be made."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(there).free


def available_memory() -> int | None:
    """Bytes that a new process could take; None where the system does not say."""
    if sys.platform != "linux":
        return None
    lines = Path("/proc/meminfo").read_text().splitlines()
    kilobytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return int(kilobytes) * 1024 if kilobytes else None
