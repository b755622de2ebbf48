"""Topics whose notices stay inside the product: chosen under their brand, heeded by all but what wakes."""

from __future__ import annotations

import re

from siach.care import actions as care
from siach.care.models import Case
from siach.org.approval_rules import Draft, Step, set_rule
from siach.org.models import Approval, Mandate, Membership, Notice, NoticeDelivery, NoticePreferences, Topic
from siach.org.notices import reading, tell
from siach.org.notices.planning import plan_new
from siach.org.notices.preferences import NOUNS
from siach.org.topics import remove_topic
from siach.talk.actions import approving
from siach.talk.connections import NetworkError
from siach.talk.models import Mention
from tests.care.conftest import Desk, desk
from tests.org.test_notice_ways import prefer
from tests.world import NOW, World, said

__all__ = ["desk"]


def about(world: World, *topics: Topic, level: int = 3, once: str) -> set[str]:
    """The channels by which Dana hears of a case of these topics."""
    facts = {"org": world.org, "brand": world.brand, "subject": world.source, "url": ("sources", {}), "at": NOW}
    (told,) = tell("case.unsafe", to=[world.dana], level=level, once=once, topics=[one.pk for one in topics], **facts)
    plan_new(at=NOW)
    return set(NoticeDelivery.objects.filter(notice=told).values_list("channel", flat=True))


def test_a_topic_that_is_off_stays_inside_but_for_what_wakes(world: World) -> None:
    late, price = (Topic.objects.create(brand=world.brand, name=name) for name in ("משלוחים", "מחירים"))
    prefer(world.dana, topics_off=[late.pk])
    assert about(world, late, once="off") == set()
    assert about(world, late, price, once="one of two") == {"mail"}
    assert about(world, once="of none") == {"mail"}
    assert about(world, late, level=4, once="wakes") == {"mail"}
    assert reading.unseen(world.dana) == 4, "in the product everything appears"


def test_a_topic_that_is_removed_later_mutes_nothing(world: World) -> None:
    late, price = (Topic.objects.create(brand=world.brand, name=name) for name in ("משלוחים", "מחירים"))
    prefer(world.dana, topics_off=[late.pk])
    remove_topic(topic=Topic.objects.get(pk=price.pk), by=world.noam, at=NOW)
    assert about(world, late, price, once="of the one that stands") == set()
    remove_topic(topic=Topic.objects.get(pk=late.pk), by=world.noam, at=NOW)
    assert about(world, late, once="of none that stands") == {"mail"}
    assert "משלוחים" not in world.client(world.dana).get("/account/notices/").text


def test_topics_are_chosen_under_their_brand(world: World) -> None:
    late = Topic.objects.create(brand=world.brand, name="משלוחים")
    theirs = Topic.objects.create(brand=world.led_brand, name="אריזות")
    hidden = Topic.objects.create(brand=world.brand, name="מחירים")
    assert "אריזות" not in world.client(world.dana).get("/account/notices/").text
    Mandate.objects.filter(pk=world.mandate.pk).update(topics=[late.pk])
    ido = world.client(world.ido)
    page = ido.get("/account/notices/").text
    assert (
        page.index("הנושאים של לומיקה") < page.index("משלוחים") < page.index("הנושאים של תמרינה") < page.index("אריזות")
    )
    assert "מחירים" not in page, "his mandate opens one topic"
    said = {f"{channel}_{noun}": "3" for channel in ("mail", "push") for noun in NOUNS} | {"cap": "5"}
    said |= {f"topics_of_{world.brand.pk}": [str(late.pk)], f"topics_of_{world.led_brand.pk}": [str(theirs.pk)]}
    assert ido.post("/account/notices/", said).status_code == 302
    assert NoticePreferences.objects.get(user=world.ido).topics_off == [late.pk, theirs.pk]
    shown = ido.get("/account/notices/").text
    assert all(re.search(rf'value="{one.pk}"[^>]* checked', shown) for one in (late, theirs))
    refused = ido.post("/account/notices/", said | {f"topics_of_{world.brand.pk}": [str(hidden.pk)]})
    assert refused.status_code == 422
    assert NoticePreferences.objects.get(user=world.ido).topics_off == [late.pk, theirs.pk]


def test_a_case_hands_its_topics_to_what_is_told_of_it(world: World) -> None:
    late = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    prefer(world.dana, topics_off=[late.pk])
    world.hear(said("c1", "לומיקה, המשלוח לא הגיע והשירות גרוע", by="customer", reason="mention"))
    care.assign(case=Case.objects.get(), to=world.dana, by=world.noam, at=NOW)
    plan_new(at=NOW)
    assert Notice.objects.get(kind="case.assigned").facts["topics"] == [late.pk]
    assert not NoticeDelivery.objects.exists()


def told_of(desk: Desk, late: Topic, *, grave: bool = False) -> dict[str, tuple[list[int], set[str]]]:
    """What Yael hears who decides, and Dana who wrote, of words of this topic: the topics told, the channels used."""
    case = desk.case()
    assert case.topics == [late.pk]
    Case.objects.filter(pk=case.pk).update(priority=1 if grave else 3)
    Mention.objects.filter(post=case.post).update(is_safety=grave)
    reply = desk.answer(case)
    plan_new(at=NOW)
    approval = Approval.objects.get(subject_id=reply.outgoing_id)
    told = heard_of("org.approval", approval.pk)
    approving.decide(approval=approval, place=1, grant=True, by=desk.world.yael, at=NOW)
    reply.outgoing.refresh_from_db()
    desk.deliver(reply)
    plan_new(at=NOW)
    return heard_of("org.approval", approval.pk) | heard_of("talk.outgoing", reply.outgoing_id) | told


def heard_of(kind: str, pk: int) -> dict[str, tuple[list[int], set[str]]]:
    found = Notice.objects.filter(subject_kind=kind, subject_id=pk)
    return {one.kind: (one.facts["topics"], set(one.deliveries.values_list("channel", flat=True))) for one in found}


def test_approvals_and_replies_carry_the_topics_of_their_matter_but_of_danger(desk: Desk) -> None:
    world = desk.world
    Membership.objects.filter(user=world.yael).update(role="spokesperson")
    chain = Draft("כלל", {}, (Step(roles=["spokesperson"], minutes=30),))
    set_rule(brand=world.brand, draft=chain, by=world.noam, at=NOW)
    late = Topic.objects.create(brand=world.brand, name="משלוחים", words=["המנורה"])
    desk.network.fault = NetworkError("refused", "never")
    for person in (world.yael, world.dana):
        prefer(person, topics_off=[late.pk])
    kinds = ("approval.asked", "approval.decided", "reply.failed")
    muted = told_of(desk, late)
    assert all(muted[kind] == ([late.pk], set()) for kind in kinds), muted
    assert reading.unseen(world.dana) == 2, "in the product everything appears"
    prefer(world.dana)
    prefer(world.yael)
    heard = told_of(desk, late)
    assert all("mail" in heard[kind][1] for kind in kinds), heard
    for person in (world.yael, world.dana):
        prefer(person, topics_off=[late.pk])
    grave = told_of(desk, late, grave=True)
    assert all(grave[kind][0] == [] for kind in kinds), grave
    assert all("mail" in grave[kind][1] for kind in kinds), grave
