"""After a restore nothing leaves by itself that may have left already."""

from datetime import timedelta

import pytest

from siach.talk.actions import sending
from siach.talk.actions.restored import doubt_what_was_on_its_way
from siach.talk.models import Outgoing
from tests.world import World

State = Outgoing.State


@pytest.fixture
def spoken(world: World) -> list[Outgoing]:
    """One Outgoing in each state."""
    subject = sending.Subject("reply", 1)
    made = []
    for state in State:
        outgoing = sending.speak(
            brand=world.brand, account=world.account, subject=subject, target=None, body="x", by=world.dana, at=world.at
        )
        Outgoing.objects.filter(pk=outgoing.pk).update(state=state)
        made.append(outgoing)
    return made


def test_what_was_on_its_way_waits_for_a_person(world: World, spoken: list[Outgoing]) -> None:
    since = world.at + timedelta(minutes=5)
    assert doubt_what_was_on_its_way(since=since, erasures=[], at=world.at + timedelta(days=1)) == 2
    was = dict(zip([one.pk for one in spoken], State, strict=True))
    for now in Outgoing.objects.all():
        if was[now.pk] in (State.QUEUED, State.SENDING):
            assert (now.state, now.sending_at) == (State.UNCLEAR, since) and "restored" in now.error
        else:
            assert now.state == was[now.pk]
    for one in spoken:
        sending.send(outgoing_id=one.pk, at=world.at + timedelta(days=1))
    assert Outgoing.objects.filter(state=State.SENDING).count() == 0
    assert Outgoing.objects.filter(state=State.UNCLEAR).count() == 3
