"""A drill on a whole running Siach whose parts are killed again and again: every post arrives once, no answer stands
twice, and the score sheet says what the tables say.

SIACH_ROUNDS says how many rounds (default 1); each plays another kind. In `./siach test` two hours of a storm take half
a minute, in `./siach soak` two minutes.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from siach.world.storm import KINDS
from tests.journeys.killing import FOUND_BY_PROC, PARTS, asked, kill, pid_of
from tests.networks.bluesky_server.server import wait_for
from tests.running import ROOT

if TYPE_CHECKING:
    from tests.running import RunningSiach

pytestmark = [pytest.mark.journey, FOUND_BY_PROC]

ROUNDS = int(os.environ.get("SIACH_ROUNDS", "1"))
SPEED = 60 if ROUNDS > 1 else 240
SECONDS = 140 * 60 / SPEED  # two hours, and what goes on behind its last post
PATIENCE = 180


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_killed_anywhere_a_drill_is_heard_once_and_scored(seed: int, siach: RunningSiach) -> None:
    rng, kind = random.Random(seed), KINDS[(seed - 1) % len(KINDS)]
    told = json.loads(_drilled(siach, "begin", kind, str(seed), str(SPEED)).communicate(timeout=60)[0])
    team = _drilled(siach, "answer", str(SECONDS))
    killed = _kill_again_and_again(siach, rng, time.monotonic() + SECONDS * 0.9)
    team.communicate(timeout=SECONDS + 60)
    wait_for(lambda: _has_ended(siach), "the drill has ended", PATIENCE)
    assert killed >= 3
    _every_post_came_once(siach, set(told["keys"]))
    _no_answer_stands_twice(siach)
    _the_sheet_is_right(siach)


def _drilled(siach: RunningSiach, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.journeys.drilled", *arguments]
    return subprocess.Popen(command, env=siach.env, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _kill_again_and_again(siach: RunningSiach, rng: random.Random, end: float) -> int:
    killed = 0
    while time.monotonic() < end:
        time.sleep(rng.uniform(0.1, 0.3) * SECONDS * (1 if ROUNDS == 1 else 0.5))
        # A drill dies with its database only for as long as that comes back; the worker is whom most depends on.
        target = rng.choices([*PARTS], (3, 1, 1))[0]
        if pid_of(siach, target):
            kill(siach, target)
            killed += 1
    return killed


def _has_ended(siach: RunningSiach) -> bool:
    with suppress(psycopg.OperationalError):
        return asked(siach, "SELECT count(*) FROM demo_drill WHERE ended_at IS NOT NULL") == [(1,)]
    return False


def _stage(siach: RunningSiach, question: str) -> list[tuple[object, ...]]:
    """What stands on the pretend network."""
    (path,) = (siach.home / "demo").glob("*.sqlite")
    with sqlite3.connect(path) as db:
        return db.execute(question).fetchall()


def _every_post_came_once(siach: RunningSiach, keys: set[str]) -> None:
    heard = [str(key) for (key,) in asked(siach, "SELECT key FROM talk_post")]
    assert keys <= set(heard) and len(heard) == len(set(heard))
    ((ended,),) = asked(siach, "SELECT extract(epoch FROM ended_at) FROM demo_drill")
    assert set(heard) == {str(key) for (key,) in _stage(siach, f"SELECT key FROM post WHERE seen <= {ended}")}
    assert asked(siach, "SELECT count(*) FROM talk_batch WHERE done_at IS NULL") == [(0,)]
    assert asked(siach, "SELECT count(*) FROM talk_source WHERE kind = 'drill'") == [(0,)]


def _no_answer_stands_twice(siach: RunningSiach) -> None:
    """What is said to be sent stands there once; what stands there is said to be sent, or that nobody knows."""
    there = dict(_stage(siach, "SELECT post, token FROM sent"))
    sent = dict(asked(siach, "SELECT external_id, key::text FROM talk_outgoing WHERE state = 'sent'"))
    unclear = {key for (key,) in asked(siach, "SELECT key::text FROM talk_outgoing WHERE state = 'unclear'")}
    assert sent and sent.items() <= there.items()
    assert set(there.values()) - set(sent.values()) <= unclear
    assert _stage(siach, "SELECT count(*) FROM (SELECT text FROM sent GROUP BY text HAVING count(*) > 1)") == [(0,)]


def _the_sheet_is_right(siach: RunningSiach) -> None:
    ((score, asks, speed),) = asked(siach, "SELECT score, asks, speed FROM demo_drill")
    assert isinstance(score, dict)
    customers = "FROM talk_post p JOIN talk_author a ON a.id = p.author_id WHERE NOT a.is_ours"
    begun = f"extract(epoch FROM min(%s) - (SELECT begun_at FROM demo_drill)) * {speed}"
    ((heard,),) = asked(siach, f"SELECT {begun % 'heard_at'} {customers}")
    ((case,),) = asked(siach, f"SELECT {begun % 'opened_at'} FROM care_case")
    ((answer,),) = asked(siach, f"SELECT {begun % 'sent_at'} FROM talk_outgoing WHERE state = 'sent'")
    for name, value in (("heard", heard), ("first_case", case), ("first_answer", answer)):
        assert abs(score[name] - float(str(value))) <= 1, name
    answered = "p.id IN (SELECT target_id FROM talk_outgoing WHERE state = 'sent')"
    ask = "p.key IN (SELECT jsonb_array_elements_text(asks) FROM demo_drill)"
    assert asked(siach, f"SELECT count(*) {customers}") == [(score["posts"],)]
    assert asked(siach, f"SELECT count(*) {customers} AND {ask}") == [(score["asked"],)]
    assert asked(siach, f"SELECT count(*) {customers} AND {ask} AND {answered}") == [(score["answered"],)]
    assert score["in_time"] <= score["answered"] <= score["asked"] <= len(asks)  # type: ignore[arg-type]
