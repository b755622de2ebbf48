"""Files that are whole or not there, whatever happens while they are written."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str, mode: int, *, replace: bool = True) -> None:
    """Write aside, then put in place in one step. With `replace=False` the first of two writers wins."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    aside = Path(name)
    try:
        aside.chmod(mode)
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            aside.replace(path)
        else:
            put_if_absent(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)


def put_if_absent(aside: Path, path: Path) -> bool:
    """Give a finished file its name, unless the name is taken; was it free? It may keep its first name too."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    except OSError:
        # A file system without second names, such as a stick's.
        if path.exists():
            return False
        aside.rename(path)
    return True


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, as fsync does for a file's content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
