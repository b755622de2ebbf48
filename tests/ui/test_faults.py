"""When the database is away or the disk is full, a page says so: without a stack, in the reader's language."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


def caused(cause: Exception) -> Exception:
    error = OperationalError("secret words")
    error.__cause__ = cause
    return error


AWAY = [OperationalError("secret words"), InterfaceError("secret words"), caused(psycopg.OperationalError())]
FULL = [OSError(errno.ENOSPC, "secret words"), OSError(errno.EDQUOT, "x"), caused(psycopg.errors.DiskFull())]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception, str], tuple[int, str]]:
    def ask(error: Exception, language: str) -> tuple[int, str]:
        def fail(asked: object) -> None:
            raise error

        monkeypatch.setattr("siach.org.pages.health._findings", fail)
        client = Client(raise_request_exception=False, headers={"accept-language": language})
        answer = client.get("/health")
        assert ("Retry-After" in answer.headers) == (answer.status_code == 503)
        return answer.status_code, answer.text

    return ask


@pytest.mark.parametrize("error", AWAY)
def test_the_database_is_away(ask: Callable[..., tuple[int, str]], error: Exception) -> None:
    status, english = ask(error, "en")
    assert status == 503 and "The database is not responding right now" in english
    assert '<html lang="he" dir="rtl"' in (hebrew := ask(error, "he")[1]) and "מסד הנתונים לא עונה כרגע" in hebrew
    assert "secret words" not in english + hebrew and "Traceback" not in english


@pytest.mark.parametrize("error", FULL)
def test_the_disk_is_full(ask: Callable[..., tuple[int, str]], error: Exception) -> None:
    assert ask(error, "en")[0] == 503
    assert "The disk of this Siach is full" in ask(error, "en")[1]
    assert "הדיסק של שיח מלא" in ask(error, "he")[1]


@pytest.mark.parametrize("error", [ValueError("secret words"), OSError(errno.EACCES, "secret words")])
def test_another_fault_is_ours(ask: Callable[..., tuple[int, str]], error: Exception) -> None:
    status, page = ask(error, "en")
    assert status == 500 and "Something went wrong on our side" in page and "secret words" not in page
