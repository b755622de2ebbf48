"""The hold: one deed stops everything a brand sends, and nothing goes out by itself after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siach.care import actions as care
from siach.care.actions import CannotAnswer
from siach.org.actions import add_brand
from siach.org.holds import CannotHold, holding, is_held, review
from siach.org.models import Brand, Hold, LedgerEntry, Mandate, Membership, Notice, Topic
from siach.org.notices.escalating import escalate_due
from siach.org.notices.planning import plan_new
from siach.talk.actions import sending
from siach.talk.actions.holding import hold_brand, release_brand
from siach.talk.connections import NetworkError
from siach.talk.models import Outgoing
from siach.talk.queries.holding import caught, under_way
from tests.care.conftest import Desk, desk
from tests.world import NOW, World

__all__ = ["desk"]
State = Outgoing.State
HELD_AT = NOW + timedelta(seconds=62)
LATER = NOW + timedelta(hours=1)


def stop(world: World, **more) -> int:
    asked = {
        "brand": world.brand,
        "reason": "בודקים תקלה",
        "review_at": HELD_AT + timedelta(hours=1),
        "by": world.noam,
        "at": HELD_AT,
    }
    return hold_brand(**(asked | more))


def test_every_brand_has_its_hold_and_it_is_off(world: World) -> None:
    assert set(Hold.objects.values_list("brand", flat=True)) == set(Brand.objects.values_list("pk", flat=True))
    made = add_brand(org=world.org, name="חדש", by=world.noam, at=NOW)
    assert not is_held(made.pk)
    with pytest.raises(LookupError):
        is_held(0)


def test_what_waits_is_held_and_comes_back_as_a_draft(desk: Desk) -> None:
    reply = desk.answer(desk.case())
    assert stop(desk.world) == 1
    sending.send(outgoing_id=reply.outgoing_id, at=LATER)
    assert (desk.network.sent, list(caught(Hold.objects.get(brand=desk.world.brand)))) == ([], [reply.outgoing])
    release_brand(brand=desk.world.brand, by=desk.world.yael, at=LATER)
    sending.send(outgoing_id=reply.outgoing_id, at=LATER + timedelta(hours=1))
    sending.send_due(at=LATER + timedelta(hours=1))
    reply.outgoing.refresh_from_db()
    assert (reply.outgoing.state, reply.outgoing.version, desk.network.sent) == (State.DRAFT, 2, [])
    again = care.resend(reply=reply, body="מנורה אחרת יוצאת", by=desk.world.dana, at=LATER)
    assert desk.deliver(again).outgoing.state == State.SENT
    assert [text for text, _target, _key in desk.network.sent] == ["מנורה אחרת יוצאת"]
    assert {line.name for line in LedgerEntry.objects.filter(name__startswith="brand.", by__isnull=False)} >= {
        "brand.held",
        "brand.released",
    }


def test_a_reply_written_meanwhile_is_kept_and_can_be_changed(desk: Desk) -> None:
    stop(desk.world)
    reply = desk.answer(desk.case(), after=120)
    assert (reply.outgoing.state, reply.outgoing.not_before) == (State.HELD, None)
    changed = care.resend(reply=reply, body="מילים אחרות לגמרי", by=desk.world.dana, at=LATER)
    assert (changed.outgoing.state, changed.outgoing.version) == (State.HELD, 2)
    assert care.undo(reply=changed, by=desk.world.dana, at=LATER).outgoing.state == State.WITHDRAWN


def test_a_failed_reply_is_not_sent_again_under_hold(desk: Desk) -> None:
    desk.network.fault = NetworkError("No.", "never")
    reply = desk.deliver(desk.answer(desk.case()))
    stop(desk.world)
    with pytest.raises(CannotAnswer):
        care.retry(reply=reply, by=desk.world.dana, at=LATER)
    reply.outgoing.refresh_from_db()
    assert reply.outgoing.state == State.FAILED


def test_what_was_under_way_is_told_and_does_not_go_a_second_time(desk: Desk) -> None:
    reply = desk.answer(desk.case())
    claimed = sending._claim(reply.outgoing_id, reply.outgoing.not_before)
    assert claimed
    stop(desk.world, at=reply.outgoing.not_before, review_at=LATER)
    hold = Hold.objects.get(brand=desk.world.brand)
    assert list(under_way(hold)) == [reply.outgoing]
    sending._again(claimed, "busy", LATER)
    reply.outgoing.refresh_from_db()
    assert (reply.outgoing.state, list(under_way(hold)), desk.network.sent) == (State.HELD, [], [])


def test_other_brands_go_on(desk: Desk) -> None:
    stop(desk.world, brand=desk.world.rival)
    assert desk.deliver(desk.answer(desk.case())).outgoing.state == State.SENT


@pytest.mark.parametrize(
    "asked",
    [{"reason": "  "}, {"review_at": HELD_AT}, {"review_at": HELD_AT + timedelta(days=31)}],
    ids=["no reason", "no time to look again", "too far"],
)
def test_a_hold_has_a_reason_and_a_time(world: World, asked: dict) -> None:
    with pytest.raises(CannotHold):
        stop(world, **asked)
    assert not holding([world.brand]).exists()


def test_twice_is_said(world: World) -> None:
    stop(world)
    with pytest.raises(CannotHold):
        stop(world)
    release_brand(brand=world.brand, by=world.noam, at=LATER)
    with pytest.raises(CannotHold):
        release_brand(brand=world.brand, by=world.noam, at=LATER)


def test_the_pages_of_a_hold(desk: Desk) -> None:
    world = desk.world
    Membership.objects.filter(user=world.yael).update(role=Membership.Role.SPOKESPERSON)
    yael = world.client(world.yael)
    reply = desk.answer(desk.case())
    today = yael.get("/")
    assert 'data-key="KeyH"' in today.text and "/hold/" in today.text
    question = yael.get("/hold/", follow=True)
    assert "לומיקה" in question.text and question.text.count("<h1") == 1
    assert yael.post(f"/hold/{world.brand.pk}/", {"reason": "", "review": "1"}).status_code == 422
    done = yael.post(f"/hold/{world.brand.pk}/", {"reason": "תקלה במוצר", "review": "morning"}, follow=True)
    assert reply.outgoing.body in done.text
    for address in ("/", "/inbox/", "/stream/", f"/inbox/{reply.case_id}/"):
        page = yael.get(address).text
        assert 'class="strip"' in page and "תקלה במוצר" in page, address
    dana = world.client(world.dana).get(f"/inbox/{reply.case_id}/")
    assert "reply_resend" not in dana.text and f"/replies/{reply.pk}/resend/" in dana.text
    assert f"/hold/{world.brand.pk}/" not in dana.text, "she does not hold the right"
    released = yael.post(f"/hold/{world.brand.pk}/release/", follow=True)
    assert 'class="strip"' not in released.text
    changed = world.client(world.dana).post(f"/replies/{reply.pk}/resend/", {"body": "מילים חדשות"}, follow=True)
    assert "מילים חדשות" in changed.text


def test_omer_and_dana_stop_nothing(world: World) -> None:
    for client in (world.client(world.omer), world.client(world.dana)):
        for address in (f"/hold/{world.brand.pk}/", f"/hold/{world.brand.pk}/release/"):
            assert client.post(address, {"reason": "x", "review": "1"}).status_code == 404
    stop(world)
    assert 'class="strip"' not in world.client(world.omer).get("/").text


def test_who_answers_and_decides_hears_of_a_hold_and_of_its_release_once(world: World) -> None:
    world.join("ruth", "legal")
    world.join("reut", "reader")
    Mandate.objects.filter(pk=world.mandate.pk).update(topics=[Topic.objects.create(brand=world.brand, name="x").pk])
    stop(world)
    told = Notice.objects.filter(kind="hold.set")
    assert {(n.user.name, n.level, n.url_name) for n in told} == {
        ("Yael", 3, "hold"),
        ("Dana", 3, "today"),
        ("Ruth", 3, "today"),
        ("Ido", 3, "today"),
    }
    assert not Notice.objects.filter(kind="hold.released").exists()
    release_brand(brand=world.brand, by=world.yael, at=LATER)
    free = Notice.objects.filter(kind="hold.released")
    assert {(n.user.name, n.level) for n in free} == {("Noam", 2), ("Dana", 2), ("Ruth", 2), ("Ido", 2)}
    stop(world, at=LATER, review_at=LATER + timedelta(hours=1))
    assert told.filter(user=world.dana).count() == 2, "another hold is told anew"
    page = world.client(world.dana).get("/notices/").text
    assert "Noam" in page and "Yael" in page and "נעצרו על ידי" in page and "חודשו על ידי" in page
    for user in (world.dana, world.ido):
        for notice in Notice.objects.filter(user=user):
            assert world.client(user).get(f"/notices/{notice.pk}/", follow=True).status_code == 200
    assert not Notice.objects.filter(user=world.omer).exists()


def test_whoever_stopped_it_is_not_told_when_nobody_takes_it_in_hand(world: World) -> None:
    stop(world)
    plan_new(at=HELD_AT)
    kept = Notice.objects.filter(kind="hold.set").count()
    assert escalate_due(at=HELD_AT + timedelta(hours=1)) == 0
    assert Notice.objects.filter(kind="hold.set").count() == kept
    assert not Notice.objects.filter(user=world.noam).exists()


def test_nobody_is_called_for_a_hold_that_is_released(world: World) -> None:
    world.join("ruth", "legal")
    stop(world)
    plan_new(at=HELD_AT)
    release_brand(brand=world.brand, by=world.yael, at=LATER)
    told = Notice.objects.filter(kind="hold.set")
    assert told and not told.filter(over_at=None).exists()
    assert escalate_due(at=HELD_AT + timedelta(days=1)) == 0
    page = world.client(world.dana).get("/notices/").text
    assert "נסגר" in page and "בטיפולי" not in page


def test_when_its_review_time_comes_it_is_told_once(world: World) -> None:
    stop(world, by=world.yael)
    due = HELD_AT + timedelta(hours=1)
    assert [review(at=due - timedelta(seconds=1)), review(at=due), review(at=due + timedelta(hours=1))] == [0, 1, 0]
    assert set(Notice.objects.filter(kind="hold.due").values_list("user", flat=True)) == {world.noam.pk, world.yael.pk}
    assert "הגיע הזמן לבדוק שוב" in world.client(world.noam).get("/").text
