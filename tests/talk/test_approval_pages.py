"""Approvals on the screen: what waits for me, decided in place; the writer's side; the rules; the link outside."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from siach.care.models import Reply
from siach.org.models import Approval, ApprovalRule, Notice, Topic
from siach.talk.models import Outgoing, Post
from siach.talk.pages import outside
from tests.care.conftest import COMPLAINT, Desk, desk
from tests.talk.test_approving import asked, of, role
from tests.world import World

__all__ = ["asked", "desk"]


def page(world: World, user, address: str, status: int = 200) -> str:
    found = world.client(user).get(address)
    assert found.status_code == status, address
    return found.text


def test_from_the_notice_it_takes_two_taps(desk: Desk, asked: Reply) -> None:
    world, yael = desk.world, desk.world.client(desk.world.yael)
    told = Notice.objects.get(kind="approval.asked", user=world.yael)
    assert (told.level, told.url_name, told.url_args) == (3, "approval", {"pk": of(asked).pk})
    seen = yael.get(f"/approvals/{of(asked).pk}/").text
    assert asked.outgoing.body in seen and COMPLAINT in seen and "Dana" in seen
    assert seen.count("<h1") == 1 and 'data-key="KeyA"' in seen
    done = yael.post(f"/approvals/{of(asked).pk}/decide/", {"place": "1", "answer": "grant"}, follow=True)
    assert "אושר." in done.text
    assert Outgoing.objects.get().state == Outgoing.State.QUEUED
    assert Notice.objects.filter(kind="approval.decided", user=world.dana).exists()


def test_the_number_and_the_list(desk: Desk, asked: Reply) -> None:
    world = desk.world
    for address, words in (("/approvals/", 1), ("/approvals/?view=open", 1), ("/approvals/?view=history", 0)):
        assert page(world, world.yael, address).count(asked.outgoing.body) == words, address
    assert asked.outgoing.body not in page(world, world.noam, "/approvals/"), "it is not asked of him"
    assert asked.outgoing.body in page(world, world.noam, "/approvals/?view=open")


def test_a_refusal_is_shown_to_who_wrote_and_can_be_mended(desk: Desk, asked: Reply) -> None:
    world, address = desk.world, f"/approvals/{of(asked).pk}/decide/"
    yael, dana = world.client(world.yael), world.client(world.dana)
    waiting = dana.get(f"/inbox/{asked.case_id}/").text
    assert "ממתין לאישור" in waiting and "Yael" in waiting
    assert yael.post(address, {"place": "1", "answer": "refuse", "reason": ""}).status_code == 422
    yael.post(address, {"place": "1", "answer": "refuse", "reason": "להבטיח פחות"})
    draft = dana.get(f"/inbox/{asked.case_id}/").text
    assert "להבטיח פחות" in draft and f"/replies/{asked.pk}/resend/" in draft
    dana.post(f"/replies/{asked.pk}/resend/", {"body": "נבדוק ונחזור היום"})
    assert of(asked).version == 2
    history = yael.get("/approvals/?view=history&state=refused&days=7").text
    assert history.count("ask-row") == 1


def test_two_at_once_are_both_told(desk: Desk, asked: Reply) -> None:
    yael, address = desk.world.client(desk.world.yael), f"/approvals/{of(asked).pk}/decide/"
    yael.post(address, {"place": "1", "answer": "grant"})
    late = yael.post(address, {"place": "1", "answer": "refuse", "reason": "לא"})
    assert late.status_code == 422 and "ההחלטה כבר התקבלה" in late.text


def test_a_comment_stands_beside_the_words(desk: Desk, asked: Reply) -> None:
    yael, address = desk.world.client(desk.world.yael), f"/approvals/{of(asked).pk}/comment/"
    assert "מי דיבר איתה?" in yael.post(address, {"text": "מי דיבר איתה?"}, follow=True).text
    assert yael.post(address, {"text": " "}).status_code == 422


def test_omer_and_dana_see_no_approvals(desk: Desk, asked: Reply) -> None:
    world, pk = desk.world, of(asked).pk
    assert asked.outgoing.body not in page(world, world.omer, "/approvals/?view=open")
    for user in (world.omer, world.dana):
        client = world.client(user)
        for deed in ("decide", "comment", "link"):
            assert client.post(f"/approvals/{pk}/{deed}/", {"answer": "grant", "place": "1"}).status_code == 404
    assert of(asked).state == Approval.State.ASKED


def make(desk: Desk, reply: Reply) -> str:
    """Asked for under another host of ours: the link is of the address that people are told."""
    noam = desk.world.client(desk.world.noam)
    asked = {"name": "רינה", "hours": "24"}
    made = noam.post(f"/approvals/{of(reply).pk}/link/", asked, headers={"host": "127.0.0.1:9"}).text
    found = re.search(rf'value="{re.escape(settings.SIACH_ADDRESS)}(/o/[^"]+)"', made)
    assert found, made
    return found[1]


def test_the_link_shows_only_what_must_be_approved(desk: Desk, asked: Reply) -> None:
    address = make(desk, asked)
    shown = Client(headers={"accept-language": "he"}).get(address)
    assert shown.status_code == 200 and "no-store" in shown.headers["Cache-Control"]
    assert asked.outgoing.body in shown.text and COMPLAINT in shown.text
    assert "Dana" not in shown.text and "/inbox/" not in shown.text
    done = Client().post(address, {"answer": "grant", "name": "רינה כהן"})
    assert done.status_code == 200 and Outgoing.objects.get().state == Outgoing.State.QUEUED
    for again in (Client().get(address), Client().post(address, {"answer": "refuse", "name": "x", "reason": "x"})):
        assert again.status_code == 410 and asked.outgoing.body not in again.text
    assert "רינה כהן" in page(desk.world, desk.world.noam, f"/approvals/{of(asked).pk}/")


def test_the_link_shows_nothing_that_was_said_in_private(desk: Desk, asked: Reply) -> None:
    address = make(desk, asked)
    Post.objects.update(is_private=True)
    shown = Client(headers={"accept-language": "he"}).get(address).text
    assert asked.outgoing.body in shown and "המענה הוא להודעה פרטית" in shown
    assert COMPLAINT not in shown and str(asked.outgoing.target.author) not in shown


def test_the_page_speaks_the_brands_language_until_another_is_chosen(desk: Desk, asked: Reply) -> None:
    address, org = make(desk, asked), desk.world.org
    for language, other, words, otherwise in (
        ("he", "en", "אישור נוסח בשם", "Approve this reply by"),
        ("en", "he", "Approve this reply by", "אישור נוסח בשם"),
    ):
        org.language = language
        org.save()
        client = Client(headers={"accept-language": other})
        shown = client.get(address).text
        assert f'<html lang="{language}"' in shown and words in shown and 'name="language"' in shown
        switched = client.post("/language/", {"language": other, "next": address}, follow=True)
        assert switched.redirect_chain[0][0] == address
        assert f'<html lang="{other}"' in switched.text and otherwise in switched.text
        assert f'<html lang="{other}"' in client.post(address, {"answer": "refuse", "name": "x"}).text
    org.language = "he"
    org.save()
    stranger = {"accept-language": "en"}
    done = Client(headers=stranger).post(address, {"answer": "grant", "name": "רינה"})
    assert '<html lang="he"' in done.text and "תודה" in done.text
    spent = Client(headers=stranger).get(address)
    assert spent.status_code == 410 and '<html lang="he"' in spent.text and "תודה" in spent.text


def test_a_revoked_or_invented_link_says_so(desk: Desk, asked: Reply) -> None:
    address = make(desk, asked)
    link = of(asked).steps.get().links.get()
    assert desk.world.client(desk.world.omer).post(f"/approval-links/{link.pk}/revoke/").status_code == 404
    desk.world.client(desk.world.noam).post(f"/approval-links/{link.pk}/revoke/")
    assert Client().get(address).status_code == 410
    assert Client().get("/o/nothing/").status_code == 404
    assert Client().get(address[:-3] + "aa/").status_code == 404


def test_the_link_is_not_for_hammering(desk: Desk, asked: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "TRIES", 3)
    cache.clear()
    assert [Client().get("/o/nothing/").status_code for _ in range(5)] == [404, 404, 404, 429, 429]
    cache.clear()


def test_the_rules_are_read_and_changed_in_sentences(desk: Desk) -> None:
    world = desk.world
    role(world, world.yael, "spokesperson")
    noam, base = world.client(world.noam), f"/settings/approvals/{world.brand.pk}"
    noam.post(f"{base}/offer/")
    assert "העדיפות P1" in noam.get("/settings/approvals/").text
    said = {
        "name": "קהל גדול מאוד",
        "followers": "9000",
        "intents": ["complaint"],
        "own_forbidden": "on",
        "step1-roles": ["spokesperson"],
        "step1-minutes": "45",
        "step2-people": [str(world.noam.pk)],
        "step2-needs_all": "on",
        "step2-substitute": str(world.yael.pk),
        "step2-minutes": "120",
    }
    assert noam.post(f"{base}/new/", said).status_code == 302
    made = ApprovalRule.objects.latest("pk")
    assert (made.followers, made.intents, made.steps.count(), made.own_forbidden) == (9000, ["complaint"], 2, True)
    shown = noam.get("/settings/approvals/").text
    assert "9,000" in shown and "45 דקות" in shown and "Yael" in shown
    assert noam.get(f"{base}/{made.pk}/").text.count("<h1") == 1
    assert noam.post(f"{base}/{made.pk}/", {**said, "name": "אחר"}).status_code == 302
    assert noam.post(f"{base}/{made.pk}/", {"name": "ריק"}).status_code == 422
    noam.post(f"{base}/{made.pk}/remove/")
    assert not ApprovalRule.objects.filter(pk=made.pk).exists()
    for user in (world.omer, world.dana):
        assert world.client(user).get(f"{base}/new/").status_code == 404


def test_a_rule_by_topic_names_it_and_keeps_it_through_an_edit(desk: Desk) -> None:
    world = desk.world
    noam, base = world.client(world.noam), f"/settings/approvals/{world.brand.pk}"
    bare = noam.get(f"{base}/new/").text
    assert "נושאי הפנייה" not in bare and f"/settings/brands/{world.brand.pk}/topics/" in bare
    late = Topic.objects.create(brand=world.brand, name="משלוחים")
    theirs = Topic.objects.create(brand=world.led_brand, name="מחירון זר")
    shown = noam.get(f"{base}/new/").text
    assert "נושאי הפנייה" in shown and "משלוחים" in shown and "מחירון זר" not in shown
    said = {"name": "על משלוחים", "topics": [str(late.pk)], "step1-roles": ["owner"], "step1-minutes": "45"}
    assert noam.post(f"{base}/new/", {**said, "topics": [str(theirs.pk)]}).status_code == 422
    assert not ApprovalRule.objects.exists()
    assert noam.post(f"{base}/new/", said).status_code == 302
    made = ApprovalRule.objects.get()
    assert made.topics == [late.pk]
    assert "הפנייה עוסקת בנושא: משלוחים" in noam.get("/settings/approvals/").text
    edit = noam.get(f"{base}/{made.pk}/").text
    ticked = re.findall(r'name="topics" value="(\d+)"[^>]* checked', edit)
    assert ticked == [str(late.pk)]
    assert noam.post(f"{base}/{made.pk}/", {**said, "topics": ticked, "name": "שם אחר"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.topics) == ("שם אחר", [late.pk])


def test_time_out_is_told_to_the_next(desk: Desk, asked: Reply) -> None:
    from siach.talk.actions import approving

    approving.lapse_due(at=of(asked).due_at + timedelta(seconds=1))
    told = Notice.objects.filter(kind="approval.asked", user=desk.world.noam)
    assert [notice.facts["stage"] for notice in told] == [2]
    assert "ממתין" in page(desk.world, desk.world.noam, "/notices/")
