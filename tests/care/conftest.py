"""A desk to test the service inbox on: the cast, cases out of heard posts, and a network that never leaves the test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from siach.care import actions
from siach.care.models import Case, Reply
from siach.talk import connections
from siach.talk.actions import sending
from siach.talk.connections import Finding, Found, NetworkError, Sent
from siach.talk.models import Mention, Post
from tests.world import NOW, World, said

COMPLAINT = "לומיקה, המנורה הגיעה שבורה והשירות גרוע"


class FakeNetwork:
    """Takes what is sent, or fails as told."""

    CAPABILITIES = frozenset({"send", "find"})

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict, str]] = []
        self.fault: NetworkError | None = None

    def send(self, text: str, target: dict, key: str) -> Sent:
        if self.fault:
            raise self.fault
        self.sent.append((text, target, key))
        number = len(self.sent)
        return Sent(external_id=f"ours-{number}", url=f"https://social.example/ours-{number}")

    def find(self, key: str, text: str, target: object) -> Found:
        return Found(Finding.UNSURE)


@dataclass
class Desk:
    world: World
    network: FakeNetwork
    at: datetime = NOW
    _posts: int = field(default=0)

    def hear(
        self, text: str, *, by: str = "fan", under: Post | None = None, at: datetime | None = None, **more
    ) -> Post:
        self._posts += 1
        key = f"p{self._posts}"
        if under is not None:
            more |= {"parent": under.key, "root": under.thread.key}
        at = at or self.at + timedelta(seconds=self._posts)
        more.setdefault("at", at)
        self.world.hear(said(key, text, by=by, **more), at=at)
        return Post.objects.select_related("author", "thread").get(key=key, org=self.world.org)

    def case(self, text: str = COMPLAINT, **more) -> Case:
        post = self.hear(text, **more)
        return Case.objects.get(thread=post.thread, author=post.author)

    def mention(self, post: Post) -> Mention:
        return Mention.objects.get(post=post, brand=self.world.brand)

    def answer(self, case: Case, body: str = "סליחה. מנורה חדשה יוצאת היום.", *, after: int = 60, **more) -> Reply:
        at = self.at + timedelta(seconds=after)
        more.setdefault("post", case.last_post)
        return actions.answer(case=case, body=body, by=more.pop("by", self.world.dana), at=at, **more)

    def deliver(self, reply: Reply) -> Reply:
        """Let the undo time pass, send, and run the job behind a sent answer."""
        at = reply.outgoing.not_before + timedelta(seconds=1)
        sending.send(outgoing_id=reply.outgoing_id, at=at)
        actions.answered(outgoing_id=reply.outgoing_id, at=at)
        return Reply.objects.select_related("outgoing", "case").get(pk=reply.pk)


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    network = FakeNetwork()

    @contextmanager
    def connected(account):
        yield network

    monkeypatch.setattr(connections, "connected", connected)
    return Desk(world, network)
