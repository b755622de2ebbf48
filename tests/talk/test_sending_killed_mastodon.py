"""A worker killed at each step of a send to a server that takes no key of ours: never twice, and in doubt unclear.

A real process, SIGKILL, a real server that speaks Mastodon's API.
SIACH_ROUNDS says how often each step is killed (default 1).
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from siach.talk.actions import sending
from siach.talk.actions.sending import Subject
from siach.talk.models import Outgoing, Source
from tests.networks.bluesky_server.server import wait_for
from tests.networks.snac_server.server import Snac
from tests.snac import Scene
from tests.talk.killed_sender import STEPS, be_killed
from tests.talk.mastodon import connected, heard
from tests.world import World

ROUNDS = int(os.environ.get("SIACH_ROUNDS", "1"))
pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("turn", range(1, ROUNDS + 1))
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_answer_never_stands_twice(
    step: str, turn: int, world: World, snac: list[Snac], scene: Scene
) -> None:
    account = connected(world, snac[0])
    source = account.sources.get(kind=Source.Kind.MENTIONS)
    Source.objects.filter(pk=source.pk).update(connected_at=timezone.now() - timedelta(hours=2))
    post = wait_for(lambda: heard(world, source, scene.uri("answer")), "the post is heard")
    body = f"מצטערים, כבר בודקים {STEPS.index(step)}-{turn}"
    words = sending.speak(
        brand=world.brand,
        account=account,
        subject=Subject("care.reply", 1),
        target=post,
        body=body,
        by=world.dana,
        at=timezone.now(),
        undo=timedelta(0),
    )
    be_killed(step, words.pk)
    for minutes in range(1, 5):
        sending.send(outgoing_id=words.pk, at=timezone.now() + timedelta(minutes=2 * minutes))
    words.refresh_from_db()
    me = scene.brand.ask("GET", "/api/v1/accounts/verify_credentials").json()["id"]
    own = scene.brand.ask("GET", f"/api/v1/accounts/{me}/statuses?limit=40").json()
    there = [status["uri"] for status in own if body in status["content"]]
    if step == "after the claim":
        # It never left; but this server could not say so.
        assert (words.state, there) == (Outgoing.State.UNCLEAR, [])
        assert "לא ברור אם נשלח המענה אל" in world.client(world.dana).get("/").text
    else:
        assert (words.state, there) == (Outgoing.State.SENT, [words.external_id])
