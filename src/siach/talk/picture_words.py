"""The words in a picture, read by tesseract where this machine has it: bounded in time, in memory and in points."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

from PIL import Image

from siach.launch.machine import tesseract
from siach.talk import pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SECONDS = 20
MOST_MEMORY = 2**30
MOST_POINTS = 12_000_000


def can_read() -> bool:
    return tesseract() is not None


def words_in(data: bytes) -> str:
    """What can be read in a picture; "" where nothing can. NotAPicture for what is none, or too large to be opened."""
    pictures.look_at(data)
    program = tesseract()
    if program is None:
        return ""
    return _tidy(_run([program, "stdin", "stdout", "-l", "heb+eng", "--psm", "6"], _plain(data)))


def _plain(data: bytes) -> bytes:
    """Grey, without what else the file holds, and no larger than is read in time."""
    with Image.open(io.BytesIO(data)) as image:
        grey = image.convert("L")
        share = (MOST_POINTS / (grey.width * grey.height)) ** 0.5
        if share < 1:
            grey = grey.resize((max(1, int(grey.width * share)), max(1, int(grey.height * share))))
        out = io.BytesIO()
        grey.save(out, "PNG")
    return out.getvalue()


def _run(command: Sequence[str], picture: bytes) -> str:
    env = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=env) as child:
        if sys.platform == "linux":  # it waits for its picture, so that nothing is read before the bounds stand
            resource.prlimit(child.pid, resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            resource.prlimit(child.pid, resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        try:
            told, _errors = child.communicate(picture, timeout=MOST_SECONDS)
        except (subprocess.TimeoutExpired, OSError):
            child.kill()
            return ""
    return told.decode("utf-8", "replace") if child.returncode == 0 else ""


def _tidy(text: str) -> str:
    """Lines that hold something, without the marks of direction that tesseract sets and the breaks of pages."""
    lines = (line.strip(" \f\u200e\u200f\u202a\u202b\u202c") for line in text.splitlines())
    return "\n".join(line for line in lines if any(letter.isalnum() for letter in line))
