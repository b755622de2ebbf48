"""The data folder: where it is, whose version it has, and the key ring."""

import base64
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from siach import __version__
from siach.launch import CannotStart


@dataclass(frozen=True)
class KeyRing:
    """The secrets of one copy of Siach. `fernet_keys` seal stored grants: newest first, older ones still open."""

    secret_key: str
    fernet_keys: list[str]


def home_folder(env: Mapping[str, str] = os.environ) -> Path:
    """SIACH_HOME, or the user's data folder; root's own home is closed to the database's user, so not there."""
    if named := env.get("SIACH_HOME"):
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/siach")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Siach"
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "siach"


def cache_folder(env: Mapping[str, str] = os.environ) -> Path:
    """Where the tests keep what they download: SIACH_TEST_CACHE, or the user's cache folder."""
    if named := env.get("SIACH_TEST_CACHE"):
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/siach")
    return Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "siach"


def open_home(folder: Path) -> KeyRing:
    """Make the data folder ready and return its key ring. A folder of a newer Siach is refused, untouched."""
    try:
        refuse_newer(folder)
        ring = key_ring(folder)
        _write_whole(folder / "VERSION", f"{__version__}\n", 0o644)
    except OSError as error:
        why = f"The data folder {folder} cannot be used: {error.strerror}."
        raise CannotStart(f"{why} Name another in SIACH_HOME.") from error
    return ring


def refuse_newer(folder: Path) -> None:
    """Raise CannotStart when a newer Siach has used this data folder."""
    try:
        made_by = (folder / "VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if _numbers(made_by) > _numbers(__version__):
        raise CannotStart(
            f"The data folder {folder} belongs to Siach {made_by}, and this is Siach {__version__}. "
            "Nothing was changed. Update Siach, or name another folder in SIACH_HOME."
        )


def key_ring(folder: Path) -> KeyRing:
    """The key ring of a data folder, made when there is none yet. A broken one is never replaced."""
    path = folder / "keyring.json"
    if not path.exists():
        _make(folder)
        new = {"secret_key": secrets.token_urlsafe(50), "fernet_keys": [_new_fernet_key()]}
        _write_whole(path, json.dumps(new, indent=2) + "\n", 0o600, replace=False)
    try:
        ring = json.loads(path.read_text())
        return KeyRing(str(ring["secret_key"]), [str(key) for key in ring["fernet_keys"]])
    except (ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"The key ring {path} cannot be read. Put it back from a backup.") from error


def _make(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        # As root the database's user must pass through to its own closed folder.
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _new_fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _write_whole(path: Path, text: str, mode: int, *, replace: bool = True) -> None:
    """Write aside, then put in place in one step. With `replace=False` the first of two writers wins."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    aside = Path(name)
    aside.chmod(mode)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        aside.replace(path)
        return
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
