"""A worker killed at each step of a send never posts twice: a real process, SIGKILL, the real Bluesky.

SIACH_ROUNDS says how often each step is killed (default 1).
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from siach.talk.actions import sending
from siach.talk.actions.sending import Subject
from siach.talk.models import Account, Outgoing, Post
from tests.networks.bluesky_server.server import PASSWORD, BlueskyNetwork, published, wait_for
from tests.talk.killed_sender import STEPS, be_killed
from tests.world import World, said

if TYPE_CHECKING:
    from atproto import Client

ROUNDS = int(os.environ.get("SIACH_ROUNDS", "1"))
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("bluesky")]


@pytest.fixture
def complaint(bluesky: BlueskyNetwork) -> tuple[Client, str, str]:
    fan = bluesky.person("fan")
    post = published(fan, "לומיקה, המנורה הגיעה שבורה")
    return fan, post.uri, post.cid


@pytest.fixture
def words(
    world: World, bluesky: BlueskyNetwork, complaint: tuple[Client, str, str], monkeypatch: pytest.MonkeyPatch
) -> Outgoing:
    """An answer to a real post there, due now."""
    from siach.talk import connections

    monkeypatch.setenv("SIACH_ALLOW_LOCAL_NETWORKS", "1")
    _fan, uri, cid = complaint
    brand = bluesky.person("lumika")
    answers = {"service": bluesky.pds_url, "handle": brand.me.handle, "password": PASSWORD}
    who, sealed = connections.sign_in("bluesky", answers, org=world.org)
    account = Account.objects.create(
        org=world.org,
        brand=world.brand,
        network="bluesky",
        external_id=who.external_id,
        handle=who.handle,
        grant=sealed,
        connected_at=timezone.now(),
    )
    world.hear(said(uri, "לומיקה, המנורה הגיעה שבורה"))
    Post.objects.update(target={"uri": uri, "cid": cid, "root_uri": uri, "root_cid": cid})
    return sending.speak(
        brand=world.brand,
        account=account,
        subject=Subject("care.reply", 1),
        target=Post.objects.get(),
        body="מצטערים, כבר בודקים",
        by=world.dana,
        at=timezone.now(),
        undo=timedelta(0),
    )


@pytest.mark.parametrize("turn", range(1, ROUNDS + 1))
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_answer_stands_exactly_once(
    step: str, turn: int, words: Outgoing, complaint: tuple[Client, str, str]
) -> None:
    fan, uri, _cid = complaint
    be_killed(step, words.pk)
    for minutes in range(1, 5):
        sending.send(outgoing_id=words.pk, at=timezone.now() + timedelta(minutes=2 * minutes))
    words.refresh_from_db()
    assert words.state == Outgoing.State.SENT and words.external_id

    def answers() -> list[str]:
        thread = fan.get_post_thread(uri).thread
        return [reply.post.uri for reply in thread.replies or []]

    assert wait_for(answers, "the answer stands under the post") == [words.external_id]
