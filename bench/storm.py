"""What pages cost while a drill is played into the demo: a large storm, an hour of it in a minute, with a team that
answers. A whole Siach runs, its worker hears and sends, and each page is timed as a browser waits for it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, fresh_siach
from bench.live import page_times, signed_in
from siach.commands import ROOT

if TYPE_CHECKING:
    from tests.running import RunningSiach

COMMAND = "./siach bench storm"
POSTS, HOURS, SPEED = 2_000, 2, 60
SECONDS = HOURS * 3600 // SPEED
READER = "noa@aluma.example"
PAGES = {"Today": "/", "Inbox": "/inbox/", "Stream": "/stream/", "score sheet": "/demo/drills/1/"}


def measure() -> list[Figure]:
    with ExitStack() as after:
        siach = fresh_siach(after)
        loaded = json.loads(siach.command("demo", "--json").stdout)
        cookie = signed_in(siach, READER)
        alone = page_times(siach, cookie, SECONDS / 4, {name: PAGES[name] for name in ("Today", "Inbox", "Stream")})
        busy, score = _stormed(siach, cookie, after)
    note = f"{score['posts']:,} posts of a storm in {SECONDS} s, {loaded['posts']:,} in the demo"
    figures = [
        Figure("demo loaded by the command", loaded["seconds"], "s", 90, COMMAND, False),
        Figure("posts of the storm heard", score["posts"], "posts", POSTS, COMMAND, True, note),
    ]
    for name, taken in busy.items():
        p95 = sorted(taken)[int(len(taken) * 0.95) - 1]
        figures.append(
            Figure(f"{name} in the storm, median", round(statistics.median(taken)), "ms", None, COMMAND, False)
        )
        figures.append(Figure(f"{name} in the storm, p95", round(p95), "ms", 300, COMMAND, False, note))
        if name in alone:
            grown = statistics.median(taken) / statistics.median(alone[name])
            figures.append(
                Figure(f"{name} in the storm, against alone", round(grown, 2), "ratio", None, COMMAND, False)
            )
    return figures


def _stormed(siach: RunningSiach, cookie: str, after: ExitStack) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """The times of pages while the storm is played and answered, and its score sheet."""
    told = ("storm", "--speed", str(SPEED), "--posts", str(POSTS), "--hours", str(HOURS))
    begun = siach.command(*told, "--no-wait")
    if begun.returncode:
        raise SystemExit(begun.stderr)
    command = [sys.executable, "-m", "tests.journeys.drilled", "answer", str(SECONDS)]
    team = subprocess.Popen(command, env=siach.env, cwd=ROOT, stderr=subprocess.DEVNULL)
    after.callback(team.kill)
    busy = page_times(siach, cookie, SECONDS, PAGES)
    team.wait(60)
    return busy, json.loads(siach.command("storm", "--sheet", "--json").stdout)["score"]
