"""The database of this copy of Siach: the one that DATABASE_URL names, or its own."""

import atexit
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from siach.launch.home import home_folder, open_home
from siach.launch.postgres import LocalPostgres
from siach.launch.running import Running


def own_database(folder: Path, say: Callable[[str], None]) -> LocalPostgres:
    """The embedded database of a data folder, not started."""
    return LocalPostgres(folder / "postgres", say=say)


@contextmanager
def reached(folder: Path, say: Callable[[str], None]) -> Iterator[str]:
    """The address of the database of a data folder: DATABASE_URL, or its own, started for as long as it is needed."""
    if named := os.environ.get("DATABASE_URL"):
        yield named
        return
    with own_database(folder, say) as database:
        yield database.url


def use_database(say: Callable[[str], None]) -> None:
    """Make the data folder and the database ready for a command, and set DATABASE_URL and SIACH_ADDRESS.

    The embedded database is shared with a running Siach, or runs until this process ends.
    """
    folder = home_folder()
    open_home(folder)
    if "SIACH_ADDRESS" not in os.environ and (address := Running(folder).address()):
        os.environ["SIACH_ADDRESS"] = address
    if "DATABASE_URL" not in os.environ:
        database = own_database(folder, say).start()
        atexit.register(database.stop)
        os.environ["DATABASE_URL"] = database.url
