"""Whole pages in one statement, with server-side binding: arrays travel beside the SQL, not inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connection
from django.db.utils import DatabaseErrorWrapper

if TYPE_CHECKING:
    from collections.abc import Sequence


def rows(sql: str, params: Sequence[object]) -> list[tuple[Any, ...]]:
    """Run one statement on Django's own connection, in its transaction; the rows it returns, if any."""
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []
