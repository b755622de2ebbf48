"""What Siach can do from the command line: one file each, found by its name.

A command has `HELP` (one line) and `run(args) -> int`; if it takes arguments, `add_arguments(parser)`. One for
developers says so with `FOR_DEVELOPERS = True`.
"""

import atexit
import os
import sys
from pathlib import Path

from siach.launch.database import use_database

ROOT = Path(__file__).resolve().parents[3]


def django_setup() -> None:
    """Django with the data folder and the database of this copy of Siach."""
    use_database(say)
    os.environ["DJANGO_SETTINGS_MODULE"] = "siach.settings"
    import django

    django.setup()
    # Before the database that was started for this command goes.
    atexit.register(_disconnect)


def _disconnect() -> None:
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    for connection in connections.all(initialized_only=True):
        connection.close()
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()


def say(sentence: str) -> None:
    """Progress goes to stderr: stdout belongs to the command's own answer."""
    print(sentence, file=sys.stderr, flush=True)
