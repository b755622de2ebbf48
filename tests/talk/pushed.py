"""A feed whose hub tells of its news, for tests: the feed, the hub, the source that listens, and their clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siach.networks.guard import ALLOW_LOCAL
from siach.talk.actions import listening, pushing
from siach.talk.models import Source, Subscription
from siach.talk.queries.sources import told_of
from tests.networks.feed_server import FeedServer, feed_server, item, rss
from tests.networks.hub_server import Hub, hub_server
from tests.world import World


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    return now


def call(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """The way from the hub to Siach."""
    parts, client = urlsplit(url), Client(enforce_csrf_checks=True)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    kind = headers.get("content-type", "text/plain")
    answer = client.generic(method, path, body, content_type=kind, headers=dict(headers))
    assert not answer.cookies and "text/plain" in answer.headers["Content-Type"]
    return answer.status_code, answer.text


@pytest.fixture
def hub(clock: list[datetime]) -> Iterator[Hub]:
    with hub_server(call) as served:
        yield served


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with feed_server() as served:
        yield served


class Feed:
    """A feed with a hub, and the source that listens to it."""

    def __init__(self, world: World, site: FeedServer, hub: Hub, clock: list[datetime]) -> None:
        self.world, self.site, self.hub, self.clock = world, site, hub, clock
        self.topic, self.told = f"{site.url}/feed", ["1"]
        self.put()
        world.client(world.yael).post(reverse("connect_network", args=["feed"]), {"f_address": self.topic})
        self.source = Source.objects.get(network="feed")

    def put(self, *, head: str | None = None) -> None:
        links = f'<atom:link rel="hub" href="{self.hub.url}/"/><atom:link rel="self" href="{self.topic}"/>'
        items = [item(name, f"לומיקה {name}") for name in self.told]
        self.site.put("/feed", rss(*items, head=links if head is None else head))

    def later(self, **much: float) -> None:
        self.clock[0] += timedelta(**much)

    def turn(self) -> int:
        """What the worker does by itself in a moment: whatever is due is asked. Returns how many posts came."""
        at = timezone.now()
        pushing.ask_due(at=at)
        for pk in Subscription.objects.filter(due_at__lte=at).values_list("pk", flat=True):
            pushing.ask(subscription_id=pk, at=at)
        return listening.listen(source_id=self.source.pk, at=at)

    def poll(self) -> int:
        Source.objects.filter(pk=self.source.pk).update(due_at=timezone.now())
        return self.turn()

    def agree(self) -> Subscription:
        self.poll()
        self.turn()
        assert self.hub.settle(at=timezone.now()) == [200]
        return self.row

    def publish(self, name: str) -> list[int]:
        self.told.append(name)
        self.put()
        return self.hub.publish(self.topic, self.site.shelves["/feed"].body, at=timezone.now())

    @property
    def row(self) -> Subscription:
        return Subscription.objects.get()

    @property
    def code(self) -> str:
        """What Sources says of it."""
        told = told_of(Source.objects.select_related("subscription").get(pk=self.source.pk), at=timezone.now())
        return told.code if told else ""

    @property
    def path(self) -> str:
        return reverse("push_in", args=[self.row.address])


@pytest.fixture
def feed(world: World, site: FeedServer, hub: Hub, clock: list[datetime]) -> Feed:
    return Feed(world, site, hub, clock)
