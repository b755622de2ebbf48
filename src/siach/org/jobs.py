"""Deferring work by the job's name, inside the transaction that caused it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from django.db import OperationalError, transaction
from procrastinate import App
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

if TYPE_CHECKING:
    from datetime import datetime

# An app of its own: a worker gives the engine's app a connection of the worker's, and a job deferred through
# that one would stand outside our transaction, seen before it commits and left behind when it does not.
_app = App(connector=DjangoConnector(alias="default"))


def defer(
    name: str,
    *,
    queue: str,
    not_before: datetime | None = None,
    once: str | None = None,
    **arguments: int | str,
) -> bool:
    """Queue a job; it exists only if this transaction commits.

    `once`: at most one such job waits at a time; False when it waits already. A database that falls raises Django's
    OperationalError, as it does from any other statement.
    """
    job = _app.configure_task(name=name, queue=queue, schedule_at=not_before, queueing_lock=once, allow_unknown=True)
    try:
        with transaction.atomic():
            job.defer(**arguments)
    except AlreadyEnqueued:
        return False
    except ConnectorException as error:
        # The engine's own name for it would pass for a fault of ours, where a fallen database is only waited for.
        if isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
            raise OperationalError(*error.__cause__.args) from error.__cause__
        raise
    return True
