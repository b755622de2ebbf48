"""The key ring: the secrets of one copy of Siach, in one closed file of the data folder, outside the database."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from siach.launch import CannotStart
from siach.launch.files import write_whole

NAME = "keyring.json"


@dataclass(frozen=True)
class KeyRing:
    """`fernet_keys` seal stored grants: newest first, older ones still open.

    `secret_key` signs sessions and links; what `old_secret_keys` signed still holds. `erasure_key` makes the hashes
    of the list of erasures, and never changes.
    """

    secret_key: str
    fernet_keys: list[str]
    erasure_key: str
    old_secret_keys: list[str] = field(default_factory=list)


def key_ring(folder: Path) -> KeyRing:
    """The key ring of a data folder, made when there is none yet. A broken one is never replaced."""
    path = folder / NAME
    if not path.exists():
        make_folder(folder)
        ring = KeyRing(new_secret(), [new_fernet_key()], new_secret())
        write_whole(path, _written(ring), 0o600, replace=False)
    told = _told(path)
    if "erasure_key" not in told:
        return amend(folder, lambda ring: ring)
    return _ring(told, path)


def read(path: Path) -> KeyRing:
    """The key ring in a file that stands anywhere."""
    if not path.is_file():
        raise CannotStart(f"There is no file {path}.")
    return _ring(_told(path), path)


def amend(folder: Path, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """Put a changed key ring in place in one step; of two who amend at once, the second sees the first's."""
    path = folder / NAME
    with (folder / f".{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ring = change(_ring({"erasure_key": new_secret(), **_told(path)}, path))
        write_whole(path, _written(ring), 0o600)
    return ring


def with_new_keys(ring: KeyRing) -> KeyRing:
    """The ring with new keys: every older key still opens, and what the last secret signed still holds."""
    return replace(
        ring,
        secret_key=new_secret(),
        old_secret_keys=[ring.secret_key],
        fernet_keys=[new_fernet_key(), *ring.fernet_keys],
    )


def make_folder(folder: Path) -> None:
    """Make a data folder, closed to others, unless it stands."""
    if not folder.exists():
        folder.mkdir(parents=True)
        # As root the database's user must pass through to its own closed folder.
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def new_fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def new_secret() -> str:
    return secrets.token_urlsafe(50)


def _told(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise _unreadable(path) from error


def _ring(told: dict[str, object], path: Path) -> KeyRing:
    try:
        secret, keys, erasure = told["secret_key"], told["fernet_keys"], told["erasure_key"]
        old = told.get("old_secret_keys", [])
        if not isinstance(keys, list) or not isinstance(old, list):
            raise TypeError
        return KeyRing(str(secret), [str(key) for key in keys], str(erasure), [str(key) for key in old])
    except (KeyError, TypeError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> CannotStart:
    return CannotStart(f"The key ring {path} cannot be read. Put it back from a backup.")


def _written(ring: KeyRing) -> str:
    return json.dumps(asdict(ring), indent=2) + "\n"
