"""Settings > Privacy: keeping within the law, whom to ask, who looked at whom; and the public statement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from siach.background import RETAIN
from siach.care import actions as care
from siach.org.keeping import RULES, days_of, retain
from siach.org.models import (
    LedgerEntry,
    Membership,
    Notice,
    NoticeService,
    Privacy,
    PushSubscription,
    ReadLog,
    Team,
    User,
)
from siach.org.reads import note_read
from siach.org.requests import take_up, tell_due
from siach.org.seal import seal
from siach.talk.actions.evidence import keep_evidence, tell_reviews
from siach.talk.models import Author, Mention, Post
from siach.talk.queries import held
from tests.world import NOW, World, lend, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def in_english(world: World, who: User) -> Client:
    who.language = "en"
    who.save()
    return world.client(who, "en")


def test_days_are_set_and_what_the_law_refuses_is_said(world: World) -> None:
    client = in_english(world, world.noam)
    keep = reverse("privacy_keep", args=[world.org.pk])
    days = {kind: str(rule.days) for kind, rule in RULES.items()}
    client.post(keep, days | {"posts": "400"})
    assert days_of(world.org)["posts"] == 400
    assert 'value="400"' in client.get(reverse("privacy")).text
    refused = client.post(keep, days | {"reads": "30"})
    assert refused.status_code == 422 and "between 730 and 2555" in refused.text
    assert client.post(keep, {"posts": "400"}).status_code == 422
    assert days_of(world.org)["reads"] == 730


def test_whom_to_ask_and_the_record_in_ones_own_words(world: World) -> None:
    client = in_english(world, world.noam)
    page = client.get(reverse("privacy")).text
    assert "Nothing is sold" in page
    told = {
        "contact_name": "Lea Amit",
        "access_name": "Gil Levi",
        "access_mail": "gil@example.test",
        "data": "<b>only posts",
    }
    client.post(reverse("privacy_tell", args=[world.org.pk]), told)
    page = client.get(reverse("privacy")).text
    assert "Lea Amit" in page and "&lt;b&gt;only posts" in page and "<b>only" not in page
    assert Privacy.objects.get().record == {"data": "<b>only posts"}
    assert LedgerEntry.objects.get(name="privacy.told").facts == {}
    wrong = client.post(reverse("privacy_tell", args=[world.org.pk]), {"access_mail": "no address"})
    assert wrong.status_code == 422


@pytest.mark.parametrize(("language", "title"), [("he", "הצהרת נגישות"), ("en", "Accessibility statement")])
def test_the_statement_is_public_and_names_the_coordinator_alone(world: World, language: str, title: str) -> None:
    Privacy.objects.create(
        org=world.org, access={"name": "Gil Levi", "phone": "03-5550000", "mail": ""}, contact={"name": "Lea Amit"}
    )
    client = Client(headers={"accept-language": language})
    page = client.get("/accessibility/").text
    assert title in page and "Gil Levi" in page and "03-5550000" in page
    assert "Lea Amit" not in page and "לומיקה" not in page
    assert "/accessibility/" in client.get("/account/login/").text
    assert "/accessibility/" in world.client(world.dana).get("/inbox/").text


def test_how_many_people_are_held_sets_the_level(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hear(said("a", "לומיקה"), said("b", "לומיקה", by="other"))
    assert "medium security level" in in_english(world, world.noam).get(reverse("privacy")).text
    monkeypatch.setattr(held, "MANY_PEOPLE", 1)
    assert "high security level" in in_english(world, world.noam).get(reverse("privacy")).text


def test_what_was_deleted_is_shown(world: World) -> None:
    world.hear(said("old", "לומיקה", at=NOW - timedelta(days=800)), at=NOW - timedelta(days=800))
    retain(RETAIN, at=NOW)
    shown = held.held(world.org, at=NOW)
    assert {one.kind: one.gone for one in shown.kept if one.gone} == {"posts": 1, "authors": 1}


# --- who looked at whom ---------------------------------------------------------------------------------------


def test_looks_at_a_case_and_an_author_are_logged_once_an_hour(world: World) -> None:
    world.hear(said("c", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", reason="mention"))
    mention = Mention.objects.get()
    case = mention.post.author.cases.first() or care.open_case(mention=mention, by=world.dana, at=NOW)
    for _again in range(2):
        world.client(world.dana).get(reverse("case", args=[case.pk]))
        world.client(world.noam).get(reverse("author_part", args=[case.author_id]))
    assert sorted(ReadLog.objects.values_list("by__name", "what", "person")) == [
        ("Dana", "case", case.author_id),
        ("Noam", "person", case.author_id),
    ]
    world.client(world.omer).get(reverse("case", args=[case.pk]))
    assert ReadLog.objects.count() == 2


def test_a_look_is_one_insert(world: World) -> None:
    with CaptureQueriesContext(connection) as spent:
        note_read(org_id=world.org.pk, by=world.dana, what="case", person=1, subject=1, at=NOW)
    statements = [query["sql"] for query in spent if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 1 and statements[0].startswith("INSERT")
    note_read(org_id=world.org.pk, by=world.dana, what="case", person=1, subject=1, at=NOW + timedelta(hours=1))
    assert ReadLog.objects.count() == 2


def test_the_log_is_filtered_and_kept_for_two_years(world: World) -> None:
    world.hear(said("a", "לומיקה"))
    author = Author.objects.get()
    for who, what in ((world.dana, "case"), (world.yael, "person")):
        note_read(org_id=world.org.pk, by=who, what=what, person=author.pk, subject=author.pk, at=NOW)
    note_read(org_id=world.org.pk, by=world.dana, what="case", person=1, subject=1, at=NOW - timedelta(days=731))
    client, reads = in_english(world, world.noam), reverse("privacy_reads")
    assert client.get(reads).text.count("<tr>") == 4
    assert client.get(reads, {"by": world.yael.pk}).text.count("<tr>") == 2
    assert client.get(reads, {"what": "case", "person": author.pk}).text.count("<tr>") == 2
    assert client.get(reads, {"by": "x'", "page": "-1", "what": "none"}).status_code == 200
    retain(RETAIN, at=NOW)
    assert ReadLog.objects.count() == 2


# --- who is told ----------------------------------------------------------------------------------------------


def test_a_review_day_is_told_once_to_whoever_answers_for_the_hold(world: World) -> None:
    world.hear(said("a", "לומיקה"))
    review = (NOW + timedelta(days=5)).date()
    keep_evidence(post=Post.objects.get(), reason="דין", owner=world.yael, review_on=review, by=world.noam, at=NOW)
    assert tell_reviews(at=NOW) == 0
    assert tell_reviews(at=NOW + timedelta(days=5)) == 1
    assert tell_reviews(at=NOW + timedelta(days=6)) == 0
    assert Notice.objects.get().user == world.yael


def test_a_request_is_told_a_week_before_it_is_due(world: World) -> None:
    take_up(org=world.org, kind="access", people=[1], asked="x", by=world.noam, at=NOW)
    assert tell_due(at=NOW + timedelta(days=22)) == 0
    assert tell_due(at=NOW + timedelta(days=23)) == 2
    assert set(Notice.objects.values_list("user__name", flat=True)) == {"Noam", "Yael"}


# --- who processes --------------------------------------------------------------------------------------------


def test_agencies_and_services_are_named_without_a_secret(world: World, settings: Any) -> None:
    settings.SIACH_MAIL_FROM, settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "s@x.test", "mail.lumika.test", "hush"
    settings.SIACH_OIDC = {"issuer": "https://id.lumika.test/x", "client": "c", "secret": "hush", "name": "Lumika ID"}
    NoticeService.objects.create(
        org=world.org, name="room", network="Slack", sealed=seal({"address": "hush"}), made_at=NOW
    )
    PushSubscription.objects.create(user=world.dana, endpoint="https://push.lumika.test/hush", sealed=b"", made_at=NOW)
    night, gone, old = (
        Team.objects.create(org=world.agency, name=name) for name in ("משמרת לילה", "משמרת בוקר", "לפני שנים")
    )
    lend(world.brand, night, accepted_at=None, agreement="DPA-offer")
    lend(world.brand, gone, ended_at=NOW - timedelta(days=300), agreement="DPA-ended")
    lend(world.brand, old, ended_at=NOW - timedelta(days=400), agreement="DPA-old")
    page = in_english(world, world.noam).get(reverse("privacy")).text
    for word in ("סוכנות ארגמן", "DPA-17", "01.01.2020", "DPA-ended", "28.01.2026", "Bluesky", "Slack"):
        assert word in page, word
    assert "push.lumika.test" in page and "mail.lumika.test" in page and "Lumika ID (id.lumika.test)" in page
    assert page.index("DPA-17") < page.index("DPA-ended")
    for word in ("DPA-offer", "DPA-old", "hush"):
        assert word not in page, word
    theirs = in_english(world, world.omer).get(reverse("privacy")).text
    assert "No agency works" in theirs and "DPA-17" not in theirs and "Bluesky" not in theirs and "Slack" not in theirs


# --- who may --------------------------------------------------------------------------------------------------


def test_omer_sees_his_own_alone(world: World) -> None:
    note_read(org_id=world.org.pk, by=world.dana, what="case", person=1, subject=1, at=NOW)
    client = world.client(world.omer)
    assert "Dana" not in client.get(reverse("privacy_reads")).text
    assert client.post(reverse("privacy_keep", args=[world.org.pk]), {}).status_code == 404
    assert client.post(reverse("privacy_tell", args=[world.org.pk]), {}).status_code == 404
    assert not Privacy.objects.filter(org=world.org).exists()


def test_counsel_handles_privacy_and_an_agent_does_not(world: World) -> None:
    lawyer = User.objects.create_user("lea@example.test", None, name="Lea")
    Membership.objects.create(user=lawyer, team=world.org.teams.get(), role=Membership.Role.LEGAL)
    assert world.client(lawyer).get(reverse("privacy")).status_code == 200
    assert world.client(world.dana).get(reverse("privacy")).status_code == 404
