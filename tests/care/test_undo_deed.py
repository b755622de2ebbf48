"""Undo of a deed on a case: as it stood before, clock and all, for a while, and never over what others did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from siach.care import actions
from siach.care.actions import CannotAnswer
from siach.care.models import Case
from siach.org.models import LedgerEntry
from siach.talk.models import ThreadMark
from siach.ui.undo import undo_of

DEEDS = {
    "case_resolve": {},
    "case_assign": {"to": "noam"},
    "case_set_aside": {"reason": "spam"},
}


def do(desk, client, name, case, **fields):
    """Press it; the undo that the next page offers: where to, and its fields."""
    there = client.post(reverse(name, args=[case.pk]), fields, follow=True)
    (message,) = there.context["messages"]
    offered = undo_of(message)
    assert offered.url == reverse("case_undo", args=[case.pk]) and f'action="{offered.url}"' in there.text
    assert '<button class="toast-act">Undo</button>' in there.text or "ביטול</button>" in there.text
    return offered


def row(case):
    return Case.objects.filter(pk=case.pk).values("state", "assignee", "waiting_since", "due_at", "resolved_at").get()


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize("language", ["he", "en"])
def test_each_deed_is_taken_back_whole(desk, name, language):
    case, dana = desk.case(), desk.world.dana
    dana.language = language
    dana.save()
    fields = {key: getattr(desk.world, value).pk if key == "to" else value for key, value in DEEDS[name].items()}
    before, marked = row(case), ThreadMark.objects.filter(thread=case.thread).count()
    client = desk.world.client(dana)
    offered = do(desk, client, name, case, **fields)
    assert row(case) != before
    page = client.post(offered.url, offered.fields, follow=True)
    assert row(case) == before and ThreadMark.objects.filter(thread=case.thread).count() == marked
    assert LedgerEntry.objects.latest("pk").name == "case.undone"
    assert ("בוטל על ידי" if language == "he" else "Undone by") in page.text
    assert client.post(offered.url, offered.fields).status_code == 422, "once"


def test_never_over_what_happened_since(desk):
    case, client = desk.case(), desk.world.client(desk.world.dana)
    offered = do(desk, client, "case_resolve", case)
    desk.hear("ומה עכשיו?", under=case.last_post, at=desk.at + timedelta(hours=1))
    stands = row(case)
    assert client.post(offered.url, offered.fields).status_code == 422
    assert row(case) == stands


def test_it_is_one_persons_for_one_case_and_for_two_minutes(desk):
    case, world = desk.case(), desk.world
    other = desk.case(by="another")
    was = actions.Standing.of(case)
    actions.resolve(case=case, by=world.dana, at=desk.at)
    token = actions.undo_token(case=case, was=was, by=world.dana)
    for url, user, words, status in (
        (reverse("case_undo", args=[case.pk]), world.noam, token, 422),
        (reverse("case_undo", args=[case.pk]), world.omer, token, 404),
        (reverse("case_undo", args=[other.pk]), world.dana, token, 422),
        (reverse("case_undo", args=[case.pk]), world.dana, token[:-2], 422),
        (reverse("case_undo", args=[case.pk]), world.dana, "", 422),
    ):
        assert world.client(user).post(url, {"token": words}).status_code == status
    assert Case.objects.get(pk=case.pk).state == Case.State.RESOLVED


def test_too_late(desk, monkeypatch):
    case, dana = desk.case(), desk.world.dana
    was = actions.Standing.of(case)
    actions.resolve(case=case, by=dana, at=desk.at)
    token = actions.undo_token(case=case, was=was, by=dana)
    monkeypatch.setattr("siach.care.actions.reverting.UNDO_LIFE", timedelta(seconds=-1))
    with pytest.raises(CannotAnswer):
        actions.undo_deed(case=case, token=token, by=dana, at=desk.at)
