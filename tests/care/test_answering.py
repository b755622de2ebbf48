"""Public answers: what may go out, what becomes of it, and what the clock makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siach.care import actions
from siach.care.actions import CannotAnswer, NeedsConfirming
from siach.care.actions.answering import alike
from siach.care.models import Reply
from siach.org.models import LedgerEntry
from siach.talk.actions import sending
from siach.talk.connections import NetworkError
from siach.talk.models import Account, Outgoing, Post, Source
from tests.care.conftest import COMPLAINT
from tests.world import NOW


def test_an_answer_leaves_after_the_undo_time_under_the_exact_post(desk):
    case = desk.case()
    reply = desk.answer(case)
    case.refresh_from_db()
    assert (case.state, case.assignee) == ("open", desk.world.dana), "whoever answers a new case takes it"
    assert case.waiting_since is not None, "queued is not answered"
    assert reply.outgoing.not_before == reply.at + timedelta(seconds=10)
    sending.send(outgoing_id=reply.outgoing_id, at=reply.at + timedelta(seconds=9))
    assert desk.network.sent == []
    reply = desk.deliver(reply)
    assert [(text, target) for text, target, _key in desk.network.sent] == [(reply.outgoing.body, case.post.target)]
    case.refresh_from_db()
    assert (case.state, case.waiting_since, case.answered_at) == ("waiting", None, reply.outgoing.sent_at)
    assert LedgerEntry.objects.filter(name="case.answered", by=desk.world.dana).count() == 1


def test_the_job_behind_a_sent_answer_may_run_twice(desk):
    case = desk.case()
    reply = desk.deliver(desk.answer(case))
    actions.resolve(case=case, by=desk.world.dana, at=NOW + timedelta(hours=1))
    actions.reopen(case=case, by=desk.world.dana, at=NOW + timedelta(hours=2))
    actions.answered(outgoing_id=reply.outgoing_id, at=NOW + timedelta(hours=3))
    case.refresh_from_db()
    assert (case.state, case.waiting_since) == ("open", NOW + timedelta(hours=2))
    actions.answered(outgoing_id=0, at=NOW)


def test_what_the_customer_wrote_meanwhile_still_waits(desk):
    case = desk.case()
    reply = desk.answer(case)
    newer = desk.hear("ואיפה הזיכוי?", under=case.post, at=NOW + timedelta(seconds=65))
    desk.deliver(reply)
    case.refresh_from_db()
    assert (case.state, case.waiting_since, case.last_post) == ("open", newer.heard_at, newer)


def test_undo_within_ten_seconds_and_not_after(desk):
    case = desk.case()
    reply = desk.answer(case)
    taken = actions.undo(reply=reply, by=desk.world.dana, at=reply.at + timedelta(seconds=5))
    assert taken.outgoing.state == Outgoing.State.WITHDRAWN
    desk.deliver(taken)
    assert desk.network.sent == []
    case.refresh_from_db()
    assert case.waiting_since is not None
    second = desk.deliver(desk.answer(case, after=120))
    with pytest.raises(CannotAnswer):
        actions.undo(reply=second, by=desk.world.dana, at=NOW)
    assert [line.name for line in LedgerEntry.objects.filter(name__startswith="reply.")] == ["reply.withdrawn"]


def test_a_failed_answer_is_retried_by_a_person(desk):
    case = desk.case()
    desk.network.fault = NetworkError("The server said no.", "never")
    reply = desk.deliver(desk.answer(case))
    assert (reply.outgoing.state, reply.outgoing.error) == ("failed", "The server said no.")
    desk.network.fault = None
    actions.retry(reply=reply, by=desk.world.dana, at=NOW + timedelta(hours=1))
    reply = desk.deliver(Reply.objects.select_related("outgoing").get(pk=reply.pk))
    assert (reply.outgoing.state, len(desk.network.sent)) == ("sent", 1)
    with pytest.raises(CannotAnswer):
        actions.retry(reply=reply, by=desk.world.dana, at=NOW)


def test_an_unclear_answer_waits_for_a_person_and_blocks_another(desk):
    case = desk.case()
    desk.network.fault = NetworkError("The line fell.", "unknown")
    reply = desk.deliver(desk.answer(case))
    assert reply.outgoing.state == "unclear"
    with pytest.raises(CannotAnswer):
        desk.answer(case, "משהו אחר לגמרי", after=300)
    with pytest.raises(CannotAnswer):
        actions.settle(reply=reply, was_sent=True, url="javascript:alert(1)", by=desk.world.dana, at=NOW)
    settled = actions.settle(reply=reply, was_sent=True, url="https://social.example/found", by=desk.world.dana, at=NOW)
    settled.outgoing.refresh_from_db()
    case.refresh_from_db()
    assert (settled.outgoing.state, settled.outgoing.url) == ("sent", "https://social.example/found")
    assert (case.state, case.answered_at) == ("waiting", settled.outgoing.sent_at)
    with pytest.raises(CannotAnswer):
        actions.settle(reply=settled, was_sent=False, by=desk.world.dana, at=NOW)
    assert LedgerEntry.objects.latest("pk").facts == {"reply": reply.pk, "was_sent": True}


def test_an_unclear_answer_that_was_not_sent_can_be_sent_again(desk):
    case = desk.case()
    desk.network.fault = NetworkError("The line fell.", "unknown")
    reply = desk.deliver(desk.answer(case))
    settled = actions.settle(reply=reply, was_sent=False, by=desk.world.dana, at=NOW)
    settled.outgoing.refresh_from_db()
    case.refresh_from_db()
    assert (settled.outgoing.state, case.waiting_since is not None) == ("failed", True)


def refused(desk, case, body="מענה אחר", **more) -> None:
    before = Outgoing.objects.count()
    with pytest.raises(CannotAnswer) as error:
        desk.answer(case, body, after=600, **more)
    assert str(error.value)
    assert Outgoing.objects.count() == before
    assert not LedgerEntry.objects.filter(name="case.answered", at__gte=NOW + timedelta(seconds=600)).exists()


def test_an_ended_case_is_not_answered(desk):
    case = desk.case()
    actions.resolve(case=case, by=desk.world.dana, at=NOW + timedelta(minutes=1))
    refused(desk, case)


@pytest.mark.parametrize("body", ["", "  \n ", "א" * 301])
def test_nothing_and_too_much_are_refused(desk, body):
    refused(desk, desk.case(), body)


def test_a_gone_post_and_a_post_from_elsewhere_are_refused(desk):
    case, other = desk.case(), desk.case(by="other")
    refused(desk, case, post=other.post)
    Post.objects.filter(pk=case.post_id).update(state="gone")
    refused(desk, case)


def test_a_second_answer_waits_until_the_first_has_left(desk):
    case = desk.case()
    desk.answer(case)
    refused(desk, case)


def test_almost_the_same_words_are_refused_in_a_thread(desk):
    case = desk.case()
    desk.deliver(desk.answer(case, "סליחה על העיכוב. נציג יחזור עד הערב."))
    neighbour = Post.objects.get(pk=desk.hear(COMPLAINT, by="other", under=case.post).pk)
    other = type(case).objects.get(author=neighbour.author)
    refused(desk, other, "סליחה על  העיכוב! נציג יחזור עד הערב")
    desk.answer(other, "המנורה הוחלפה, השליח מגיע מחר בבוקר.")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Sorry, we check it.", "SORRY,  we check it", True),
        ("Sorry, we check it.", "A new lamp is on its way", False),
        ("", "", True),
    ],
)
def test_likeness(one, other, same):
    assert (alike(one, other) > 0.8) is same


def test_two_public_replies_then_private_or_stop(desk):
    case = desk.case()
    desk.deliver(desk.answer(case, "סליחה על התקלה, בודקים."))
    desk.deliver(desk.answer(case, "מנורה חדשה יוצאת מחר.", after=120))
    with pytest.raises(NeedsConfirming):
        desk.answer(case, "ושובר הנחה לקנייה הבאה בדרך.", after=240)
    assert desk.answer(case, "ושובר הנחה לקנייה הבאה בדרך.", after=240, confirmed=True).pk


def test_a_broken_or_missing_account_and_a_mute_network_are_refused(desk):
    case = desk.case()
    Account.objects.update(state=Account.State.BROKEN)
    refused(desk, case)
    Account.objects.update(state=Account.State.LIVE, network="elsewhere")
    refused(desk, case)
    captured = Source.objects.create(
        org=desk.world.org,
        brand=desk.world.brand,
        network="a-group",
        kind="capture",
        connected_at=desk.world.source.connected_at,
    )
    post = desk.hear(COMPLAINT, by="other")
    Post.objects.filter(pk=post.pk).update(network="a-group", source=captured)
    refused(desk, type(case).objects.get(author=post.author))


def test_an_author_who_closed_the_thread_is_not_answered(desk):
    case = desk.case()
    Post.objects.filter(pk=case.post_id).update(target=case.post.target | {"closed": True})
    refused(desk, case)
