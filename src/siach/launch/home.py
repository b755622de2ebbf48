"""The data folder: where it is, and whose version it has."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from siach import __version__
from siach.launch import CannotStart
from siach.launch.files import write_whole
from siach.launch.keyring import KeyRing, key_ring


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
    """Make the data folder ready and return its key ring.

    A folder of a newer Siach, or a half restored one, is refused untouched.
    """
    try:
        refuse_newer(folder)
        _refuse_half_restored(folder)
        ring = key_ring(folder)
        write_whole(folder / "VERSION", f"{__version__}\n", 0o644)
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
    if is_newer(made_by):
        raise CannotStart(
            f"The data folder {folder} belongs to Siach {made_by}, and this is Siach {__version__}. "
            "Nothing was changed. Update Siach, or name another folder in SIACH_HOME."
        )


def is_newer(version: str) -> bool:
    """Is this version of Siach newer than ours?"""
    return _numbers(version) > _numbers(__version__)


def restore_marker(folder: Path) -> Path:
    """The file that stands in a data folder while a backup is restored into it."""
    return folder / ".restoring"


def _refuse_half_restored(folder: Path) -> None:
    if restore_marker(folder).exists():
        raise CannotStart(
            f"A restore into {folder} was cut short. Run it again: ./siach restore FILE. "
            "Or remove the folder and begin anew."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))
