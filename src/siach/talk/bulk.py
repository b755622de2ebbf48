"""Whole pages in one statement, with server-side binding: arrays and rows travel beside the SQL, not inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection
from django.db.utils import DatabaseErrorWrapper

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def rows(sql: str, params: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
    """Run one statement on Django's own connection, in its transaction; the rows it returns, if any."""
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, params or None, binary=True)
        return cursor.fetchall() if cursor.description else []


def load(table: str, columns: str, values: Iterable[Sequence[object]]) -> None:
    """Put rows into a temporary table (`temp_...`) of this connection, for the statements of this transaction to read.

    `columns` are its columns as SQL declares them ("key text, at timestamptz"). What an earlier call left in a
    table of that name goes; all of it goes when the transaction ends. COPY costs an eighth of arrays.
    """
    types = [column.split()[1] for column in columns.split(",")]
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({columns}) ON COMMIT DELETE ROWS")
        cursor.execute(f"DELETE FROM {table}")
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as into:
            into.set_types(types)
            for row in values:
                into.write_row(row)
