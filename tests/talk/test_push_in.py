"""Where hubs call: what is confirmed, whose signature fits, and how often somebody may be wrong."""

from __future__ import annotations

import hmac
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from siach.org import limits
from siach.org.seal import unseal
from siach.talk.actions import pushing
from siach.talk.models import Source, Subscription
from tests.security.walking import rows
from tests.talk.pushed import Feed, call, clock, feed, hub, site
from tests.talk.test_hooks import System

__all__ = ["clock", "feed", "hub", "site"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_hub_signs_as_it_likes(feed: Feed, method: str) -> None:
    feed.agree()
    feed.hub.method = method
    feed.later(seconds=20)
    assert feed.publish("2") == [202] and feed.turn() == 1


def test_a_wrong_call_does_nothing_and_says_nothing(feed: Feed) -> None:
    row = feed.agree()
    secret = unseal(bytes(row.secret))["secret"]
    right = hmac.new(secret.encode(), b"body", "sha256").hexdigest()
    before, due = rows(), Source.objects.get(pk=feed.source.pk).due_at
    signed = [
        "", "sha256", "sha256=", f"sha256={right[:-1]}", f"sha1={right}", f"md5={right}", right, "sha256=é",
        f"sha256={hmac.new(b'guessed', b'body', 'sha256').hexdigest()}", f"SHAKE_128={right}",
    ]  # fmt: skip
    said = {call("POST", feed.path, b"body", {"x-hub-signature": one}) for one in signed}
    said.add(call("POST", feed.path, b"body!", {"x-hub-signature": f"sha256={right}"}))
    nobody = hmac.new(b"", b"body", "sha256").hexdigest()
    said.add(call("POST", "/in/feed/nobody/", b"body", {"x-hub-signature": f"sha256={nobody}"}))
    assert {status for status, _words in said} == {404} and len(said) == 1, "an address that is none says the same"
    Subscription.objects.update(secret=b"sealed by a ring that is lost")
    assert call("POST", feed.path, b"body", {"x-hub-signature": f"sha256={nobody}"})[0] == 404
    Subscription.objects.update(secret=row.secret)
    assert (rows(), Source.objects.get(pk=feed.source.pk).due_at, feed.row.look_at) == (before, due, None)
    assert call("POST", feed.path, b"body", {"x-hub-signature": f"SHA256={right.upper()}"})[0] == 202


def test_nobody_has_us_confirm_what_we_did_not_ask_for(feed: Feed) -> None:
    feed.agree()
    before = Subscription.objects.values().get()
    asked = {"hub.mode": "subscribe", "hub.topic": feed.topic, "hub.challenge": "c", "hub.lease_seconds": "60"}
    client = Client()
    for changed in (
        {"hub.topic": "https://other.example/"},
        {"hub.topic": "a\0b"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "publish"},
        {"hub.mode": ""},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 1001},
        {"hub.mode": "denied", "hub.topic": "https://other.example/"},
    ):
        answer = client.get(feed.path, asked | changed)
        assert answer.status_code == 404 and "x" * 99 not in answer.text, changed
    assert client.get("/in/feed/nobody/", asked).status_code == 404
    assert Subscription.objects.values().get() == before
    odd = client.get(feed.path, asked | {"hub.lease_seconds": "<b>", "hub.challenge": "<b>"})
    assert odd.text == "<b>" and odd.headers["Content-Type"].startswith("text/plain"), "no page is made of it"
    assert client.put(feed.path).status_code == 405


def test_nobody_confirms_before_we_asked(feed: Feed) -> None:
    feed.poll()
    assert feed.row.asked_at is None
    asked = {"hub.mode": "subscribe", "hub.topic": feed.topic, "hub.challenge": "c", "hub.lease_seconds": "60"}
    assert Client().get(feed.path, asked).status_code == 404


def test_wrong_calls_end_for_a_minute_and_right_ones_never(
    feed: Feed, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SIACH_WRONG_CALLS_A_MINUTE = 3
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    limits.wrong_calls.__init__()  # type: ignore[misc]
    feed.agree()
    system = System(feed.world)
    wrong = [call("POST", feed.path, b"x", {"x-hub-signature": "sha256=00"}) for _one in range(5)]
    assert [status for status, _words in wrong] == [404, 404, 404, 429, 429]
    assert [one.getMessage() for one in caplog.records if one.name == "siach.org.signing"] == ["limit"], "told once"
    feed.later(seconds=20)
    assert feed.publish("2") == [202] and feed.turn() == 1, "who calls rightly is never refused"
    assert system.post({"id": "1", "text": "x", "said_at": timezone.now().isoformat()}).status_code == 200
    refused = system.post({"id": "2"}, secret="guessed")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60"), "the same network address"
    monkeypatch.setattr(limits.ratelimit, "get_ip", lambda _request: "192.0.2.7")
    assert call("POST", feed.path, b"x", {})[0] == 429, "the same address of ours, from elsewhere"
    assert system.post({"id": "2"}, secret="guessed").status_code == 404
    assert call("GET", f"{feed.path}?hub.mode=subscribe&hub.topic=x&hub.challenge=y", b"", {})[0] == 429
    monkeypatch.setattr(limits.wrong_calls, "MOST_KNOWN", 4)
    monkeypatch.setattr(limits.ratelimit, "get_ip", lambda _request: "192.0.2.8")
    assert call("POST", "/in/feed/nobody/", b"x", {})[0] == 429, "what is kept has an end"
    assert len(limits.wrong_calls._came) <= 5
    later = now + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert call("POST", feed.path, b"x", {})[0] == 404


def test_a_call_is_read_to_its_cap(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.agree()
    monkeypatch.setattr(pushing, "LARGEST_CALL", 100)
    assert call("POST", feed.path, b"x" * 101, {})[0] == 413
    assert feed.hub.publish(feed.topic, b"x" * 100, at=timezone.now()) == [202]
