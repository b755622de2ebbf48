"""A post becomes a case, joins one, or neither."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from siach.care import actions
from siach.care.actions import hearing
from siach.care.models import Case
from siach.care.triage import opens_case
from siach.org.models import LedgerEntry
from siach.talk.heard import heard
from siach.talk.models import Author, Batch, Mention, Part, Post, ThreadMark
from tests.care.conftest import COMPLAINT
from tests.world import NOW, said

Intent, Via = Mention.Intent, Mention.Via


@pytest.mark.parametrize(
    ("reading", "opens"),
    [
        ({"intent": Intent.COMPLAINT}, True),
        ({"intent": Intent.COMPLAINT, "via": Via.THREAD}, True),
        ({"intent": Intent.PRAISE, "is_safety": True}, True),
        ({"intent": Intent.QUESTION, "via": Via.NAMED}, True),
        ({"intent": Intent.QUESTION, "via": Via.ADDRESSED}, True),
        ({"intent": Intent.QUESTION, "via": Via.THREAD}, False),
        ({"intent": Intent.OTHER, "sentiment": -1, "urgency": 2}, True),
        ({"intent": Intent.OTHER, "sentiment": -1, "urgency": 1}, False),
        ({"intent": Intent.OTHER, "sentiment": 0, "urgency": 3}, False),
        ({"intent": Intent.PRAISE, "sentiment": 1}, False),
        ({"intent": Intent.OTHER}, False),
        ({"intent": Intent.BOYCOTT, "via": Via.THREAD}, True),
        ({"intent": Intent.REQUEST, "via": Via.ADDRESSED}, True),
        ({"intent": Intent.ATTACK, "via": Via.NAMED}, True),
        ({"intent": Intent.ATTACK, "via": Via.THREAD, "sentiment": -1}, False),
        ({"intent": Intent.SPAM, "sentiment": -1, "urgency": 3}, False),
        ({"intent": Intent.SPAM, "is_safety": True}, True),
        ({"intent": Intent.NEWS, "sentiment": -1}, False),
    ],
)
def test_the_rule(reading, opens):
    mention = Mention(**{"intent": 0, "sentiment": 0, "urgency": 0, "via": Via.NAMED, "is_safety": False} | reading)
    assert opens_case(mention) is opens


def test_a_complaint_opens_one_case_with_a_clock_a_mark_and_a_line(desk):
    case = desk.case()
    assert (case.state, case.opened_by, case.intent) == ("new", "rule", Intent.COMPLAINT)
    assert case.waiting_since == case.post.heard_at
    assert case.due_at > case.waiting_since
    mark = ThreadMark.objects.get(thread=case.thread)
    assert (mark.kind, mark.level, mark.url_name, mark.object_id) == ("case", case.priority, "case", case.pk)
    line = LedgerEntry.objects.get(name="case.opened")
    assert (line.by, line.subject_id, line.facts["how"], line.brand_id) == (None, case.pk, "rule", desk.world.brand.pk)


@pytest.mark.parametrize(
    "text", ["תודה ללומיקה, מנורה מהממת ושירות מעולה!", "לומיקה פתחה סניף בחיפה", "Bronil is broken, awful service"]
)
def test_praise_news_and_rivals_open_nothing(desk, text):
    desk.hear(text)
    assert not Case.objects.exists()


def test_history_opens_nothing(desk):
    desk.hear(COMPLAINT, at=desk.world.source.connected_at - timedelta(days=1))
    assert Post.objects.count() == 1
    assert not Case.objects.exists()
    assert not LedgerEntry.objects.filter(room="care").exists()


def test_our_own_people_open_nothing(desk):
    Author.objects.create(org=desk.world.org, network="bluesky", external_id="did:fan", part=Part.STAFF)
    desk.hear(COMPLAINT)
    assert not Case.objects.exists()


def test_the_same_posts_again_change_nothing(desk):
    case = desk.case()
    batch = Batch.objects.latest("pk")
    before = Case.objects.values().get()
    for _ in range(2):
        actions.triage(batch, heard(batch.posts), at=NOW + timedelta(hours=1))
    assert Case.objects.values().get() == before
    assert LedgerEntry.objects.filter(room="care").count() == 1
    assert case.pk == before["id"]


def test_an_open_case_hears_its_author_and_only_grows_graver(desk):
    case = desk.case()
    second = desk.hear("ועכשיו היא גם התחשמלה ויש אש, סכנה!", under=case.post)
    case.refresh_from_db()
    assert case.last_post == second
    assert case.waiting_since == case.post.heard_at, "the oldest unanswered post keeps the clock"
    assert case.priority == 1
    desk.hear("תודה, מחכה לתשובה", under=case.post)
    case.refresh_from_db()
    assert case.priority == 1
    assert Case.objects.count() == 1


def test_a_complaint_heard_before_the_post_it_answers_opens_its_case_when_that_comes(desk):
    desk.world.hear(said("early", "גם אצלי המנורה הגיעה שבורה, שירות גרוע", by="other", parent="root", root="root"))
    assert not Case.objects.exists(), "nobody knows yet that it is about us"
    desk.world.hear(said("root", "קניתי אתמול בלומיקה", by="fan"))
    assert Case.objects.get().post.key == "early"


def test_somebody_else_in_the_thread_is_a_case_of_their_own(desk):
    case = desk.case()
    desk.hear("גם אצלי המנורה הגיעה שבורה, שירות גרוע", by="other", under=case.post)
    assert Case.objects.filter(thread=case.thread).count() == 2


def test_a_waiting_case_opens_again_when_the_customer_writes(desk):
    case = desk.case()
    desk.deliver(desk.answer(case))
    case.refresh_from_db()
    assert (case.state, case.waiting_since, case.due_at) == ("waiting", None, None)
    again = desk.hear("ומתי?", under=case.post, at=NOW + timedelta(hours=2))
    case.refresh_from_db()
    assert (case.state, case.waiting_since, case.last_post) == ("open", again.heard_at, again)


def test_a_resolved_case_reopens_without_the_brand_s_name(desk):
    case = desk.case()
    actions.resolve(case=case, by=desk.world.dana, at=NOW + timedelta(hours=1))
    assert not ThreadMark.objects.exists()
    again = desk.hear("ומתי זה יגיע?", under=case.post, at=NOW + timedelta(days=2))
    assert desk.mention(again).via == Via.THREAD
    case.refresh_from_db()
    assert (case.state, case.waiting_since, case.resolved_at) == ("open", again.heard_at, None)
    line = LedgerEntry.objects.get(name="case.reopened")
    assert (line.by, line.facts["how"]) == (None, "customer")
    assert ThreadMark.objects.get().object_id == case.pk


def test_a_plain_thanks_reopens_nothing(desk):
    case = desk.case()
    actions.resolve(case=case, by=desk.world.dana, at=NOW + timedelta(hours=1))
    thanks = desk.hear("תודה רבה, שירות מעולה!", under=case.post, at=NOW + timedelta(days=1))
    case.refresh_from_db()
    assert (case.state, case.last_post) == ("resolved", thanks)


def test_after_two_weeks_the_rule_decides_anew(desk):
    case = desk.case()
    actions.resolve(case=case, by=desk.world.dana, at=NOW)
    desk.hear("ומתי?", under=case.post, at=NOW + timedelta(days=15))
    assert Case.objects.count() == 1
    desk.hear("שוב הגיעה שבורה, שירות גרוע", under=case.post, at=NOW + timedelta(days=16))
    assert Case.objects.count() == 2
    case.refresh_from_db()
    assert case.state == "resolved"


def test_a_second_complaint_within_a_month_is_graver(desk):
    first = desk.case("המנורה של לומיקה לא עובדת")
    actions.resolve(case=first, by=desk.world.dana, at=NOW + timedelta(minutes=5))
    second = desk.case("שוב המנורה של לומיקה לא עובדת", at=NOW + timedelta(days=9))
    assert second.priority == 2 <= first.priority


def test_a_set_aside_case_is_not_opened_by_an_edit(desk):
    case = desk.case()
    actions.set_aside(case=case, reason="spam", by=desk.world.dana, at=NOW + timedelta(minutes=1))
    desk.world.hear(said("p1", COMPLAINT + "!!", by="fan"), at=NOW + timedelta(minutes=2))
    assert Case.objects.count() == 1


def test_a_batch_writes_its_lines_marks_and_signal_once(desk, monkeypatch, django_assert_max_num_queries):
    """However many cases open, each statement is sent once a batch."""
    monkeypatch.setattr(hearing, "opens_case", lambda mention: False)
    text = "לומיקה, המשלוח לא הגיע"
    desk.world.hear(*(said(f"p{n}", text, by=f"fan{n % 15}", at=NOW + timedelta(seconds=n)) for n in range(20)))
    monkeypatch.undo()
    batch = Batch.objects.latest("pk")
    with django_assert_max_num_queries(11):
        actions.triage(batch, heard(batch.posts), at=NOW)
    cases = Case.objects.order_by("pk")
    priorities = [case.priority for case in cases]
    assert (priorities.count(3), priorities.count(2)) == (15, 5), "five complain twice in one batch"
    lines = LedgerEntry.objects.filter(name="case.opened").order_by("pk")
    assert [line.subject_id for line in lines] == [case.pk for case in cases]
    assert sorted(ThreadMark.objects.values_list("object_id", flat=True)) == [case.pk for case in cases]


@pytest.mark.django_db(transaction=True)
def test_two_workers_open_one_case(desk, monkeypatch):
    """Both find no case; one inserts it, the other waits for the first to commit, then hears into it."""
    monkeypatch.setattr(hearing, "opens_case", lambda mention: False)
    first = desk.hear(COMPLAINT)
    second = desk.hear("שירות גרוע, לומיקה", under=first)
    monkeypatch.undo()
    assert not Case.objects.exists()
    batch, gate, make, faults = Batch.objects.latest("pk"), threading.Barrier(2, timeout=20), hearing.begun, []

    def together(*args, **more):
        gate.wait()
        return make(*args, **more)

    monkeypatch.setattr(hearing, "begun", together)

    def work(post: Post) -> None:
        try:
            with transaction.atomic():
                actions.triage(batch, heard([post.pk]), at=NOW)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(post,)) for post in (first, second)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
    case = Case.objects.get()
    assert case.last_post_id == second.pk
    assert LedgerEntry.objects.filter(name="case.opened").count() == 1
