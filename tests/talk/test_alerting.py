"""Who hears of what goes wrong in the trunk, and that nobody hears of it twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siach.org.models import Membership, Notice
from siach.talk.actions.alerting import import_ended, outgoing_ended
from siach.talk.models import Import, Outgoing
from tests.world import NOW, World


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__name", flat=True))


@pytest.mark.parametrize(("state", "kind", "level"), [("unclear", "reply.unclear", 3), ("failed", "reply.failed", 2)])
def test_a_reply_that_went_wrong_is_told_to_its_writer_and_lead(
    world: World, state: str, kind: str, level: int
) -> None:
    Membership.objects.filter(user=world.yael).update(role=Membership.Role.LEAD)
    outgoing = Outgoing.objects.create(
        org=world.org,
        brand=world.brand,
        account=world.account,
        subject_kind="care.case",
        subject_id=7,
        body="כבר בודקים",
        state=state,
        by=world.dana,
        made_at=NOW,
    )
    for _again in range(2):
        outgoing_ended(outgoing, at=NOW)
    assert told(kind) == {"Dana", "Yael"}
    notice = Notice.objects.filter(kind=kind).first()
    assert (notice.level, notice.url_name, notice.url_args) == (level, "case", {"pk": 7})


def test_what_was_sent_makes_no_noise(world: World) -> None:
    outgoing_ended(Outgoing(org=world.org, by=world.dana, state="sent"), at=NOW)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("state", "kind"), [("done", "import.done"), ("failed", "import.failed")])
def test_an_import_tells_who_handed_it_in(world: World, state: str, kind: str) -> None:
    job = Import.objects.create(
        org=world.org, network="file", name="a.csv", path="", state=state, made_at=NOW, by=world.yael, taken=3
    )
    import_ended(job, at=NOW)
    assert told(kind) == {"Yael"}
    job.by = None
    import_ended(job, at=NOW + timedelta(minutes=1))
    assert Notice.objects.count() == 1
