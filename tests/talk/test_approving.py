"""Approvals of words on their way out: asked by rule, decided by the right people, of one exact version."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siach.care import actions as care
from siach.care.actions import CannotAnswer
from siach.care.actions.forgetting import forget_cases
from siach.care.models import Reply
from siach.org import approval_links, approvals
from siach.org.actions import Refused
from siach.org.approval_links import LinkIsOver, NoSuchLink
from siach.org.approval_rules import (
    BadRule,
    Draft,
    Facts,
    Step,
    _demanded,
    _fits,
    offered,
    remove_rule,
    set_rule,
    take_offer,
)
from siach.org.approvals import CannotDecide
from siach.org.models import Approval, ApprovalLink, ApprovalRule, LedgerEntry, Membership, Notice, Topic, User
from siach.org.topics import remove_topic
from siach.talk.actions import approving, sending
from siach.talk.actions.holding import hold_brand, release_brand
from siach.talk.models import Outgoing
from siach.talk.queries.approvals import badge
from tests.care.conftest import Desk, desk
from tests.world import NOW, World

__all__ = ["desk"]
State, Out = Approval.State, Outgoing.State
LATER = NOW + timedelta(minutes=10)
DAY = timedelta(hours=24)


def role(world: World, user: User, name: str) -> User:
    Membership.objects.filter(user=user).update(role=name)
    return user


def rule(world: World, *steps: Step, when: dict | None = None, **more) -> ApprovalRule:
    draft = Draft("כלל", when or {}, steps or (Step(roles=["spokesperson"], minutes=30),), **more)
    return set_rule(brand=world.brand, draft=draft, by=world.noam, at=NOW)


@pytest.fixture
def asked(desk: Desk) -> Reply:
    """Dana's answer, which waits for Yael who speaks for the brand."""
    role(desk.world, desk.world.yael, "spokesperson")
    rule(desk.world)
    return desk.answer(desk.case())


def of(reply: Reply) -> Approval:
    return Approval.objects.filter(subject_id=reply.outgoing_id).latest("version")


def fate(reply: Reply) -> str:
    return Outgoing.objects.get(pk=reply.outgoing_id).state


def decide(reply: Reply, by: User, *, grant: bool = True, place: int = 1, reason: str = "", at=LATER) -> Approval:
    return approving.decide(approval=of(reply), place=place, grant=grant, reason=reason, by=by, at=at)


def test_words_that_wait_are_not_told_as_an_answer(desk: Desk, asked: Reply) -> None:
    told = desk.world.client(desk.world.noam).get("/activity/?kind=case").text
    assert "שליחת נוסח מענה לאישור ב" in told and "מענה פומבי ב" not in told


def test_words_wait_until_granted_and_then_leave(desk: Desk, asked: Reply) -> None:
    assert (fate(asked), badge(desk.world.yael), badge(desk.world.noam)) == (Out.WAITING, 1, 0)
    sending.send(outgoing_id=asked.outgoing_id, at=LATER + DAY)
    sending.send_due(at=LATER + DAY)
    assert desk.network.sent == []
    assert decide(asked, desk.world.yael).state == State.GRANTED
    asked.outgoing.refresh_from_db()
    assert desk.deliver(asked).outgoing.state == Out.SENT
    assert [line.name for line in LedgerEntry.objects.filter(name__startswith="approval.").order_by("pk")] == [
        "approval.asked",
        "approval.granted",
    ]


def test_whoever_may_approve_does_so_in_the_case_itself(desk: Desk, asked: Reply) -> None:
    case, yael = f"/inbox/{asked.case_id}/", desk.world.client(desk.world.yael)
    decision = f"/approvals/{of(asked).pk}/decide/"
    hers, writers = yael.get(case).text, desk.world.client(desk.world.dana).get(case).text
    assert decision in hers and decision not in writers
    assert 'id="reply">' in writers, "no second reply is begun while one waits"
    answer = yael.post(decision, {"place": "1", "answer": "grant", "next": case})
    assert (answer.headers["Location"], of(asked).state) == (case, State.GRANTED)


def test_after_a_decision_nobody_is_led_to_another_site(desk: Desk, asked: Reply) -> None:
    told = {"place": "1", "answer": "grant", "next": "https://elsewhere.example/"}
    answer = desk.world.client(desk.world.yael).post(f"/approvals/{of(asked).pk}/decide/", told)
    assert answer.headers["Location"] == "/approvals/"


def test_without_a_rule_that_fits_nothing_waits(desk: Desk) -> None:
    rule(desk.world, when={"followers": 1_000_000})
    assert fate(desk.answer(desk.case())) == Out.QUEUED


def test_a_rule_on_a_topic_asks_only_for_a_case_of_that_topic(desk: Desk) -> None:
    role(desk.world, desk.world.yael, "spokesperson")
    late = Topic.objects.create(brand=desk.world.brand, name="משלוחים", words=["משלוח"])
    rule(desk.world, when={"topics": [late.pk]})
    other = desk.answer(desk.case())
    about = desk.answer(desk.case("לומיקה, המשלוח לא הגיע והשירות גרוע", by="late"), "נבדוק מה קרה ונחזור היום")
    assert (fate(other), fate(about)) == (Out.QUEUED, Out.WAITING)
    assert list(Approval.objects.values_list("subject_id", flat=True)) == [about.outgoing_id]


def test_a_rule_takes_topics_of_its_own_brand_alone_and_keeps_them_from_going(world: World) -> None:
    theirs = Topic.objects.create(brand=world.led_brand, name="זר")
    with pytest.raises(BadRule):
        rule(world, when={"topics": [theirs.pk]})
    assert not ApprovalRule.objects.exists()
    late = Topic.objects.create(brand=world.brand, name="משלוחים")
    made = rule(world, when={"topics": [late.pk]})
    with pytest.raises(Refused):
        remove_topic(topic=late, by=world.noam, at=NOW)
    remove_rule(rule=made, by=world.noam, at=NOW)
    remove_topic(topic=late, by=world.noam, at=NOW)
    assert not Topic.objects.filter(pk=late.pk).exists()


def test_a_refusal_needs_a_reason_and_makes_a_draft_that_can_be_mended(desk: Desk, asked: Reply) -> None:
    with pytest.raises(CannotDecide):
        decide(asked, desk.world.yael, grant=False, reason="  ")
    decide(asked, desk.world.yael, grant=False, reason="להבטיח פחות")
    assert (fate(asked), of(asked).reason) == (Out.DRAFT, "להבטיח פחות")
    care.resend(reply=asked, body="נבדוק ונחזור היום", by=desk.world.dana, at=LATER)
    assert (fate(asked), of(asked).version, of(asked).state) == (Out.WAITING, 2, State.ASKED)


def test_an_edit_voids_what_was_asked(desk: Desk, asked: Reply) -> None:
    seen = of(asked)
    care.resend(reply=asked, body="נוסח חדש לגמרי", by=desk.world.dana, at=LATER)
    with pytest.raises(CannotDecide):
        approving.decide(approval=seen, place=1, grant=True, by=desk.world.yael, at=LATER)
    seen.refresh_from_db()
    assert (seen.state, fate(asked)) == (State.VOID, Out.WAITING)
    decide(asked, desk.world.yael)
    asked.outgoing.refresh_from_db()
    desk.deliver(asked)
    assert [text for text, _target, _key in desk.network.sent] == ["נוסח חדש לגמרי"]


def test_the_claim_looks_at_the_version(desk: Desk, asked: Reply) -> None:
    """Whatever turned the row *queued*: words whose version nobody granted do not leave."""
    Outgoing.objects.filter(pk=asked.outgoing_id).update(state=Out.QUEUED, not_before=NOW)
    sending.send(outgoing_id=asked.outgoing_id, at=LATER)
    assert desk.network.sent == []


def test_taken_back_it_is_asked_no_more(desk: Desk, asked: Reply) -> None:
    told = Notice.objects.filter(kind="approval.asked", over_at=None)
    assert told.get().user == desk.world.yael
    care.undo(reply=asked, by=desk.world.dana, at=LATER)
    assert (of(asked).state, badge(desk.world.yael)) == (State.VOID, 0)
    assert not told.exists()


def test_erased_with_whom_it_answers_nobody_is_asked_any_more(desk: Desk, asked: Reply) -> None:
    told = Notice.objects.filter(kind="approval.asked", over_at=None)
    assert told.exists()
    forget_cases(desk.world.org, [asked.case.author_id], at=LATER)
    approval = of(asked)
    assert (approval.state, approval.ended_at, fate(asked)) == (State.VOID, LATER, Out.WITHDRAWN)
    assert not told.exists() and badge(desk.world.yael) == 0


def test_nobody_approves_their_own(desk: Desk) -> None:
    world = desk.world
    rule(world, Step(roles=["owner", "manager"]))
    reply = desk.answer(desk.case(), by=world.noam)
    assert (badge(world.noam), badge(world.yael)) == (0, 1)
    with pytest.raises(CannotDecide):
        decide(reply, world.noam)
    decide(reply, world.yael)
    assert fate(reply) == Out.QUEUED


def test_where_the_rule_allows_it_they_do(desk: Desk) -> None:
    rule(desk.world, Step(roles=["owner"]), own_forbidden=False)
    reply = desk.answer(desk.case(), by=desk.world.noam)
    decide(reply, desk.world.noam)
    assert fate(reply) == Out.QUEUED


def test_where_nobody_may_approve_it_is_said_before_anything_is_kept(desk: Desk) -> None:
    world = desk.world
    role(world, world.yael, "agent")
    rule(world)
    with pytest.raises(CannotAnswer):
        desk.answer(desk.case(), by=world.noam)
    assert not Outgoing.objects.exists() and not Approval.objects.exists()


def test_a_chain_goes_step_by_step_and_all_means_all(desk: Desk) -> None:
    world = desk.world
    role(world, world.yael, "legal")
    ruth = world.join("ruth", "legal")
    rule(world, Step(roles=["legal"], needs_all=True), Step(roles=["owner"]))
    reply = desk.answer(desk.case())
    decide(reply, world.yael)
    assert of(reply).place == 1
    with pytest.raises(CannotDecide):
        decide(reply, world.noam)
    decide(reply, ruth)
    assert (of(reply).place, fate(reply)) == (2, Out.WAITING)
    with pytest.raises(CannotDecide):
        decide(reply, world.noam, place=1)
    decide(reply, world.noam, place=2)
    assert fate(reply) == Out.QUEUED


def test_time_that_runs_out_goes_to_the_substitute_then_the_managers_then_lapses(desk: Desk) -> None:
    world = desk.world
    role(world, world.yael, "spokesperson")
    ruth = world.join("ruth", "legal")
    rule(world, Step(roles=["spokesperson"], substitute=ruth.pk, minutes=30))
    reply = desk.answer(desk.case())
    for minutes, who in ((32, ruth), (64, world.noam)):
        assert badge(who) == 0
        approving.lapse_due(at=NOW + timedelta(minutes=minutes))
        assert (badge(who), badge(world.yael)) == (1, 1), "those asked before may still decide"
    approving.lapse_due(at=NOW + timedelta(minutes=70))
    assert fate(reply) == Out.WAITING, "the managers have their own half hour"
    approving.lapse_due(at=NOW + timedelta(minutes=96))
    assert (fate(reply), of(reply).state) == (Out.DRAFT, State.LAPSED)


def test_a_substitute_grants_for_all(desk: Desk) -> None:
    world = desk.world
    role(world, world.yael, "legal")
    ruth = world.join("ruth", "lead")
    rule(world, Step(roles=["legal", "owner"], needs_all=True, substitute=ruth.pk))
    reply = desk.answer(desk.case())
    approving.lapse_due(at=NOW + timedelta(hours=2))
    decide(reply, ruth, at=NOW + timedelta(hours=2))
    assert fate(reply) == Out.QUEUED


def test_a_former_member_decides_nothing(desk: Desk, asked: Reply) -> None:
    Membership.objects.filter(user=desk.world.yael).delete()
    with pytest.raises(CannotDecide):
        decide(asked, desk.world.yael)
    assert badge(desk.world.yael) == 0


def test_granted_under_hold_it_is_held_and_asked_anew_after_it(desk: Desk, asked: Reply) -> None:
    world = desk.world
    hold_brand(brand=world.brand, reason="תקלה", review_at=LATER + DAY, by=world.noam, at=LATER)
    decide(asked, world.yael)
    assert fate(asked) == Out.HELD
    release_brand(brand=world.brand, by=world.noam, at=LATER)
    assert fate(asked) == Out.DRAFT
    asked.outgoing.refresh_from_db()
    care.resend(reply=asked, body=asked.outgoing.body, by=world.dana, at=LATER)
    assert fate(asked) == Out.WAITING, "what was granted before the hold is not granted after it"


def link(reply: Reply, by: User, *, at=NOW, life=DAY) -> str:
    return approval_links.make_link(approval=of(reply), name="רינה", life=life, by=by, at=at)


def test_a_link_decides_once(desk: Desk, asked: Reply) -> None:
    token = link(asked, desk.world.noam)
    approving.decide_outside(token=token, grant=True, name="רינה כהן", at=LATER)
    assert (fate(asked), of(asked).state) == (Out.QUEUED, State.GRANTED)
    with pytest.raises(LinkIsOver):
        approving.decide_outside(token=token, grant=False, name="רינה", reason="לא", at=LATER)
    kept = ApprovalLink.objects.get()
    assert (kept.said_by, kept.granted, token in (kept.digest, str(kept.__dict__))) == ("רינה כהן", True, False)
    assert LedgerEntry.objects.filter(name="approval.granted_outside", facts={"link": kept.pk}).exists()


def test_a_link_is_over_when_revoked_run_out_or_voided(desk: Desk, asked: Reply) -> None:
    world = desk.world
    tokens = [link(asked, world.noam) for _ in range(3)]
    approval_links.revoke_link(link=ApprovalLink.objects.earliest("pk"), by=world.noam, at=NOW)
    care.resend(reply=asked, body="מילים אחרות לגמרי", by=world.dana, at=LATER)
    said = []
    for token, at in zip(tokens, (LATER, NOW + DAY, LATER), strict=True):
        with pytest.raises(LinkIsOver) as over:
            approving.decide_outside(token=token, grant=True, name="רינה", at=at)
        said.append(str(over.value))
    assert len(set(said)) == 3
    for token in ("", "x", tokens[0][:-2] + "zz", tokens[0].replace(":", "a:")):
        with pytest.raises(NoSuchLink):
            approval_links.opened(token, at=NOW)


def test_a_refusal_by_link_needs_a_reason_and_a_name(desk: Desk, asked: Reply) -> None:
    token = link(asked, desk.world.noam)
    for said in ({"name": "רינה"}, {"name": " ", "reason": "לא כך"}):
        with pytest.raises(CannotDecide):
            approving.decide_outside(token=token, grant=False, **said, at=LATER)
    approving.decide_outside(token=token, grant=False, name="רינה", reason="לא כך", at=LATER)
    assert (fate(asked), of(asked).reason) == (Out.DRAFT, "לא כך")


def test_the_offer_stands_once_and_asks_for_the_gravest(desk: Desk) -> None:
    take_offer(brand=desk.world.brand, by=desk.world.noam, at=NOW)
    assert ApprovalRule.objects.count() == len(offered())
    with pytest.raises(BadRule):
        take_offer(brand=desk.world.brand, by=desk.world.noam, at=NOW)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(" ", steps=[Step(roles=["owner"])]),
        Draft("x"),
        Draft("x", steps=[Step()]),
        Draft("x", steps=[Step(roles=["owner"])] * 5),
        Draft("x", steps=[Step(roles=["owner"], minutes=0)]),
    ],
    ids=["no name", "no step", "nobody", "five steps", "no time"],
)
def test_a_rule_that_cannot_stand_is_refused(world: World, draft: Draft) -> None:
    with pytest.raises(BadRule):
        set_rule(brand=world.brand, draft=draft, by=world.noam, at=NOW)
    assert not ApprovalRule.objects.exists()


facts = st.builds(
    Facts,
    priority=st.none() | st.integers(1, 5),
    followers=st.integers(0, 10**6),
    intent=st.sampled_from(["complaint", "question", ""]),
    is_safety=st.booleans(),
    mandate_level=st.sampled_from(["all", "none"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts, st.none() | st.integers(1, 5), st.none() | st.integers(0, 10**6), st.booleans(), st.booleans())
def test_one_more_condition_never_asks_for_more(known, priority, followers, is_safety, by_mandate) -> None:
    whole = ApprovalRule(priority=priority, followers=followers, is_safety=is_safety, by_mandate=by_mandate)
    fits = _fits(whole, known, set(), ("talk.outgoing", 1))
    assert _fits(ApprovalRule(), known, set(), ("talk.outgoing", 1))
    for name in ("priority", "followers", "is_safety", "by_mandate"):
        one = ApprovalRule(**{name: getattr(whole, name)})
        assert not fits or _fits(one, known, set(), ("talk.outgoing", 1))


def test_a_sample_is_about_one_in_five_and_always_the_same() -> None:
    chosen = [pk for pk in range(1000) if _demanded("sample", ("talk.outgoing", pk))]
    assert 150 < len(chosen) < 250
    assert chosen == [pk for pk in range(1000) if _demanded("sample", ("talk.outgoing", pk))]
    assert not any(_demanded("none", ("talk.outgoing", pk)) for pk in chosen)


def test_a_comment_decides_nothing(desk: Desk, asked: Reply) -> None:
    approvals.comment(approval=of(asked), text="מי דיבר איתה?", by=desk.world.yael, at=LATER)
    with pytest.raises(CannotDecide):
        approvals.comment(approval=of(asked), text=" ", by=desk.world.yael, at=LATER)
    assert fate(asked) == Out.WAITING
