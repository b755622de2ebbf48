"""A person asks: what is held, a correction, an erasure. What is erased leaves numbers, and never comes back."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from siach.background import EXPORT, FORGET
from siach.care import actions as care
from siach.care.models import Case, Note
from siach.launch import erasures
from siach.org import requests
from siach.org.models import LedgerEntry, PersonRequest, ReadLog
from siach.talk.actions import counting
from siach.talk.actions.capturing import CannotCapture, capture
from siach.talk.actions.evidence import keep_evidence, release_evidence
from siach.talk.actions.forgetting import StillSending, erase_again
from siach.talk.actions.marking import mark_part
from siach.talk.models import Author, ErasedKey, Evidence, Import, Mention, Outgoing, Post, RefusedRow, Thread
from siach.talk.queries.checks import check
from siach.talk.queries.person import find_people
from siach.talk.rows import folder
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(settings, "SIACH_HOME", tmp_path)


def everything() -> str:
    """All that the database says, as text."""
    skipped = ("procrastinate_", "django_", "pg_", "temp_")
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith(skipped)]
        found = []
        for table in [*tables, "talk_rawpost"]:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


@pytest.fixture
def customer(world: World) -> Author:
    """A customer with a case, a note, an answer on its way, a part, a stored file and a refused row."""
    world.hear(
        said("root1", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="rinatk", reason="mention"),
        said("child1", "גם אצלי", by="other", parent="root1", root="root1"),
    )
    author = Author.objects.get(handle="rinatk.test")
    mention = Mention.objects.get(post__author=author)
    case = Case.objects.first() or care.open_case(mention=mention, by=world.dana, at=NOW)
    care.note(case=case, text="rinatk ביקשה החזר", by=world.dana, at=NOW)
    care.answer(case=case, post=mention.post, body="rinatk, כבר בודקים", by=world.dana, at=NOW)
    mark_part(author=author, part="customer", evidence="rinatk קנתה", by=world.noam, at=NOW)
    job = Import.objects.create(
        org=world.org, network="file", name="a.csv", path="a.csv", state=Import.State.STOPPED, made_at=NOW
    )
    folder().mkdir(parents=True)
    (folder() / "a.csv").write_text("author,text,time\n@rinatk.test,שלום,2026-01-01\n", encoding="utf-8")
    RefusedRow.objects.create(job=job, row=3, reason="text", cells=["@rinatk.test", "", "x"])
    counting.fold(at=NOW)
    return author


def asked(world: World, author: Author, kind: str) -> PersonRequest:
    made = requests.take_up(org=world.org, kind=kind, people=[author.pk], asked="בדואר", by=world.noam, at=NOW)
    if kind != "correction":
        requests.carry_out(request=made, by=world.noam, at=NOW)
        requests.run(request_id=made.pk, export=EXPORT, forget=FORGET, at=NOW)
    made.refresh_from_db()
    return made


def test_the_report_tells_all_that_is_held(world: World, customer: Author) -> None:
    made = asked(world, customer, "access")
    report = made.report
    assert (made.state, made.due_on) == ("done", (NOW + timedelta(days=30)).date())
    assert report["authors"][0]["handle"] == "rinatk.test"
    assert [post["text"] for post in report["posts"]] == ["המנורה של לומיקה הגיעה שבורה, שירות גרוע"]
    assert json.loads(report["posts"][0]["payload"])["id"] == "root1"
    assert report["cases"][0]["notes"][0]["text"] == "rinatk ביקשה החזר"
    assert report["cases"][0]["replies"][0]["text"] == "rinatk, כבר בודקים"
    assert report["rows"][0]["file"] == "a.csv" and report["keep"]["posts"] == 730
    assert "גם אצלי" not in json.dumps(report, ensure_ascii=False)


def test_an_erasure_leaves_numbers_and_nothing_else(world: World, customer: Author) -> None:
    mentions = sorted(Mention.objects.values_list("pk", "sentiment", "said_at"))
    assert "rinatk" in everything() and "root1" in everything()
    made = asked(world, customer, "erasure")
    assert made.state == "done"
    left = everything()
    assert "rinatk" not in left and "שבורה" not in left and "כבר בודקים" not in left
    post = Post.objects.get(author=customer)
    assert (post.state, post.text, post.url, post.key[:7], post.words) == ("erased", "", "", "erased:", None)
    assert not Thread.objects.filter(key="root1").exists()
    assert sorted(Mention.objects.values_list("pk", "sentiment", "said_at")) == mentions
    assert check(at=NOW).holds and not check(at=NOW).days_frozen
    assert Case.objects.get().state == "closed" and Note.objects.get().text == ""
    assert Outgoing.objects.get().state == "withdrawn"
    assert not (folder() / "a.csv").exists()
    assert made.outcome["posts"] == 1 and made.outcome["files"] == 1 and made.outcome["rows"] == 1
    assert Post.objects.get(key="child1").text == "גם אצלי"


def test_what_was_erased_never_comes_back(world: World, customer: Author) -> None:
    asked(world, customer, "erasure")
    taken = world.hear(
        said("root1", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="rinatk"), said("fresh", "לומיקה", by="rinatk")
    )
    assert (taken.new, taken.known) == (1, 1)
    assert set(Post.objects.exclude(state="erased").values_list("key", flat=True)) == {"child1", "fresh"}
    assert world.hear(said("root1", "שוב")).new == 0


def test_a_captured_post_that_was_erased_is_refused(world: World) -> None:
    told = {"brand": world.brand, "network": "facebook_group", "place": "הורים", "text": "לומיקה נשרפה"}
    post = capture(**told, said_at=NOW, by=world.dana, at=NOW).post  # type: ignore[arg-type]
    asked(world, post.author, "erasure")
    with pytest.raises(CannotCapture):
        capture(**told, said_at=NOW, by=world.dana, at=NOW)  # type: ignore[arg-type]


def test_a_legal_hold_is_passed_over_and_named(world: World, customer: Author) -> None:
    post = Post.objects.get(author=customer)
    review = (NOW + timedelta(days=90)).date()
    held = keep_evidence(post=post, reason="דין", owner=world.noam, review_on=review, by=world.noam, at=NOW)
    gone = keep_evidence(post=post, reason="דין", owner=world.noam, review_on=review, by=world.noam, at=NOW)
    release_evidence(evidence=gone, reason="הסתיים", by=world.noam, at=NOW)
    assert len(asked(world, customer, "access").report["evidence"]) == 2
    made = asked(world, customer, "erasure")
    assert (made.outcome["evidence"], made.outcome["held"]) == (1, 1)
    assert Evidence.objects.get().pk == held.pk and "שבורה" in Evidence.objects.get().copy["text"]
    again = asked(world, customer, "access").report
    assert again["evidence"][0]["held"] and again["posts"][0]["text"] == ""


def test_an_erasure_forgets_earlier_reports_and_reports_end_by_themselves(world: World, customer: Author) -> None:
    first = asked(world, customer, "access")
    asked(world, customer, "erasure")
    first.refresh_from_db()
    assert first.report is None and first.outcome["posts"] == 1
    later = asked(world, customer, "access")
    requests.drop_reports(world.org, before=NOW, at=NOW + timedelta(days=31))
    later.refresh_from_db()
    assert later.report is None


def test_killed_between_two_steps_it_goes_on(world: World, customer: Author) -> None:
    made = requests.take_up(org=world.org, kind="erasure", people=[customer.pk], asked="x", by=world.noam, at=NOW)
    requests.carry_out(request=made, by=world.noam, at=NOW)

    def broken(*_args: object, **_more: object) -> dict[str, object]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        requests.run(request_id=made.pk, export=EXPORT, forget=[FORGET[0], ("x", broken)], at=NOW)
    made.refresh_from_db()
    assert (made.state, made.step) == ("running", 1)
    requests.run(request_id=made.pk, export=EXPORT, forget=FORGET, at=NOW)
    requests.run(request_id=made.pk, export=EXPORT, forget=FORGET, at=NOW)
    assert "rinatk" not in everything()
    assert ErasedKey.objects.count() == 1 and len(erasures.entries(Path(settings.SIACH_HOME))) == 2


def test_an_answer_that_is_being_sent_is_waited_for(world: World, customer: Author) -> None:
    Outgoing.objects.update(state="sending")
    with pytest.raises(StillSending):
        asked(world, customer, "erasure")
    assert Post.objects.get(author=customer).text


# --- the list beside the key ring -----------------------------------------------------------------------------


def again(*, since: datetime = NOW) -> int:
    return erase_again(FORGET, since=since, erasures=erasures.entries(Path(settings.SIACH_HOME)), at=NOW)


def test_the_list_holds_hashes_alone_and_a_restore_erases_again(world: World, customer: Author) -> None:
    asked(world, customer, "erasure")
    text = (Path(settings.SIACH_HOME) / erasures.NAME).read_text()
    assert "rinatk" not in text and "root1" not in text and text.count("\n") == 2
    Post.objects.filter(author=customer).update(key="root1", text="שבורה", state="heard")
    Author.objects.filter(pk=customer.pk).update(external_id="did:rinatk", handle="rinatk.test")
    ErasedKey.objects.all().delete()
    assert again() == 1
    assert "rinatk" not in everything() and ErasedKey.objects.count() == 1
    assert again() == 0


def test_the_same_key_of_another_organisation_is_another(world: World, customer: Author) -> None:
    asked(world, customer, "erasure")
    post = Post.objects.get(key="child1")
    Post.objects.filter(pk=post.pk).update(key="root1", org=world.other_org)
    assert again() == 0 and Post.objects.get(pk=post.pk).text == "גם אצלי"


# --- the pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked_for", ["@rinatk.test", "rinatk", "Rinatk", "did:rinatk", "https://social.example/root1"]
)
def test_a_person_is_found_by_handle_name_id_or_link(world: World, customer: Author, asked_for: str) -> None:
    assert find_people(world.noam, asked_for) == [customer]
    assert find_people(world.omer, asked_for) == []


@pytest.mark.parametrize("language", ["he", "en"])
def test_from_the_request_to_the_report(world: World, customer: Author, language: str) -> None:
    world.noam.language = language
    world.noam.save()
    client = world.client(world.noam, language)
    people = reverse("people")
    assert f'value="{customer.pk}"' in client.get(people, {"q": "rinatk"}).text
    assert client.post(people, {"q": "rinatk", "kind": "access", "asked": "x"}).status_code == 422
    told = {"q": "rinatk", "kind": "access", "asked": "הודעה", "person": [customer.pk]}
    page = client.post(people, told, follow=True)
    made = PersonRequest.objects.get()
    assert page.status_code == 200 and reverse("request_carry_out", args=[made.pk]) in page.text
    client.post(reverse("request_carry_out", args=[made.pk]))
    assert PersonRequest.objects.get().state == "running"
    assert client.get(reverse("request_report", args=[made.pk, "json"])).status_code == 404
    requests.run(request_id=made.pk, export=EXPORT, forget=FORGET, at=NOW)
    shown = client.get(reverse("person_request", args=[made.pk])).text
    assert "שבורה" in shown and "ביקשה החזר" in shown
    file = client.get(reverse("request_report", args=[made.pk, "json"]))
    assert "attachment" in file.headers["Content-Disposition"]
    assert json.loads(file.content)["authors"][0]["handle"] == "rinatk.test"
    assert "שבורה" in client.get(reverse("request_report", args=[made.pk, "html"])).text
    assert client.get(reverse("request_report", args=[made.pk, "exe"])).status_code == 404
    look = ReadLog.objects.get()
    assert (look.by, look.what, look.person) == (world.noam, "report", customer.pk)
    names = LedgerEntry.objects.filter(name__startswith="request.").order_by("pk").values_list("name", flat=True)
    assert list(names) == ["request.taken_up", "request.carried_out"]


def test_a_correction_is_answered_in_words_and_a_refusal_has_a_reason(world: World, customer: Author) -> None:
    client = world.client(world.noam)
    made = asked(world, customer, "correction")
    assert client.post(reverse("request_carry_out", args=[made.pk])).status_code == 422
    assert client.post(reverse("request_close", args=[made.pk]), {"outcome": ""}).status_code == 422
    client.post(reverse("request_close", args=[made.pk]), {"outcome": "החלק תוקן"})
    made.refresh_from_db()
    assert (made.state, made.outcome) == ("done", {"words": "החלק תוקן"})
    assert client.post(reverse("request_close", args=[made.pk]), {"outcome": "שוב"}).status_code == 422
    other = requests.take_up(org=world.org, kind="erasure", people=[customer.pk], asked="x", by=world.noam, at=NOW)
    assert client.post(reverse("request_close", args=[other.pk]), {"outcome": "כך"}).status_code == 422
    client.post(reverse("request_close", args=[other.pk]), {"outcome": "זהות לא הוכחה", "refused": "1"})
    other.refresh_from_db()
    assert other.state == "refused"


def test_omer_sees_no_request_and_takes_up_none(world: World, customer: Author) -> None:
    made = asked(world, customer, "access")
    client = world.client(world.omer)
    found = client.get(reverse("people"), {"q": "rinatk"}).text
    assert 'name="person"' not in found and reverse("person_request", args=[made.pk]) not in found
    assert client.get(reverse("person_request", args=[made.pk])).status_code == 404
    assert client.get(reverse("request_report", args=[made.pk, "json"])).status_code == 404
    told = {"q": "x", "kind": "erasure", "asked": "x", "person": [customer.pk]}
    assert client.post(reverse("people"), told).status_code == 422
    assert PersonRequest.objects.count() == 1
    assert world.client(world.dana).get(reverse("people")).status_code == 404
