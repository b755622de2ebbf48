"""Consent to marketing text: unknown means no, the newest answer holds, and each has its evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from siach.background import EXPORT, FORGET
from siach.org.models import LedgerEntry
from siach.talk.actions.consent import CannotNote, may_market, note_consent
from siach.talk.models import Author, Consent
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def fan(world: World) -> Author:
    world.hear(said("a", "לומיקה"))
    return Author.objects.get()


def test_unknown_means_no_and_the_newest_answer_holds(world: World, fan: Author) -> None:
    assert not may_market(fan)
    note_consent(author=fan, given=True, evidence="כתבה: כן, אשמח", by=world.dana, at=NOW)
    assert may_market(fan)
    note_consent(author=fan, given=False, evidence="כתבה: די", by=world.dana, at=NOW + timedelta(days=1))
    assert not may_market(fan)
    assert Consent.objects.count() == 2
    lines = LedgerEntry.objects.filter(name="author.consent_noted").order_by("pk")
    assert [line.facts for line in lines] == [{"given": True}, {"given": False}]


def test_it_needs_evidence_and_a_person_of_a_public_place(world: World, fan: Author) -> None:
    with pytest.raises(CannotNote):
        note_consent(author=fan, given=True, evidence=" ", by=world.dana, at=NOW)
    Author.objects.update(is_closed=True)
    with pytest.raises(CannotNote):
        note_consent(author=fan, given=True, evidence="כן", by=world.dana, at=NOW)
    assert not Consent.objects.exists()


def test_a_person_is_told_of_it_and_an_erasure_reaches_it(world: World, fan: Author) -> None:
    note_consent(author=fan, given=True, evidence="כתבה: כן", by=world.dana, at=NOW)
    told = dict(EXPORT)["talk.author"](world.org, [fan.pk], at=NOW)
    assert told["consents"] == [{"given": True, "evidence": "כתבה: כן", "at": NOW.isoformat()}]
    dict(FORGET)["talk.authors"](world.org, [fan.pk], at=NOW)
    assert not Consent.objects.exists()


@pytest.mark.parametrize(("language", "unknown"), [("he", "לא ידוע"), ("en", "unknown")])
def test_the_page_says_what_holds_and_takes_an_answer(world: World, fan: Author, language: str, unknown: str) -> None:
    world.dana.language = language
    world.dana.save()
    client, page = world.client(world.dana, language), reverse("consent", args=[fan.pk])
    assert unknown in client.get(page).text
    assert client.post(page, {"given": "yes", "evidence": ""}).status_code == 422
    shown = client.post(page, {"given": "yes", "evidence": "<b>כן"}, follow=True).text
    assert "&lt;b&gt;כן" in shown
    assert may_market(fan)


def test_omer_notes_nothing_here(world: World, fan: Author) -> None:
    page = reverse("consent", args=[fan.pk])
    assert world.client(world.omer).get(page).status_code == 404
    assert world.client(world.omer).post(page, {"given": "yes", "evidence": "x"}).status_code == 404
    assert not Consent.objects.exists()
