"""A job belongs to the transaction that deferred it, in a worker as anywhere else."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.talk.jobs import defer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Iterator[None]:
    """The engine's app as a worker holds it: with a connection of its own."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector):
        yield


NOBODYS = -1


def jobs() -> list[str]:
    """The jobs of this test alone: other tests leave theirs."""
    mine = ProcrastinateJob.objects.filter(args__contains={"batch": NOBODYS})
    return list(mine.values_list("task_name", flat=True))


def test_a_job_of_a_transaction_that_fails_never_was(worker: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        defer("carry", queue="read", batch=NOBODYS)
        raise ZeroDivisionError
    assert jobs() == []


def test_a_job_stands_when_its_transaction_does_and_once_is_once(worker: None) -> None:
    with transaction.atomic():
        assert defer("listen", queue="fetch", once="mine", batch=NOBODYS)
        assert not defer("listen", queue="fetch", once="mine", batch=NOBODYS)
    assert jobs() == ["listen"]


def test_a_database_that_falls_while_a_job_is_deferred_is_called_so() -> None:
    """Else an import would take it for a fault of its own, and end."""

    def fall(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "procrastinate_defer" in sql:
            backend = connection.connection.info.backend_pid
            with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [backend])
        return execute(sql, params, many, context)

    before = jobs()
    try:
        with connection.execute_wrapper(fall), pytest.raises(OperationalError), transaction.atomic():
            defer("carry", queue="read", batch=NOBODYS)
    finally:
        connection.close()
    assert jobs() == before
