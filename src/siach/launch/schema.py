"""Which migrations this code knows, and whether a database has been moved further by a newer Siach."""

from collections.abc import Iterable
from pathlib import Path

import psycopg

SOURCE = Path(__file__).resolve().parent.parent


def known(source: Path = SOURCE) -> set[str]:
    """Every migration of every room, as "org.0001_initial"."""
    files = source.glob("*/migrations/[0-9]*.py")
    return {f"{file.parent.parent.name}.{file.stem}" for file in files}


def applied(connection: psycopg.Connection) -> list[str]:
    """What was applied to a database, also of packages; empty where Siach has no tables yet."""
    if not has_tables(connection, "django_migrations"):
        return []
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
    return [name for (name,) in rows]


def has_tables(connection: psycopg.Connection, name: str = "%") -> bool:
    """Is there a table of this name (or any at all) in the database's own schema?"""
    sql = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE %s)"
    row = connection.execute(sql, [name]).fetchone()
    return bool(row and row[0])


def newer(names: Iterable[str], source: Path = SOURCE) -> list[str]:
    """Migrations of our rooms that this code does not know: a newer Siach made them."""
    ours = known(source)
    rooms = {name.partition(".")[0] for name in ours}
    return sorted(name for name in names if name.partition(".")[0] in rooms and name not in ours)
