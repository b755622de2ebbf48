"""The list of erasures, kept beside the key ring: what was erased after a backup is erased again when it is restored.

A line holds no name: only a keyed hash of what the erased one was known by, its kind, and the time. Lines are only
ever added.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from siach.launch.files import sync_folder

NAME = "erasures.jsonl"


@dataclass(frozen=True)
class Erasure:
    """`kind` says what was erased, such as "author"; `digest` is its keyed hash."""

    kind: str
    digest: str
    at: datetime


def digest(key: str, kind: str, *known_by: str) -> str:
    """What an erased one is found again by: the hash of all that names it, such as network and id there."""
    said = json.dumps([kind, *known_by], ensure_ascii=False)
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest()


def add(folder: Path, erasures: Iterable[Erasure]) -> None:
    """Write lines at the end of the list; they are on the disk when this returns. Lines already there are left out."""
    new = list(dict.fromkeys(erasures))
    if not new:
        return
    path = folder / NAME
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        path.chmod(0o600)
        file.seek(0)
        written = file.read()
        known = set(parse(written))
        # After a line torn by a power cut, a new one begins.
        start = b"\n" if written and not written.endswith(b"\n") else b""
        file.write(start + b"".join(_line(one) for one in new if one not in known))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def entries(folder: Path) -> list[Erasure]:
    """Every line of a folder's list, in the order written; none where there is no list."""
    try:
        return parse((folder / NAME).read_bytes())
    except FileNotFoundError:
        return []


def parse(written: bytes) -> list[Erasure]:
    """The lines of a list. What is torn or no line of ours is passed over."""
    found = []
    for line in written.splitlines():
        try:
            told = json.loads(line)
            found.append(Erasure(str(told["kind"]), str(told["digest"]), datetime.fromisoformat(told["at"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _line(one: Erasure) -> bytes:
    told = {"kind": one.kind, "digest": one.digest, "at": one.at.isoformat()}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"
