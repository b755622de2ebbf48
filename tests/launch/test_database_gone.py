"""A running Siach whose database goes away for a while: clear pages, then it goes on; and its log holds nobody."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from siach.launch.postgres import LocalPostgres
from tests.networks.bluesky_server.server import wait_for
from tests.running import OnADatabaseOfItsOwn, RunningSiach

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("up")]
AWAY = 20  # seconds


class WithALogForMachines(OnADatabaseOfItsOwn):
    @property
    def env(self) -> dict[str, str]:
        return super().env | {"SIACH_LOG_FORMAT": "json", "SIACH_LOG": "INFO"}


@pytest.fixture
def database(place: Path) -> Iterator[LocalPostgres]:
    with LocalPostgres(place / "server") as server:
        yield server


@pytest.fixture
def siach(place: Path, database: LocalPostgres) -> Iterator[RunningSiach]:
    running = WithALogForMachines(place / "home", database.url)
    running.start()
    yield running
    running.stop()


def health(siach: RunningSiach) -> tuple[int, list[str]]:
    with suppress(httpx.HTTPError):
        answer = httpx.get(f"{siach.address}/health", timeout=30)
        if answer.headers["content-type"] == "application/json":
            return answer.status_code, answer.json()["problems"]
    return 0, []


def done_since(database: LocalPostgres, moment: float) -> bool:
    """Has the worker finished a job since, and is its heart beating?"""
    question = "SELECT max(last_heartbeat) > to_timestamp(%s) FROM procrastinate_workers"
    with psycopg.connect(database.dsn) as connection:
        return bool((connection.execute(question, [moment]).fetchone() or [False])[0])


def test_it_says_so_and_goes_on(siach: RunningSiach, database: LocalPostgres) -> None:
    wait_for(lambda: health(siach) == (200, []), "all is well", 60)
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        assert browser.get(siach.link).status_code == 200
        began = time.monotonic()
        database.stop()
        for language, words in (("he", "מסד הנתונים לא עונה כרגע"), ("en", "The database is not responding right now")):
            page = browser.get(siach.address, headers={"accept-language": language})
            assert page.status_code == 503 and words in page.text
            assert page.headers["retry-after"] and "Traceback" not in page.text and "psycopg" not in page.text
        assert health(siach) == (503, ["database"])
        time.sleep(max(0.0, AWAY - (time.monotonic() - began)))
        database.start()
        back = time.time()
        wait_for(lambda: browser.get(siach.address).status_code == 200, "the web answers", 30)
        wait_for(lambda: done_since(database, back), "the worker is at work", 60)
        wait_for(lambda: health(siach) == (200, []), "all is well again", 60)
    the_log_holds_nobody(siach)


def the_log_holds_nobody(siach: RunningSiach) -> None:
    token = siach.link.rstrip("/").rpartition("/")[2]
    told = [line for line in siach.said.splitlines() if "Sign in, once" not in line]
    assert not [told[max(0, n - 2) : n + 40] for n, line in enumerate(told) if token in line or "Traceback" in line]
    lines = [json.loads(line) for line in told if line.startswith("{")]
    routes = {line.get("route") for line in lines if line["logger"] == "siach.ui.access"}
    assert {"/enter/<str:token>/", "/health"} <= routes
    assert any(line.get("status") == 503 for line in lines)
