"""Signals are for those who may hear them, as long as they may: rights and session are looked at again and again."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.db import connection
from django.http import SimpleCookie
from django.test import AsyncClient, RequestFactory
from django.utils import timezone

from siach.org import live as signals
from siach.org.models import Membership, User
from siach.org.pages import live as page
from siach.org.sessions import begin
from tests.alone import alone
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.http import HttpRequest


pytestmark = pytest.mark.django_db(transaction=True)


def request_of(world: World, user: User) -> HttpRequest:
    """What the server makes of this person's browser."""
    client = world.client(user)
    request = RequestFactory().get("/live/")
    request.session = client.session
    request.user = user

    async def auser() -> User:
        return user

    request.auser = auser  # type: ignore[method-assign]
    return request


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat and a look at the rights every few milliseconds."""
    monkeypatch.setattr(signals, "HEARTBEAT", 0.02)
    monkeypatch.setattr(page, "RECHECK", 0.0)


async def ends(blocks: AsyncIterator[str | bytes]) -> bool:
    async def all_of_them() -> None:
        async for _block in blocks:
            pass

    try:
        await asyncio.wait_for(all_of_them(), 5)
    except TimeoutError:
        return False
    return True


def gone(world: World) -> None:
    Membership.objects.filter(user=world.dana).delete()


def closed(world: World) -> None:
    User.objects.filter(pk=world.dana.pk).update(is_active=False)


def signed_out(request: HttpRequest) -> None:
    request.session.delete(request.session.session_key)


@pytest.mark.parametrize("end", [gone, closed])
def test_a_stream_ends_with_the_right_to_it(world: World, quick: None, end: object) -> None:
    async def play() -> None:
        answer = await page.live(request_here)
        blocks = aiter(answer)  # type: ignore[arg-type]
        assert (await anext(blocks)).startswith(b"event: hello")
        await anext(blocks)  # still here
        await sync_to_async(end)(world)  # type: ignore[arg-type]
        assert await ends(blocks)

    request_here = request_of(world, world.dana)
    alone(play())


def test_a_stream_ends_with_its_session(world: World, quick: None) -> None:
    async def play() -> None:
        blocks = aiter(await page.live(request_here))  # type: ignore[arg-type]
        await anext(blocks)
        await sync_to_async(signed_out)(request_here)
        assert await ends(blocks)

    request_here = request_of(world, world.dana)
    alone(play())


def test_a_stream_ends_when_its_session_is_over(world: World, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        blocks = aiter(await page.live(request_here))  # type: ignore[arg-type]
        await anext(blocks)
        await anext(blocks)
        monkeypatch.setattr(timezone, "now", lambda: begun + timedelta(days=30))
        assert await ends(blocks)

    request_here, begun = request_of(world, world.dana), timezone.now()
    begin(request_here.session, at=begun)
    request_here.session.save()
    alone(play())


def test_whoever_may_hear_nothing_gets_no_stream(world: World) -> None:
    async def play() -> None:
        for cookies in (known, SimpleCookie()):
            browser = AsyncClient()
            browser.cookies = cookies
            answer = await browser.get("/live/")
            assert (answer.status_code, answer.content) == (404, b"")
            assert settings.CSRF_COOKIE_NAME not in answer.cookies, "coming late it would undo a newer one"

    known = world.client(world.dana).cookies
    gone(world)
    alone(play())


def test_fragments_ask_for_the_rights_anew(world: World) -> None:
    dana = world.client(world.dana)
    fragments = ("/?part=main", "/inbox/?part=queue", "/stream/new/?after=0", "/sources/")
    for address in fragments:
        assert dana.get(address, headers={"hx-request": "true"}).status_code == 200
    gone(world)
    for address in fragments:
        assert dana.get(address, headers={"hx-request": "true"}).status_code == 404


def test_an_open_page_keeps_no_connection_to_the_database(world: World) -> None:
    """Else a score of open pages would leave none for anybody."""

    async def play() -> None:
        async with ThreadSensitiveContext():  # one a request, as the server has it
            blocks = aiter(await page.live(request_here))  # type: ignore[arg-type]
            await anext(blocks)
            assert not await sync_to_async(is_connected)()

    def is_connected() -> bool:
        return connection.connection is not None

    request_here = request_of(world, world.dana)
    alone(play())


def test_what_comes_again_and_again_is_told_at_once_and_then_by_and_by(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    async def hear(hub: signals.Hub) -> None:
        async for block in hub.stream(frozenset({world.org.pk}), world.dana.pk):
            heard.extend(re.findall(r"event: (\w+)", block))

    def tell(topic: str) -> None:
        signals.signal(world.org.pk, topic)
        connection.close()

    async def play() -> None:
        hub = signals.Hub()
        hearing = asyncio.create_task(hear(hub))
        while "ready" not in heard:  # until it listens
            await asyncio.to_thread(tell, "ready")
            await asyncio.sleep(0.05)
        for _ in range(30):
            await asyncio.to_thread(tell, "stream")
        await asyncio.sleep(0.1)
        assert heard.count("stream") == 1, "the first is told at once"
        await asyncio.to_thread(tell, "inbox")
        await asyncio.sleep(0.1)
        assert heard[-1] == "inbox", "another topic waits for nothing"
        await asyncio.sleep(1.5)
        assert heard.count("stream") == 2, "and the others once, when the pause is over"
        hearing.cancel()

    monkeypatch.setattr(signals, "PAUSES", (1.0,))
    alone(play())
