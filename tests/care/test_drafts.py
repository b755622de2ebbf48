"""What one person has begun to write: there again in another browser, gone when it is sent, seen by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from siach.care import actions
from siach.care.actions.drafting import DRAFT_LIFE, DRAFT_LIMIT
from siach.care.models import Draft
from siach.org.models import LedgerEntry

WORDS = "כבר בודקים את זה, נחזור עד הערב"


def keep(desk, user, case, text=WORDS, kind="reply"):
    return desk.world.client(user).post(reverse("case_draft", args=[case.pk, kind]), {"text": text})


@pytest.mark.parametrize(("language", "said"), [("he", "הטיוטה נשמרה"), ("en", "Draft saved")])
def test_a_draft_is_there_in_another_browser(desk, language, said):
    case, dana = desk.case(), desk.world.dana
    dana.language = language
    dana.save()
    before = LedgerEntry.objects.count()
    assert said in keep(desk, dana, case).text
    keep(desk, dana, case, "<b>פנימי</b>", "note")
    page = desk.world.client(dana).get(reverse("case", args=[case.pk])).text
    assert WORDS in page and said in page and "&lt;b&gt;פנימי" in page
    assert LedgerEntry.objects.count() == before, "a person's own paper"


def test_nobody_else_sees_it(desk):
    case = desk.case()
    keep(desk, desk.world.dana, case)
    for user in (desk.world.noam, desk.world.yael, desk.world.ido):
        assert WORDS not in desk.world.client(user).get(reverse("case", args=[case.pk])).text
    assert keep(desk, desk.world.omer, case).status_code == 404
    assert desk.world.client(desk.world.omer).get(reverse("case", args=[case.pk])).status_code == 404
    assert Draft.objects.get().by == desk.world.dana


def test_the_last_words_win_and_none_are_none(desk):
    case, dana = desk.case(), desk.world.dana
    keep(desk, dana, case)
    keep(desk, dana, case, "אחרת\x00")
    assert Draft.objects.get().text == "אחרת\ufffd"
    assert keep(desk, dana, case, "  \n").text == ""
    assert not Draft.objects.exists()
    assert keep(desk, dana, case, "א" * (DRAFT_LIMIT + 1)).status_code == 422
    assert keep(desk, dana, case, kind="song").status_code == 404


def test_it_goes_when_it_is_sent_and_a_late_save_brings_it_not_back(desk):
    case, dana = desk.case(), desk.world.dana
    keep(desk, dana, case)
    keep(desk, dana, case, "לבדוק", "note")
    keep(desk, desk.world.noam, case, "של נועם")
    actions.answer(case=case, post=case.last_post, body=WORDS, by=dana, at=desk.at)
    actions.note(case=case, text="לבדוק", by=dana, at=desk.at)
    assert [draft.by for draft in Draft.objects.all()] == [desk.world.noam]
    assert keep(desk, dana, case, WORDS + " ").text == ""
    assert not Draft.objects.filter(by=dana).exists()


def test_it_goes_with_the_case_with_the_person_and_after_a_month(desk):
    case = desk.case()
    actions.keep_draft(case=case, kind="reply", text="א", by=desk.world.ido, at=desk.at)
    actions.keep_draft(case=case, kind="reply", text="ב", by=desk.world.dana, at=desk.at + timedelta(hours=1))
    assert actions.forget_drafts(at=desk.at + DRAFT_LIFE + timedelta(minutes=1)) == 1
    desk.world.dana.delete()
    assert not Draft.objects.exists()
    actions.keep_draft(case=case, kind="note", text="ג", by=desk.world.noam, at=desk.at)
    case.delete()
    assert not Draft.objects.exists()
