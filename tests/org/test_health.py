"""/health: numbers alone, for anyone, without a session; 503 with the names of what is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from siach.launch import health
from siach.launch.copies import Note, _write_note
from siach.talk.models import Batch
from tests.world import World, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Siach in which nothing is wrong: its data folder."""
    settings.SIACH_HOME = tmp_path
    monkeypatch.delenv("SIACH_BACKUP_FOLDER", raising=False)
    seen(seconds_ago=2)
    return tmp_path


def seen(seconds_ago: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
        sql = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))"
        cursor.execute(sql, [seconds_ago])


def queued(minutes_ago: int, *, in_minutes: int | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at) "
            "VALUES ('read', 'carry', '{}', now() + make_interval(mins => %s)) RETURNING id",
            [in_minutes],
        )
        (job,) = cursor.fetchone()
        sql = "UPDATE procrastinate_events SET at = now() - make_interval(mins => %s) WHERE job_id = %s"
        cursor.execute(sql, [minutes_ago, job])


def asked(query: str = "") -> tuple[int, list[str]]:
    answer = Client().get(f"/health{query}")
    return answer.status_code, answer.json()["problems"]


def test_all_is_well(fine: Path, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        answer = Client().get("/health")
    told = answer.json()
    assert (answer.status_code, told["status"], told["problems"]) == (200, "ok", [])
    assert set(told["checks"]) == {"database", "worker", "jobs", "batches", "disk", "backup"}
    assert told["checks"]["worker"]["heartbeat_age"] == pytest.approx(2, abs=1)
    assert not answer.cookies and "no-store" in answer.headers["Cache-Control"]


def test_it_says_nothing_of_anybody(fine: Path, world: World) -> None:
    world.hear(said("1", "Lumika broke"))
    for words in ("Lumika", "לומיקה", "noam", "example.test", str(fine)):
        assert words not in Client().get("/health").text
    assert set(json.loads(world.client(world.noam).get("/health").text)) == {"status", "problems", "version", "checks"}


def test_it_takes_no_deeds(fine: Path) -> None:
    assert Client(enforce_csrf_checks=True).post("/health").status_code in {403, 405}


@pytest.mark.parametrize("seconds", [61, 100_000])
def test_a_silent_worker(fine: Path, seconds: int) -> None:
    seen(seconds_ago=seconds)
    assert asked() == (503, ["worker"])
    assert asked("?only=database") == (200, [])
    assert asked("?only=worker&only=disk") == (503, ["worker"])


def test_no_worker_at_all(fine: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    assert asked() == (503, ["worker"])


def test_jobs_that_stand_still(fine: Path) -> None:
    queued(1)
    queued(60, in_minutes=5)  # not yet meant to run
    assert asked() == (200, [])
    queued(60, in_minutes=-1)  # only just due
    assert asked() == (200, [])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    queued(16)
    assert asked() == (503, ["jobs"])


def test_a_batch_that_stands_still(fine: Path, world: World) -> None:
    made_at = datetime.now(UTC) - timedelta(minutes=16)
    Batch.objects.create(org=world.org, source=world.source, posts=[], is_live=True, made_at=made_at)
    assert asked() == (503, ["batches"])


def test_a_full_disk(fine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "free_disk", lambda home: 10**9)
    assert asked() == (503, ["disk"])


def test_the_nightly_copies(fine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies, now = fine / "copies", datetime.now(UTC)
    monkeypatch.setenv("SIACH_BACKUP_FOLDER", str(copies))
    monkeypatch.setenv("SIACH_BACKUP_PASSPHRASE", "a quiet morning paper")
    assert asked() == (503, ["backup"])
    copies.mkdir()
    assert asked() == (503, ["backup"])
    made = now - timedelta(hours=30)
    (copies / f"siach-{made:%Y%m%dT%H%M%SZ}.backup").touch()
    assert asked() == (200, [])
    assert Client().get("/health").json()["checks"]["backup"]["age"] == pytest.approx(30 * 3600, abs=60)
    _write_note(fine, Note(made, 7, now, "No space left on device"))
    assert asked() == (503, ["backup"])
    assert "space" not in Client().get("/health").text
    _write_note(fine, Note())
    (copies / f"siach-{made:%Y%m%dT%H%M%SZ}.backup").rename(copies / "siach-20250101T000000Z.backup")
    assert asked() == (503, ["backup"])
    monkeypatch.delenv("SIACH_BACKUP_PASSPHRASE")
    (copies / f"siach-{made:%Y%m%dT%H%M%SZ}.backup").touch()
    assert asked() == (503, ["backup"])
