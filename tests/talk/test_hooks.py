"""Another system posts what it hears: signed, once, live, and with a word on each row that is not taken."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from siach.care.models import Case
from siach.org.limits import wrong_calls
from siach.org.models import LedgerEntry
from siach.org.seal import unseal
from siach.talk.actions import hooks, sources
from siach.talk.actions.hooks import signature_of
from siach.talk.models import Hook, HookCall, Mention, Post, Source
from tests.security.walking import browser, rows
from tests.world import NOW, World

pytestmark = pytest.mark.django_db
ROW: dict[str, Any] = {
    "id": "r1",
    "text": "המנורה של לומיקה הגיעה שבורה, שירות גרוע",
    "said_at": "2026-11-24T09:41:30Z",
    "author": {"id": "u7", "name": "רינה", "handle": "@rina", "followers": 12},
    "url": "https://forum.example/1",
    "place": "פורום תאורה",
}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [NOW + timedelta(minutes=1)]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


class System:
    """The other system: where it posts, and what it signs with."""

    def __init__(self, world: World) -> None:
        self.source, self.secret = hooks.make_hook(
            brand=world.brand, name="CRM", network="forum", by=world.noam, at=NOW
        )
        self.url = reverse("hook_in", args=[self.source.hook.address])

    def post(self, said: object, *, url: str = "", secret: str = "", at: datetime | None = None, **headers: str) -> Any:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        told = str(int((at or timezone.now()).timestamp()))
        signed = "sha256=" + signature_of(secret or self.secret, told, body)
        sent = {"x-siach-timestamp": told, "x-siach-signature": signed, **headers}
        return Client(enforce_csrf_checks=True).post(
            url or self.url, body, content_type="application/json", headers=sent
        )


@pytest.fixture
def system(world: World) -> System:
    return System(world)


def told(answer: Any) -> tuple[int, int, int, int]:
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["taken"], found["known"], found["edited"], len(found["refused"])


def test_what_is_posted_is_heard_live(world: World, system: System) -> None:
    second = {"id": 2, "text": "גם אצלי", "said_at": "2026-11-24T09:41:40Z", "parent_id": "r1", "network": "Reviews"}
    old = {"id": "r0", "text": "פעם היה טוב", "said_at": "2026-11-20"}
    assert told(system.post([ROW, {**second, "network": None}, old])) == (3, 0, 0, 0)
    world.carry()
    first = Post.objects.select_related("author", "thread", "source").get(key="r1")
    assert (first.network, first.is_live, first.source, first.url) == ("forum", True, system.source, ROW["url"])
    assert (first.author.handle, first.author.followers, first.thread.place) == ("rina", 12, ROW["place"])
    assert Post.objects.get(key="2").parent == first
    assert not Post.objects.get(key="r0").is_live
    via = dict(Mention.objects.filter(brand=world.brand).values_list("post__key", "via"))
    assert via["r1"] == Mention.Via.NAMED and via["r0"] == Mention.Via.GIVEN
    assert Case.objects.filter(post=first).exists() or Case.objects.count() == 1
    system.source.refresh_from_db()
    assert system.source.heard_at == timezone.now() and system.source.lag_seconds == 20
    assert told(system.post(second)) == (1, 0, 0, 0)
    assert Post.objects.get(network="reviews").key == "2"


def test_the_same_id_again_changes_the_post(system: System) -> None:
    assert told(system.post(ROW)) == (1, 0, 0, 0)
    assert told(system.post([{**ROW, "text": "תיקון: הגיעה שלמה"}])) == (0, 0, 1, 0)
    assert Post.objects.get().text == "תיקון: הגיעה שלמה"


def test_a_call_that_comes_again_takes_nothing_in(system: System, clock: list[datetime]) -> None:
    first = timezone.now()
    assert told(system.post(ROW)) == (1, 0, 0, 0)
    system.post({**ROW, "text": "אחרי עריכה"})
    again = system.post(ROW, at=first)
    assert (told(again), again.json()["repeat"]) == ((0, 0, 0, 0), True)
    assert Post.objects.get().text == "אחרי עריכה"
    clock[0] += timedelta(minutes=12)
    assert system.post(ROW, at=first).status_code == 400
    system.post({**ROW, "id": "r2"})
    assert HookCall.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("text", "the row is no object"),
        ({**ROW, "id": ""}, "id: "),
        ({**ROW, "id": "x" * 301}, "id: "),
        ({**ROW, "id": True}, "id: "),
        ({**ROW, "text": " "}, "text: "),
        ({**ROW, "text": ["a"]}, "text: "),
        ({**ROW, "said_at": "soon"}, "said_at: "),
        ({**ROW, "said_at": "2030-01-01"}, "said_at: "),
        ({**ROW, "author": "me"}, "author: "),
        ({**ROW, "author": {"followers": "many"}}, "author.followers: "),
        ({**ROW, "url": "javascript:alert(1)"}, "url: "),
        ({**ROW, "network": "bluesky"}, "network: "),
        ({**ROW, "network": "facebook_group"}, "network: "),
        ({**ROW, "network": "<b>"}, "network: "),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_are_taken(system: System, row: object, problem: str) -> None:
    good = {**ROW, "id": "good", "text": "half \ud83d and \0 none", "author": {"name": "\udc00"}}
    answer = system.post([row, good])
    assert told(answer) == (1, 0, 0, 1)
    (refused,) = answer.json()["refused"]
    assert refused["row"] == 1 and refused["error"].startswith(problem)
    assert Post.objects.get().text == "half ? and \ufffd none"
    assert system.post(row if isinstance(row, dict) else [row]).status_code == 422


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"a"', b"\xff", b"[" * 100_000, json.dumps([ROW] * 1001).encode(), b'[1e999, NaN, "']
)
def test_a_body_that_holds_no_posts_is_told(system: System, body: bytes) -> None:
    answer = system.post(body)
    assert answer.status_code == 400 and answer.json()["error"]
    assert not Post.objects.exists() and not HookCall.objects.exists()


def test_a_wrong_signature_and_an_unknown_address_say_the_same(world: World, system: System) -> None:
    before = rows()
    elsewhere = reverse("hook_in", args=["nobody"])
    bad = [
        system.post(ROW, url=elsewhere),
        system.post(ROW, secret="guessed"),
        system.post(ROW, **{"x-siach-signature": ""}),
        system.post(ROW, **{"x-siach-signature": "sha256=é"}),
        system.post(ROW, **{"x-siach-timestamp": "1"}),
        system.post(ROW, **{"x-siach-timestamp": "٣"}),
        system.post(ROW, **{"x-siach-timestamp": "9" * 40}),
        browser(world.noam).post(system.url, ROW),
        Client().post(elsewhere),
    ]
    assert {(answer.status_code, answer.text) for answer in bad} == {(404, bad[0].text)}
    assert not any(answer.cookies for answer in [*bad[:7], bad[8]])
    assert rows() == before


def test_a_clock_that_is_off_and_a_paused_source_are_told(world: World, system: System) -> None:
    for minutes in (-6, 6):
        assert system.post(ROW, at=timezone.now() + timedelta(minutes=minutes)).status_code == 400
    sources.pause(source=system.source, by=world.noam, at=NOW)
    assert system.post(ROW).status_code == 409
    sources.resume(source=system.source, by=world.noam, at=NOW)
    assert told(system.post(ROW, at=timezone.now() + timedelta(minutes=4))) == (1, 0, 0, 0)
    assert Source.objects.get(pk=system.source.pk).due_at is None
    sources.remove(source=system.source, by=world.noam, at=NOW)
    assert system.post(ROW).status_code == 404
    assert Post.objects.count() == 1


def test_too_much_at_once_waits(system: System, monkeypatch: pytest.MonkeyPatch, clock: list[datetime]) -> None:
    monkeypatch.setattr(hooks, "CALLS_A_MINUTE", 1)
    monkeypatch.setattr(hooks, "LARGEST_BODY", 2_000)
    assert told(system.post(ROW)) == (1, 0, 0, 0)
    late = system.post({**ROW, "id": "r2"})
    assert (late.status_code, late.headers["Retry-After"]) == (429, "60")
    clock[0] += timedelta(seconds=61)
    assert told(system.post({**ROW, "id": "r2"})) == (1, 0, 0, 0)
    assert system.post([ROW] * 20).status_code == 413


def test_a_person_makes_it_sees_the_secret_once_and_renews_it(world: World) -> None:
    client = browser(world.noam, language="he")
    bad = client.post("/sources/webhook/", {"name": "CRM", "network": "bluesky", "brand": world.brand.pk})
    assert bad.status_code == 422 and "CRM" in bad.text and not Hook.objects.exists()
    made = client.post("/sources/webhook/", {"name": "CRM של דנה", "network": "forum", "brand": world.brand.pk})
    hook = Hook.objects.select_related("source").get()
    secret = unseal(bytes(hook.secret))["secret"]
    assert hook.source.brand == world.brand
    assert secret in made.text and f"/in/{hook.address}/" in made.text and "no-store" in made.headers["Cache-Control"]
    page = client.get(f"/sources/webhook/{hook.source_id}/")
    assert secret not in page.text and "openssl dgst" in page.text
    listed = client.get("/sources/").text
    assert "CRM של דנה" in listed and "דרך webhook" in listed
    Source.objects.filter(pk=hook.source_id).update(network="google_reviews")
    listed = client.get("/sources/").text
    assert "ביקורות בגוגל" in listed and "google_reviews" not in listed
    renewed = client.post(f"/sources/webhook/{hook.source_id}/secret/")
    fresh = re.search(r'id="hook-secret">([\w-]+)<', renewed.text)
    assert fresh and fresh[1] != secret and unseal(bytes(Hook.objects.get().secret))["secret"] == fresh[1]
    assert bytes(secret, "ascii") not in bytes(Hook.objects.get().secret)
    deeds = LedgerEntry.objects.filter(name__startswith="source.").order_by("pk")
    assert list(deeds.values_list("name", flat=True)) == ["source.opened", "source.secret_renewed"]


def test_wrong_signatures_end_for_a_minute_and_right_ones_never(system: System, settings: Any) -> None:
    settings.SIACH_WRONG_CALLS_A_MINUTE = 3
    wrong_calls.__init__()  # type: ignore[misc]
    wrong = [system.post(ROW, secret="guessed") for _one in range(5)]
    assert [answer.status_code for answer in wrong] == [404, 404, 404, 429, 429]
    assert wrong[-1].headers["Retry-After"] == "60"
    assert told(system.post(ROW)) == (1, 0, 0, 0), "whatever others send there"
