"""Live signals: a topic and a version over PostgreSQL's NOTIFY, never content.

A page that hears `inbox` fetches its own fragment with the reader's rights, so a signal can leak nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import TYPE_CHECKING

import psycopg
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

CHANNEL = "siach_live"
HEARTBEAT = 15.0
#: Seconds after a topic was told in which it is told no more, and once at their end if it came again: a second time
#: it says nothing new. While it goes on coming the next pause is taken, so that in a storm an open page draws itself
#: anew no oftener than somebody can read it.
PAUSES = (0.5, 1.0, 2.0, 4.0)
_BACKLOG = 64
_PERSON, _SESSION = "u", "s"
_END = "end"
#: A topic of its own: streams that hear it end, and their browsers come back with the rights they have now.
RIGHTS_CHANGED = "rights"


def signal(org_id: int, topic: str) -> None:
    """Tell every open page of an organisation that a topic changed, once the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{org_id}:{topic}"])


def signal_person(user_id: int, topic: str) -> None:
    """Tell the open pages of one person alone, once the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{_PERSON}{user_id}:{topic}"])


def end_streams(key: str) -> None:
    """End every stream of a session that was ended, once the transaction commits. `key` is its `stream_key`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{_SESSION}{key}:{_END}"])


class Hub:
    """One LISTEN connection for this process, shared by all its streams; a slow reader loses its oldest."""

    def __init__(self) -> None:
        self._queues: dict[asyncio.Queue[tuple[int, str]], frozenset[str]] = {}
        self._versions = itertools.count(1)
        self._task: asyncio.Task[None] | None = None
        self._told: dict[tuple[str, str], bool] = {}

    async def stream(self, orgs: frozenset[int], user_id: int, key: str = "") -> AsyncGenerator[str, None]:
        """Server-sent events for one reader of these organisations: `event: topic`, `data: version`.

        It ends when `end_streams` names its `key`.
        """
        queue: asyncio.Queue[tuple[int, str]] = asyncio.Queue(maxsize=_BACKLOG)
        self._queues[queue] = frozenset({*map(str, orgs), f"{_PERSON}{user_id}", f"{_SESSION}{key}"})
        self._start()
        try:
            yield "event: hello\ndata: 0\n\n"
            while True:
                try:
                    version, topic = await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                else:
                    if topic in (_END, RIGHTS_CHANGED):
                        return
                    yield f"id: {version}\nevent: {topic}\ndata: {version}\n\n"
        finally:
            del self._queues[queue]

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while self._queues:
            with contextlib.suppress(psycopg.OperationalError):
                await self._relay()
            await asyncio.sleep(1)

    async def _relay(self) -> None:
        params = connection.get_connection_params()
        wanted = {name: params[name] for name in ("host", "port", "user", "password", "dbname") if params.get(name)}
        async with await psycopg.AsyncConnection.connect(**wanted, autocommit=True) as listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            self._told.clear()
            async for notice in listener.notifies():
                whose, _, topic = notice.payload.partition(":")
                self._tell(whose, topic)

    def _tell(self, whose: str, topic: str) -> None:
        """Spread a signal at once, or, where the same went out a moment ago, when the pause after it is over."""
        if topic in (_END, RIGHTS_CHANGED):
            self._spread(whose, topic)
        elif (whose, topic) in self._told:
            self._told[whose, topic] = True
        else:
            self._spread_and_pause(whose, topic, 0)

    def _spread_and_pause(self, whose: str, topic: str, turn: int) -> None:
        self._told[whose, topic] = False
        self._spread(whose, topic)
        pause = PAUSES[min(turn, len(PAUSES) - 1)]
        asyncio.get_running_loop().call_later(pause, self._pause_over, whose, topic, turn)

    def _pause_over(self, whose: str, topic: str, turn: int) -> None:
        if self._told.pop((whose, topic), False):
            self._spread_and_pause(whose, topic, turn + 1)

    def _spread(self, whose: str, topic: str) -> None:
        version = next(self._versions)
        for queue, heard in self._queues.items():
            if whose not in heard:
                continue
            if queue.full():
                queue.get_nowait()
            queue.put_nowait((version, topic))


hub = Hub()
