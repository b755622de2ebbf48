"""The tables brought to this version of the code: all of the way or not at all, and never back."""

import os
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from siach.commands import say
from siach.launch import CannotStart, copies
from siach.launch.home import home_folder
from siach.launch.keyring import key_ring
from siach.launch.schema import newer

FOLDER = "before-upgrade"
KEPT = 2


def bring_forward(*, backup_at: datetime | None) -> None:
    """Move the tables forward. With `backup_at`, existing data are copied first; CannotStart: nothing was changed."""
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    applied = [".".join(name) for name in executor.loader.applied_migrations]
    if unknown := newer(applied):
        raise CannotStart(
            f"The database belongs to a newer Siach (it knows {unknown[0]}). Nothing was changed. "
            "Update Siach, or name another database."
        )
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if applied and pending and backup_at and _holds_data():
        say("The tables move forward. First a backup of what is there.")
        before_upgrade(home_folder(), at=backup_at)
    # One transaction for all: a fall in the middle leaves the tables as they were.
    with transaction.atomic() if applied else nullcontext():
        if applied:
            # A table with checks that wait for the end of the transaction could not be altered by a later step.
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def before_upgrade(home: Path, *, at: datetime) -> Path:
    """Copy everything into the data folder; the newest two are kept.

    Sealed with SIACH_BACKUP_PASSPHRASE, or without one with a key of the ring: `./siach restore --key-ring` opens it.
    """
    folder = home / FOLDER
    target = folder / at.strftime(copies.NAME)
    passphrase = os.environ.get("SIACH_BACKUP_PASSPHRASE") or key_ring(home).erasure_key
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        copies.make(target, passphrase, home=home, url=os.environ["DATABASE_URL"], at=at, noted=False)
    except (CannotStart, OSError) as error:
        raise CannotStart(
            f"{error}\nThe tables were left as they are. Mend this, or go on without a backup: ./siach up --no-backup"
        ) from error
    for path, _made in copies.copies(folder)[:-KEPT]:
        path.unlink()
    say(f"{target} holds the state before.")
    return target


def _holds_data() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM org_org)")
        row = cursor.fetchone()
    return bool(row and row[0])
