"""An import killed in the middle of a chunk, twice: a real process, SIGKILL, and then exactly the rows of the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from django.utils import timezone

from siach.talk.actions import counting, importing
from siach.talk.models import Batch, Mention, Post
from siach.talk.queries.checks import check
from tests.talk.files import begun, complaints, table
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def run_and_be_killed(job: int, row: int) -> int:
    url = f"postgresql://postgres@/{connection.settings_dict['NAME']}?host={connection.settings_dict['HOST']}"
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "siach.settings"}
    command = [sys.executable, "-m", "tests.talk.killed_import", str(job), str(row)]
    return subprocess.run(command, env=env, timeout=60).returncode


def test_killed_twice_nothing_is_lost_and_nothing_doubled(world: World) -> None:
    job = begun(world, table(complaints(120)))
    for row, kept in ((60, 50), (110, 100)):
        assert run_and_be_killed(job.pk, row) == -signal.SIGKILL
        job.refresh_from_db()
        assert (job.state, job.row, Post.objects.count()) == ("running", kept, kept)
    importing.run(job_id=job.pk, at=timezone.now())
    world.carry()
    while counting.fold(at=timezone.now()):
        pass
    job.refresh_from_db()
    assert (job.state, job.row, job.taken, job.known, job.refused) == ("done", 120, 120, 0, 0)
    assert Post.objects.count() == Mention.objects.count() == 120
    assert sorted(post for batch in Batch.objects.all() for post in batch.posts) == sorted(
        Post.objects.values_list("pk", flat=True)
    )
    assert check(at=timezone.now()).holds
