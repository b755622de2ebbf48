"""The Inbox in a browser's eyes: pages, fragments, deeds by form, and who may not see any of it."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from siach.care import actions
from siach.care.models import Case, Reply
from siach.org.models import LedgerEntry, Membership
from siach.talk.connections import NetworkError
from siach.talk.models import Author, Outgoing
from tests.care.conftest import COMPLAINT

NASTY = 'לומיקה גרועים <script>alert(1)</script> \u202e\u2066 "x" \x00 <img src=x onerror=alert(2)> ' + "א" * 9000


def post(client, name, pk, **data):
    return client.post(reverse(name, args=[pk]), data)


@pytest.mark.parametrize(("language", "side", "title"), [("he", "rtl", "תיבת השירות"), ("en", "ltr", "Inbox")])
def test_the_pages_in_both_languages(desk, language, side, title):
    case = desk.case()
    actions.note(case=case, text="בדקתי", by=desk.world.ido, at=desk.at)
    desk.world.dana.language = language
    desk.world.dana.save()
    client = desk.world.client(desk.world.dana, language)
    for address in (reverse("inbox"), reverse("case", args=[case.pk]), reverse("inbox") + "?view=mine"):
        page = client.get(address).content.decode()
        assert f'<html lang="{language}" dir="{side}">' in page
        assert title in page
        assert "style=" not in page
        assert not re.search(r"<script(?![^>]*src=)", page)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert 'data-view="item"' in page
    assert f'name="post" value="{case.post_id}"' in page, "the reply names the exact post"
    assert 'data-limit="300"' in page


def test_an_outsider_finds_nothing(desk):
    case = desk.case()
    reply = desk.answer(case)
    client = desk.world.client(desk.world.omer)
    assert COMPLAINT not in client.get(reverse("inbox")).content.decode()
    assert client.get(reverse("case", args=[case.pk])).status_code == 404
    assert client.get(reverse("case", args=[case.pk]) + "?part=thread").status_code == 404
    before = list(LedgerEntry.objects.order_by("pk").values_list("pk", flat=True))
    for name in ("case_answer", "case_note", "case_assign", "case_resolve", "case_reopen", "case_set_aside"):
        found = post(client, name, case.pk, body="x", text="x", reason="spam", post=case.post_id)
        assert found.status_code == 404, name
    for name in ("reply_undo", "reply_retry", "reply_settle"):
        assert post(client, name, reply.pk, was_sent="1").status_code == 404, name
    assert post(client, "open_case", desk.mention(case.post).pk).status_code == 404
    assert list(LedgerEntry.objects.order_by("pk").values_list("pk", flat=True)) == before


def test_a_reader_has_no_inbox_and_the_signed_out_are_asked_to_sign_in(desk):
    case = desk.case()
    Membership.objects.filter(user=desk.world.ido).update(role=Membership.Role.READER)
    reader = desk.world.client(desk.world.ido)
    for address in (reverse("inbox"), reverse("case", args=[case.pk])):
        assert reader.get(address).status_code == 404
        assert reader.get(address, headers={"HX-Request": "true"}).status_code == 404
    reader.logout()
    assert reader.get(reverse("inbox")).status_code == 302
    assert post(reader, "case_resolve", case.pk).status_code == 302


def test_deeds_are_posts(desk):
    case = desk.case()
    client = desk.world.client(desk.world.dana)
    for name in ("case_answer", "case_note", "case_assign", "case_resolve", "case_reopen", "case_set_aside"):
        assert client.get(reverse(name, args=[case.pk])).status_code == 405


def test_fragments_hold_only_their_part(desk):
    case = desk.case()
    client = desk.world.client(desk.world.dana)
    for address in (reverse("inbox"), reverse("case", args=[case.pk])):
        queue = client.get(address + "?part=queue", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in queue
        assert f'id="row-{case.pk}"' in queue
    thread = client.get(
        reverse("case", args=[case.pk]) + "?part=thread", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in thread
    assert f'id="post-{case.post_id}"' in thread
    assert f'id="row-{case.pk}"' not in thread


def test_the_number_in_the_menu(desk):
    desk.case()
    desk.case(by="other")
    page = desk.world.client(desk.world.dana).get(reverse("inbox")).content.decode()
    assert re.search(r'side-n">2<', page)


def test_answer_undo_and_edit(desk):
    case = desk.case()
    client = desk.world.client(desk.world.dana)
    answered = client.post(
        reverse("case_answer", args=[case.pk]), {"post": case.post_id, "body": "בודקים מיד."}, follow=True
    )
    reply = Reply.objects.get()
    page = answered.content.decode()
    assert "בודקים מיד." in page
    assert page.count(reverse("reply_undo", args=[reply.pk])) == 2, "beside the reply and in the toast"
    assert 'data-seconds="' in page
    undone = post(client, "reply_undo", reply.pk)
    assert undone.headers["Location"].endswith(f"?draft={reply.pk}")
    page = client.get(undone.headers["Location"]).content.decode()
    assert re.search(r"<textarea[^>]*name=\"body\"[^>]*>\s*בודקים מיד\.</textarea>", page), "the words return"
    assert reverse("reply_undo", args=[reply.pk]) not in page


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("queued", "reply_undo"),
        ("sending", None),
        ("sent", None),
        ("failed", "reply_retry"),
        ("unclear", "reply_settle"),
    ],
)
def test_the_agent_sees_what_became_of_a_reply(desk, state, says):
    case = desk.case()
    reply = desk.answer(case)
    Outgoing.objects.filter(pk=reply.outgoing_id).update(
        state=state, error="The server said no.", url="https://social.example/ours-1", sent_at=desk.at
    )
    page = desk.world.client(desk.world.dana).get(reverse("case", args=[case.pk]) + "?part=thread").content.decode()
    assert f'class="msg ours {state}"' in page
    for name in ("reply_undo", "reply_retry", "reply_settle"):
        wanted = name == says or (name == "reply_undo" and state == "failed")
        assert (reverse(name, args=[reply.pk]) in page) is wanted
    assert ("The server said no." in page) is (state == "failed")
    assert ("https://social.example/ours-1" in page) is (state == "sent")


def test_what_cannot_be_sent_stays_in_the_composer_with_the_reason(desk):
    case = desk.case()
    client = desk.world.client(desk.world.dana)
    body = "מענה ארוך " * 40
    refused = post(client, "case_answer", case.pk, post=case.post_id, body=body)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert 'role="alert"' in page
    assert body.strip() in page
    assert not Outgoing.objects.exists()
    assert post(client, "case_answer", case.pk, post="x", body="y").status_code == 404
    assert post(client, "case_answer", case.pk, post=str(10**30), body="y").status_code == 404


def test_a_third_public_reply_asks_first(desk):
    case = desk.case()
    desk.deliver(desk.answer(case, "סליחה על התקלה, בודקים."))
    desk.deliver(desk.answer(case, "מנורה חדשה יוצאת מחר.", after=120))
    client = desk.world.client(desk.world.dana)
    asked = post(client, "case_answer", case.pk, post=case.post_id, body="ושובר בדרך אליך.")
    assert asked.status_code == 422
    assert 'name="confirmed"' in asked.content.decode()
    assert (
        post(client, "case_answer", case.pk, post=case.post_id, body="ושובר בדרך אליך.", confirmed="1").status_code
        == 302
    )


def test_assign_note_resolve_reopen_and_set_aside_by_form(desk):
    case, world = desk.case(), desk.world
    client = world.client(world.dana)
    assert post(client, "case_assign", case.pk, to=world.ido.pk).status_code == 302
    assert post(client, "case_assign", case.pk, to=world.omer.pk).status_code == 404
    assert post(client, "case_note", case.pk, text="בדקתי").status_code == 302
    assert post(client, "case_note", case.pk, text=" ").status_code == 422
    assert post(client, "case_set_aside", case.pk, reason="spam").status_code == 422
    assert post(client, "case_resolve", case.pk).status_code == 302
    assert post(client, "case_resolve", case.pk).status_code == 422
    assert post(client, "case_reopen", case.pk).status_code == 302
    other = desk.case(by="other")
    assert post(client, "case_set_aside", other.pk, reason="spam").status_code == 302
    ended = client.get(reverse("inbox") + "?view=ended").content.decode()
    assert f'id="row-{other.pk}"' in ended


def test_a_case_is_opened_from_a_mention_or_found(desk):
    praised = desk.hear("לומיקה מנורה יפה")
    client = desk.world.client(desk.world.dana)
    first = post(client, "open_case", desk.mention(praised).pk)
    case = Case.objects.get()
    assert first.headers["Location"] == reverse("case", args=[case.pk])
    assert post(client, "open_case", desk.mention(praised).pk).headers["Location"] == first.headers["Location"]
    page = client.get(first.headers["Location"]).content.decode()
    assert Case.objects.count() == 1
    assert "data-toast" in page
    Author.objects.filter(pk=praised.author_id).update(is_ours=True)
    away = client.post(reverse("open_case", args=[desk.mention(praised).pk]), {"next": "https://evil.example/"})
    assert away.headers["Location"] == reverse("inbox")


def test_an_unclear_reply_is_settled_by_form(desk):
    case = desk.case()
    desk.network.fault = NetworkError("fell", "unknown")
    reply = desk.deliver(desk.answer(case))
    client = desk.world.client(desk.world.dana)
    assert post(client, "reply_settle", reply.pk, was_sent="1", url="data:x").status_code == 422
    assert post(client, "reply_settle", reply.pk, was_sent="1", url="https://social.example/1").status_code == 302
    assert post(client, "reply_retry", reply.pk).status_code == 422
    case.refresh_from_db()
    assert case.state == "waiting"


def test_nasty_words_are_shown_harmless(desk):
    case = desk.case(NASTY)
    Author.objects.filter(pk=case.author_id).update(name="<b>x</b>\u202e", handle='"><script>')
    actions.note(case=case, text=NASTY, by=desk.world.dana, at=desk.at)
    Outgoing.objects.filter(pk=desk.answer(case).outgoing_id).update(
        url="javascript:alert(1)", state="sent", error="<i>"
    )
    for query in ("", "?part=thread", "?part=queue", "?to=%00&draft=%00&after=%00&view=%00", "?draft=" + "9" * 40):
        page = desk.world.client(desk.world.dana).get(reverse("case", args=[case.pk]) + query)
        text = page.content.decode()
        assert page.status_code == 200
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>x</b>" not in text
        assert 'href="javascript:' not in text
        left = [text[m.start() - 80 : m.end() + 20] for m in re.finditer("[\u202e\u2066\x00]", text)]
        assert not left


def test_a_handful_and_a_crowd_cost_the_same_queries(desk):
    client = desk.world.client(desk.world.dana)

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    case = desk.case()
    pages = [reverse("inbox"), reverse("case", args=[case.pk])]
    few = [asked(page) for page in pages]
    for n in range(8):
        other = desk.case(by=f"other{n}")
        actions.assign(case=other, to=desk.world.ido, by=desk.world.noam, at=desk.at)
        desk.hear(f"ומה איתי {n}?", under=case.post, at=desk.at + timedelta(minutes=n))
        actions.note(case=case, text=f"הערה {n}", by=desk.world.noam, at=desk.at)
    assert [asked(page) for page in pages] == few
    assert max(few) <= 28


def test_the_clock_of_the_page_is_the_server_s(desk):
    case = desk.case()
    with patch.object(timezone, "now", return_value=case.due_at + timedelta(minutes=5)):
        client = desk.world.client(desk.world.dana)
        page = client.get(reverse("case", args=[case.pk]) + "?part=thread").content.decode()
    assert 'class="clock late"' in page


@pytest.mark.parametrize(
    ("view", "marks"), [("all", "empty"), ("mine", "empty"), ("waiting", "empty"), ("ended", "empty")]
)
def test_empty_views_say_why(desk, view, marks):
    page = desk.world.client(desk.world.dana).get(reverse("inbox") + f"?view={view}").content.decode()
    assert f'class="{marks}"' in page


def test_without_a_source_the_queue_says_so(desk):
    desk.world.source.delete()
    desk.world.dana.language = "en"
    desk.world.dana.save()
    page = desk.world.client(desk.world.dana, "en").get(reverse("inbox")).content.decode()
    assert "No source yet" in page


@pytest.mark.parametrize("language", ["he", "en"])
def test_every_line_of_the_ledger_has_its_sentence(desk, language):
    from django.template.loader import render_to_string
    from django.utils import translation

    world = desk.world
    case = desk.case()
    actions.assign(case=case, to=world.ido, by=world.dana, at=desk.at)
    actions.assign(case=case, to=world.dana, by=world.dana, at=desk.at)
    actions.assign(case=case, to=None, by=world.dana, at=desk.at)
    actions.note(case=case, text="x", by=world.dana, at=desk.at)
    desk.network.fault = NetworkError("no", "never")
    reply = desk.deliver(desk.answer(case))
    actions.retry(reply=reply, by=world.dana, at=desk.at)
    reply.outgoing.refresh_from_db()
    desk.network.fault = NetworkError("no", "unknown")
    unclear = desk.deliver(reply)
    actions.settle(reply=unclear, was_sent=False, by=world.dana, at=desk.at)
    actions.undo(reply=unclear, by=world.dana, at=desk.at)
    actions.resolve(case=case, by=world.dana, at=desk.at)
    actions.reopen(case=case, by=world.dana, at=desk.at)
    actions.set_aside(case=desk.case(by="b"), reason="spam", by=world.dana, at=desk.at)
    lines = LedgerEntry.objects.filter(room="care").select_related("by")
    names = {line.name for line in lines}
    assert len(names) == 10
    with translation.override(language):
        for line in lines:
            context = {"entry": line, "by": line.by, "facts": line.facts}
            for subject in (Case.objects.get(pk=line.subject_id), None):
                sentence = render_to_string(f"care/events/{line.name}.html", context | {"subject": subject})
                assert bool(re.search("[א-ת]", re.sub("<bdi>.*?</bdi>", "", sentence))) is (language == "he"), sentence
                assert line.by is None or line.by.name in sentence
