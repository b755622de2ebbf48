"""Opening by hand, assigning, noting, resolving, reopening, setting aside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siach.care import actions
from siach.care.actions import AlreadyOpen, CannotAnswer
from siach.care.actions.moving import MOVES, move
from siach.care.models import Case
from siach.org.models import LedgerEntry
from siach.talk.models import Mention, ThreadMark
from tests.world import NOW

LATER = NOW + timedelta(hours=1)


def lines() -> list[tuple[str, int | None]]:
    return list(LedgerEntry.objects.filter(room="care").order_by("pk").values_list("name", "by"))


def test_every_move_that_the_life_does_not_name_is_refused(db):
    tried = 0
    for name, allowed in MOVES.items():
        for state in Case.State.values:
            case = Case(state=state)
            if state in allowed:
                move(case, name)
                assert case.state == allowed[state]
            else:
                with pytest.raises(CannotAnswer):
                    move(case, name)
                tried += 1
    assert tried > 10


def test_a_case_is_opened_by_hand_from_history_once(desk):
    praised = desk.hear("לומיקה מנורה יפה", at=desk.world.source.connected_at - timedelta(days=1))
    case = actions.open_case(mention=desk.mention(praised), by=desk.world.dana, at=LATER)
    assert (case.opened_by, case.state, case.waiting_since) == ("hand", "new", LATER)
    with pytest.raises(AlreadyOpen) as refused:
        actions.open_case(mention=desk.mention(praised), by=desk.world.noam, at=LATER)
    assert refused.value.case == case
    assert lines() == [("case.opened", desk.world.dana.pk)]


def test_a_rival_and_a_gone_post_open_nothing(desk):
    rival = desk.hear("Bronil broke, terrible service")
    with pytest.raises(CannotAnswer):
        actions.open_case(mention=Mention.objects.get(post=rival), by=desk.world.dana, at=LATER)
    gone = desk.hear("לומיקה פתחה סניף")
    type(gone).objects.filter(pk=gone.pk).update(state="gone")
    with pytest.raises(CannotAnswer):
        actions.open_case(mention=desk.mention(gone), by=desk.world.dana, at=LATER)


def test_assigning_opens_a_new_case_and_only_to_those_who_may_answer(desk):
    dana, noam, omer = desk.world.dana, desk.world.noam, desk.world.omer
    case = actions.assign(case=desk.case(), to=dana, by=dana, at=LATER)
    assert (case.state, case.assignee) == ("open", dana)
    with pytest.raises(CannotAnswer):
        actions.assign(case=case, to=dana, by=noam, at=LATER)
    with pytest.raises(CannotAnswer):
        actions.assign(case=case, to=omer, by=noam, at=LATER)
    case = actions.assign(case=case, to=None, by=noam, at=LATER)
    assert (case.state, case.assignee) == ("open", None)
    assert lines()[1:] == [("case.assigned", dana.pk), ("case.assigned", noam.pk)]


def test_resolving_stops_the_clock_and_reopening_starts_it(desk):
    case = desk.case()
    case = actions.resolve(case=case, by=desk.world.dana, at=LATER)
    assert (case.state, case.assignee, case.resolved_at, case.due_at) == ("resolved", desk.world.dana, LATER, None)
    assert not ThreadMark.objects.exists()
    with pytest.raises(CannotAnswer):
        actions.resolve(case=case, by=desk.world.dana, at=LATER)
    case = actions.reopen(case=case, by=desk.world.noam, at=LATER + timedelta(hours=1))
    assert (case.state, case.waiting_since) == ("open", LATER + timedelta(hours=1))
    assert ThreadMark.objects.get().object_id == case.pk
    assert [name for name, _by in lines()] == ["case.opened", "case.resolved", "case.reopened"]


def test_a_resolved_case_does_not_reopen_beside_an_open_one(desk):
    first = desk.case()
    actions.resolve(case=first, by=desk.world.dana, at=LATER)
    second = actions.open_case(mention=desk.mention(first.post), by=desk.world.dana, at=LATER)
    with pytest.raises(CannotAnswer):
        actions.reopen(case=first, by=desk.world.dana, at=LATER)
    assert ThreadMark.objects.get().object_id == second.pk


def test_only_a_new_case_is_set_aside_and_with_a_known_reason(desk):
    case = desk.case()
    with pytest.raises(CannotAnswer):
        actions.set_aside(case=case, reason="bored", by=desk.world.dana, at=LATER)
    closed = actions.set_aside(case=case, reason="not_about_us", by=desk.world.dana, at=LATER)
    assert (closed.state, closed.due_at) == ("closed", None)
    assert LedgerEntry.objects.latest("pk").facts == {"reason": "not_about_us"}
    taken = desk.case(by="other")
    actions.assign(case=taken, to=desk.world.dana, by=desk.world.dana, at=LATER)
    with pytest.raises(CannotAnswer):
        actions.set_aside(case=taken, reason="spam", by=desk.world.dana, at=LATER)


def test_a_thread_carries_its_gravest_open_case(desk):
    mild = desk.case()
    grave = desk.hear("גם לי, והיא עלתה באש, סכנה", by="other", under=mild.post)
    grave_case = Case.objects.get(author=grave.author)
    assert ThreadMark.objects.get().object_id == grave_case.pk
    actions.resolve(case=grave_case, by=desk.world.dana, at=LATER)
    assert ThreadMark.objects.get().object_id == mild.pk


def test_a_note_stays_with_the_case_in_any_state(desk):
    case = desk.case()
    actions.resolve(case=case, by=desk.world.dana, at=LATER)
    note = actions.note(case=case, text=" בדקתי\x00 מול הסניף ", by=desk.world.dana, at=LATER)
    assert note.text == "בדקתי\ufffd מול הסניף"
    for text in ("", "  ", "א" * 10_001):
        with pytest.raises(CannotAnswer):
            actions.note(case=case, text=text, by=desk.world.dana, at=LATER)
    assert lines()[-1] == ("case.noted", desk.world.dana.pk)
    assert LedgerEntry.objects.latest("pk").facts == {"note": note.pk}
