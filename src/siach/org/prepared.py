"""Queries about one person that every request makes: the ORM writes each once, and they are run as they stand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

_ANYBODY = -1


class PreparedQuery:
    """`ask(pk)` writes the question about the person of a primary key: a query of plain values, in which the key stands
    as a parameter. To write such a query takes the ORM longer than to answer it takes the database."""

    def __init__(self, ask: Callable[[int], QuerySet[Any, tuple[Any, ...]]]) -> None:
        self._ask = ask

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...]]:
        text, parameters = self._ask(_ANYBODY).query.sql_with_params()
        return text, tuple(parameters)

    def rows(self, pk: int) -> list[tuple[Any, ...]]:
        """The answer, as the database gives it."""
        text, parameters = self._written
        with connection.cursor() as cursor:
            cursor.execute(text, [pk if one == _ANYBODY else one for one in parameters])
            return cursor.fetchall()
