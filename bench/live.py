"""Two hundred open browsers while a storm comes in: how late a signal reaches them, and what pages cost meanwhile.

A whole Siach runs on a copy of a million posts. Its browsers are 198 readers of the live stream in a process of their
own and two real Chromium, whose pages fetch what is new as they do for a person. `python -m bench.live ROLE ...` is one
of the other processes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg

from bench import _seed
from bench.figures import NOW, Figure, browsers, environment, folder_of, talk
from siach.commands import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.running import RunningSiach

COMMAND = "./siach bench live"
POSTS = 1_000_000
READERS, BROWSERS = 198, 2
A_SECOND = 500  # posts
SECONDS = 60
PROBES = 0.5  # seconds between two signals whose way is timed
WARM_UP = 8  # seconds
PAGES = {"Today": "/", "Inbox": "/inbox/", "Stream": "/stream/"}
_PAGE = 100
_PROBE = "probe-"


def measure() -> list[Figure]:
    from siach.launch.machine import chromium

    if chromium() is None:
        print("This machine lacks Chromium: live pages were not measured.", file=sys.stderr)
        return []
    with ExitStack() as after:
        siach, org, cookie = _running(after)
        alone = page_times(siach, cookie, SECONDS / 4, PAGES)
        late, busy, taken = _storm(siach, org, cookie, after)
    note = f"{READERS + BROWSERS} browsers, {taken:,} posts in {SECONDS} s, {len(late):,} signals"
    figures = [
        Figure("posts taken in meanwhile", round(taken / SECONDS), "posts/s", A_SECOND * 0.98, COMMAND, True, note),
        Figure("signal to open page, median", round(statistics.median(late)), "ms", None, COMMAND, False, note),
        Figure("signal to open page, 99th percentile", round(_part(late, 0.99)), "ms", 500, COMMAND, False, note),
    ]
    for name in PAGES:
        grown = statistics.median(busy[name]) / statistics.median(alone[name])
        figures.append(Figure(f"{name} in the storm, against alone", round(grown, 2), "ratio", 1.5, COMMAND, False))
    return figures


def _part(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _running(after: ExitStack) -> tuple[RunningSiach, int, str]:
    """A Siach on a copy of the body of posts, its organisation, and the cookie of a signed-in reader."""
    from tests.running import running_siach

    with _seed.body(POSTS) as note:
        reader = note["reader"]
    folder = Path(after.enter_context(tempfile.TemporaryDirectory(dir=folder_of("").parent)))
    folder.chmod(0o711)
    (folder / "home").mkdir()
    subprocess.run(["cp", "-a", folder_of(f"posts-{POSTS}") / "postgres", folder / "home"], check=True)
    siach = after.enter_context(running_siach(folder / "home"))
    org, cookie = _printed(siach, "sign-in", reader).split()
    return siach, int(org), cookie


def signed_in(siach: RunningSiach, reader: str) -> str:
    """The cookie of a session of this person."""
    return _printed(siach, "sign-in", reader).split()[1]


def _command(siach: RunningSiach, role: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """How one of the other processes is started: with the environment of that Siach."""
    from siach.launch.postgres import LocalPostgres

    own = {"DATABASE_URL": LocalPostgres(siach.home / "postgres").url}
    env = siach.env | {"PYTHONPATH": environment()["PYTHONPATH"]} | own
    return [sys.executable, "-m", "bench.live", role, *arguments], env


def _printed(siach: RunningSiach, role: str, *arguments: str) -> str:
    """What one of the other processes prints."""
    command, env = _command(siach, role, *arguments)
    return subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def page_times(siach: RunningSiach, cookie: str, seconds: float, pages: Mapping[str, str]) -> dict[str, list[float]]:
    """Milliseconds of each page as a browser waits for it, in turn for so long."""
    taken: dict[str, list[float]] = {name: [] for name in pages}
    end = time.monotonic() + seconds
    with httpx.Client(base_url=siach.address, headers={"cookie": cookie}, timeout=60) as browser:
        for warm in (False, True):
            while time.monotonic() < end or not warm:
                for name, path in pages.items():
                    began = time.perf_counter()
                    answer = browser.get(path)
                    if answer.status_code != 200:
                        raise SystemExit(f"{path} answered {answer.status_code}.\n{siach.said[-3000:]}")
                    if warm:
                        taken[name].append((time.perf_counter() - began) * 1000)
                if not warm:
                    break
                time.sleep(0.3)
    return taken


def _storm(
    siach: RunningSiach, org: int, cookie: str, after: ExitStack
) -> tuple[list[float], dict[str, list[float]], int]:
    """All of it at once: how late each signal came to each browser (ms), the times of pages, and the posts taken."""
    command, env = _command(siach, "listen", str(siach.port), cookie, str(READERS), str(SECONDS + WARM_UP + 2))
    readers = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    after.callback(readers.kill)
    _open(siach, cookie, after)
    command, env = _command(siach, "intake", str(SECONDS + WARM_UP))
    intake = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    after.callback(intake.kill)
    time.sleep(WARM_UP)
    with _probing(siach, org):
        busy = page_times(siach, cookie, SECONDS, PAGES)
    taken = int(intake.communicate(timeout=120)[0])
    heard = json.loads(readers.communicate(timeout=120)[0])
    return heard, busy, taken * SECONDS // (SECONDS + WARM_UP)


def _open(siach: RunningSiach, cookie: str, after: ExitStack) -> None:
    """Today and the Stream, each open in a real browser."""
    name, _is, value = cookie.partition("=")
    for browser, path in zip(browsers(after, BROWSERS), ("/", "/stream/"), strict=True):
        context = browser.new_context(locale="he-IL")
        context.add_cookies([{"name": name, "value": value, "url": siach.address}])
        context.new_page().goto(siach.address + path)


@contextmanager
def _probing(siach: RunningSiach, org: int) -> Iterator[None]:
    """Signals that carry the moment of their sending, while the block runs."""
    from siach.launch.postgres import LocalPostgres

    over = threading.Event()

    def probe() -> None:
        with psycopg.connect(LocalPostgres(siach.home / "postgres").dsn, autocommit=True) as connection:
            while not over.wait(PROBES):
                sent = f"{org}:{_PROBE}{time.monotonic_ns()}"
                connection.execute("SELECT pg_notify('siach_live', %s)", [sent])

    thread = threading.Thread(target=probe)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


# --- the other processes ----------------------------------------------------------------------------------


def sign_in(reader: str) -> None:
    """Print the reader's organisation and the cookie of a session of theirs."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siach.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client

    from siach.org.models import Membership, User

    user = User.objects.get(email=reader)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    print(
        Membership.objects.get(user=user).team.org_id,
        "=".join((settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)),
    )


def listen(port: str, cookie: str, readers: str, seconds: str) -> None:
    """So many readers of the live stream; prints how late each probe reached each of them, in milliseconds."""

    async def one(late: list[float]) -> None:
        reader, writer = await asyncio.open_connection("localhost", int(port))
        writer.write(
            f"GET /live/ HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n"
            "Accept: text/event-stream\r\n\r\n".encode()
        )
        while line := await reader.readline():
            if _PROBE.encode() in line:
                sent = int(line.rsplit(b"-", 1)[1])
                late.append((time.monotonic_ns() - sent) / 1e6)

    async def all_of_them() -> list[float]:
        late: list[float] = []
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(one(late) for _ in range(int(readers)))), float(seconds))
        return late

    print(json.dumps(asyncio.run(all_of_them())))


def intake(seconds: str) -> None:
    """Posts by the second, as a source brings them; prints how many there were."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siach.settings")
    django.setup()
    from siach.talk.actions.taking import take_in
    from siach.talk.models import Source

    source = Source.objects.get()
    posts = itertools.chain.from_iterable(
        talk(2_000, brand="לומיקה", seed=1_000 + n, days=1, moved=datetime.now(UTC) - NOW) for n in itertools.count()
    )
    began, count = time.monotonic(), 0
    while (spent := time.monotonic() - began) < float(seconds):
        if count > spent * A_SECOND:
            time.sleep(0.01)
            continue
        count += take_in(list(itertools.islice(posts, _PAGE)), source=source, at=datetime.now(UTC)).new
    print(count)


if __name__ == "__main__":
    {"sign-in": sign_in, "listen": listen, "intake": intake}[sys.argv[1]](*sys.argv[2:])
