"""How notices go out: the cap is exact, quiet hours hold, mail and push and services get what they may and no more."""

from __future__ import annotations

import json
import struct
import threading
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siach.calc.rest import is_rest
from siach.org.models import (
    Mail,
    Membership,
    Notice,
    NoticeDelivery,
    NoticePreferences,
    NoticeService,
    PushSubscription,
)
from siach.org.notices import outside, push, reading, tell, words
from siach.org.notices.delivering import deliver_due
from siach.org.notices.planning import plan, plan_new
from siach.org.notices.preferences import NEVER, NOUNS, rest_of, set_preferences
from siach.org.notices.services import NoService, add_service, remove_service
from siach.org.seal import unseal
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = dict.fromkeys(NOUNS, 2)
ZONE = "Asia/Jerusalem"


def notify(world: World, user, *, level: int = 2, once: str = "", at: datetime = NOW, brand=True) -> Notice:
    facts = {"org": world.org, "brand": world.brand if brand else None, "subject": world.source}
    return tell("source.deaf", to=[user], level=level, url=("sources", {}), at=at, once=once, **facts)[0]


def prefer(user, **changed) -> NoticePreferences:
    chosen = {
        "rules": {"mail": ALL, "push": ALL},
        "brands_off": [],
        "topics_off": [],
        "quiet": (time(22), time(7)),
        "keeps_holidays": True,
        "cap": 12,
        "brief_days": [0, 1, 2, 3, 6],
    }
    return set_preferences(user=user, **(chosen | changed))


# What becomes of a notice

moments = st.integers(0, 2 * 365 * 1440).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
wishes = st.builds(
    NoticePreferences,
    quiet_from=st.none() | st.times(),
    quiet_to=st.none() | st.times(),
    keeps_holidays=st.booleans(),
    cap=st.integers(0, 20),
    rules=st.fixed_dictionaries({"mail": st.fixed_dictionaries({"source": st.integers(2, NEVER)})}),
    brands_off=st.sampled_from([[], [7]]),
    topics_off=st.lists(st.integers(1, 4), unique=True),
)


def stays_inside(chosen: NoticePreferences, topics: set[int]) -> bool:
    return 7 in chosen.brands_off or (bool(topics) and topics.issubset(chosen.topics_off))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moments, wishes, st.integers(1, 4), st.integers(0, 30), st.sets(st.integers(1, 4)))
def test_a_plan_keeps_the_cap_and_the_hours(
    at: datetime, chosen: NoticePreferences, level: int, so_far: int, topics: set[int]
) -> None:
    notice = Notice(kind="source.deaf", level=level, brand_id=7)
    made = plan(notice, chosen, interruptions=so_far, zone=ZONE, at=at, topics=topics)
    is_off = stays_inside(chosen, topics)
    if level == 4:
        assert (made.waits, made.due_at) == (False, at)
    elif level > 1:
        assert made.waits == (so_far >= chosen.cap)
    if level in (2, 3) and not made.waits:
        assert not is_rest(made.due_at, rest_of(chosen, ZONE))
    if made.waits or level == 1 or (level < 4 and is_off):
        assert not made.channels
    if level < chosen.rules["mail"]["source"]:
        assert "mail" not in made.channels


def test_the_cap_is_exact_and_the_next_day_begins_anew(world: World) -> None:
    prefer(world.dana, cap=3)
    for n in range(5):
        notify(world, world.dana, once=str(n))
    wakes = notify(world, world.dana, level=4, once="wakes")
    plan_new(at=NOW)
    waiting = Notice.objects.filter(user=world.dana, waits=True)
    assert [notice.once for notice in waiting.order_by("pk")] == ["3", "4"]
    assert not Notice.objects.get(pk=wakes.pk).waits
    assert reading.unseen(world.dana) == 4
    tomorrow = notify(world, world.dana, once="tomorrow")
    plan_new(at=NOW + timedelta(days=1))
    assert not Notice.objects.get(pk=tomorrow.pk).waits
    assert [n for _day, n in reading.interruptions_by_day(world.dana, at=NOW)][-1] == 4


def test_a_quiet_night_holds_mail_until_morning_but_for_what_wakes(world: World, mailing: None) -> None:
    prefer(world.dana)
    night = datetime(2026, 11, 24, 23, 30, tzinfo=ZoneInfo(ZONE))
    notify(world, world.dana, at=night)
    notify(world, world.dana, level=4, once="wakes", at=night)
    plan_new(at=night)
    assert deliver_due(at=night) == 1
    assert deliver_due(at=night + timedelta(hours=7)) == 0
    assert deliver_due(at=night + timedelta(hours=7, minutes=30)) == 1
    assert Mail.objects.count() == 2


# Mail


@pytest.fixture
def mailing(settings) -> None:
    settings.SIACH_MAIL_FROM = "siach@example.test"
    settings.SIACH_ADDRESS = "https://siach.example.test"


def test_a_mail_says_the_whole_in_the_readers_language(world: World, mailing: None) -> None:
    prefer(world.dana)
    for language in ("he", "en"):
        world.dana.language = language
        world.dana.save()
        notify(world, world.dana, once=language)
        plan_new(at=NOW)
        deliver_due(at=NOW)
    hebrew, english = Mail.objects.order_by("pk")
    assert (hebrew.to, hebrew.language) == ("dana@example.test", "he")
    assert unseal(bytes(english.sealed))["text"].startswith("Siach cannot hear")
    assert (
        f"https://siach.example.test/notices/{Notice.objects.latest('pk').pk}/" in unseal(bytes(english.sealed))["text"]
    )
    assert deliver_due(at=NOW + timedelta(days=1)) == 0


def test_nothing_goes_to_who_left_since(world: World, mailing: None) -> None:
    prefer(world.dana)
    notify(world, world.dana)
    plan_new(at=NOW)
    Membership.objects.filter(user=world.dana).delete()
    deliver_due(at=NOW)
    assert not Mail.objects.exists()


# Push: a browser and its push service, as the standard has them


class Browser:
    """A browser's keys, and the standard's own way to open what was pushed to it."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.auth = b"0123456789abcdef"

    @property
    def keys(self) -> dict[str, str]:
        return {
            name: urlsafe_b64encode(value).rstrip(b"=").decode()
            for name, value in (("p256dh", self.public), ("auth", self.auth))
        }

    def open(self, body: bytes) -> dict:
        """RFC 8188 and 8291: salt, record size, the sender's key, one record that ends in 2."""
        salt, (_size, length) = body[:16], struct.unpack("!LB", body[16:21])
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\x00" + self.public + theirs
        secret = HKDF(hashes.SHA256(), 32, self.auth, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(secret)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(secret)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\x02")
        return json.loads(plain[:-1])


class Endpoint:
    """A server on this machine that keeps what it gets and answers `status`."""

    def __init__(self) -> None:
        self.status, self.got = 201, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.got.append((dict(self.headers.items()), body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_args) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def endpoint(monkeypatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("SIACH_ALLOW_LOCAL_NETWORKS", "1")
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


def subscribed(world: World, endpoint: Endpoint, browser: Browser, path: str = "a") -> PushSubscription:
    address = f"http://{endpoint.address}/{path}"
    return push.subscribe(user=world.dana, endpoint=address, agent="Firefox", at=NOW, **browser.keys)


def test_a_push_is_opened_by_its_browser_alone_and_names_nobody(world: World, endpoint: Endpoint) -> None:
    browser = Browser()
    subscribed(world, endpoint, browser)
    prefer(world.dana)
    world.dana.language = "en"
    world.dana.save()
    notice = notify(world, world.dana, level=3)
    plan_new(at=NOW)
    deliver_due(at=NOW)
    ((headers, body),) = endpoint.got
    assert browser.open(body) == {
        "words": "A source needs attention.",
        "language": "en",
        "url": f"/notices/{notice.pk}/",
        "tag": f"notice-{notice.pk}",
    }
    assert headers["content-encoding"] == "aes128gcm"
    with pytest.raises(Exception, match=""):
        Browser().open(body)
    token, _, key = headers["authorization"].removeprefix("vapid t=").partition(", k=")
    assert key == push.public_key()
    public = push.PushKeys.objects.get().public
    assert jwt.decode(token, public, algorithms=["ES256"], audience="http://127.0.0.1")["sub"].startswith("mailto:")


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(world: World, endpoint: Endpoint, status: int) -> None:
    subscribed(world, endpoint, Browser())
    prefer(world.dana)
    endpoint.status = status
    notify(world, world.dana)
    plan_new(at=NOW)
    deliver_due(at=NOW)
    assert not PushSubscription.objects.exists()
    assert not NoticeDelivery.objects.filter(channel="push", done_at=None).exists()


def test_a_push_service_that_fails_is_tried_again_and_then_no_more(world: World, endpoint: Endpoint) -> None:
    subscribed(world, endpoint, Browser())
    prefer(world.dana, rules={"mail": dict.fromkeys(ALL, NEVER), "push": ALL})
    endpoint.status = 503
    notify(world, world.dana)
    plan_new(at=NOW)
    for hour in range(8):
        deliver_due(at=NOW + timedelta(hours=hour))
    assert len(endpoint.got) == 4
    assert NoticeDelivery.objects.get().error == "the push service answered 503"


def test_a_browser_with_bad_keys_or_an_open_address_is_refused(world: World, monkeypatch) -> None:
    monkeypatch.delenv("SIACH_ALLOW_LOCAL_NETWORKS", raising=False)
    keys = Browser().keys
    for wrong in (
        {"endpoint": "http://push.example/x", **keys},
        {"endpoint": "https://push.example/x", **keys, "auth": "short"},
        {"endpoint": "https://push.example/x", **keys, "p256dh": "%%%"},
        {"endpoint": "", "p256dh": "", "auth": ""},
    ):
        answer = world.client(world.dana).post("/account/notices/browser/", wrong)
        assert answer.status_code == 302
        assert not PushSubscription.objects.exists()


def test_a_push_into_the_inner_network_is_refused(world: World, monkeypatch) -> None:
    monkeypatch.delenv("SIACH_ALLOW_LOCAL_NETWORKS", raising=False)
    for inside in ("https://127.0.0.1/x", "https://10.0.0.7/x", "https://[::1]/x", "https://169.254.169.254/x"):
        with pytest.raises(outside.NetworkError):
            outside.post_bytes(inside, b"", {})


def test_a_browser_is_its_owners_alone(world: World, endpoint: Endpoint) -> None:
    mine = subscribed(world, endpoint, Browser())
    for other in (world.omer, world.noam):
        assert world.client(other).post(f"/account/notices/browser/{mine.pk}/remove/").status_code == 404
    world.client(world.dana).post(f"/account/notices/browser/{mine.pk}/remove/")
    assert not PushSubscription.objects.exists()


def test_of_many_browsers_the_newest_ten_stay(world: World, endpoint: Endpoint) -> None:
    for n in range(12):
        address = f"http://{endpoint.address}/{n}"
        push.subscribe(user=world.dana, endpoint=address, agent="", at=NOW + timedelta(minutes=n), **Browser().keys)
    assert PushSubscription.objects.count() == 10
    assert not PushSubscription.objects.filter(endpoint__endswith="/0").exists()


# Integrations


def test_a_service_hears_of_each_thing_once_and_without_names(world: World, endpoint: Endpoint) -> None:
    add_service(org=world.org, name="צוות", address=f"json://{endpoint.address}/", least_level=3, by=world.noam, at=NOW)
    for user in (world.dana, world.yael):
        tell(
            "source.deaf",
            to=[user],
            org=world.org,
            brand=world.brand,
            level=3,
            subject=world.source,
            url=("sources", {}),
            at=NOW,
        )
    notify(world, world.ido, level=2, once="calm")
    plan_new(at=NOW)
    deliver_due(at=NOW)
    ((_headers, body),) = endpoint.got
    said = json.loads(body)["message"]
    assert said.startswith("יש מקור שדורש תשומת לב.")
    assert "lumika" not in said.lower()


def test_a_service_in_the_inner_network_is_not_spoken_to(world: World, endpoint: Endpoint, monkeypatch) -> None:
    monkeypatch.delenv("SIACH_ALLOW_LOCAL_NETWORKS")
    assert not outside.say(f"json://{endpoint.address}/", "Siach", "words")
    assert not outside.say(f"json://localhost:{endpoint.server.server_port}/", "Siach", "words")
    assert not endpoint.got


@pytest.mark.parametrize("address", ["", "nonsense", "syslog://", "mailto://a:b@example.test", "file:///etc/passwd"])
def test_an_address_that_is_no_web_service_is_refused(world: World, address: str) -> None:
    with pytest.raises(NoService):
        add_service(org=world.org, name="", address=address, least_level=3, by=world.noam, at=NOW)


def test_the_address_of_a_service_is_sealed_and_removed_with_it(world: World) -> None:
    service = add_service(
        org=world.org, name="", address="json://example.test/secret", least_level=3, by=world.noam, at=NOW
    )
    assert b"secret" not in bytes(NoticeService.objects.get().sealed)
    remove_service(service=service, by=world.noam, at=NOW)
    assert not NoticeService.objects.exists()


# My account


@pytest.mark.parametrize(("language", "heading"), [("he", "ההתראות שלי"), ("en", "My notices")])
def test_a_person_chooses_in_both_languages(world: World, language: str, heading: str) -> None:
    world.dana.language = language
    world.dana.save()
    client = world.client(world.dana, language)
    page = client.get("/account/notices/").text
    assert f"<h1>{heading}</h1>" in page
    said = {f"{channel}_{noun}": 4 for channel in ("mail", "push") for noun in ALL}
    said |= {"quiet_from": "21:30", "quiet_to": "06:00", "cap": 5, "has_brief": "on", "brief_days": [6, 0]}
    assert client.post("/account/notices/", said).status_code == 302
    kept = NoticePreferences.objects.get()
    assert (kept.user, kept.cap, kept.quiet_from, kept.keeps_holidays) == (world.dana, 5, time(21, 30), False)
    assert (kept.brief_days, kept.rules["mail"]["case"]) == ([0, 6], 4)


def test_half_a_night_is_refused(world: World) -> None:
    said = {f"{channel}_{noun}": 4 for channel in ("mail", "push") for noun in ALL} | {"quiet_from": "21:30", "cap": 5}
    assert world.client(world.dana).post("/account/notices/", said).status_code == 422
    assert not NoticePreferences.objects.exists()


def test_the_words_of_a_locked_screen_name_no_one(world: World) -> None:
    notice = notify(world, world.dana)
    for language in ("he", "en"):
        assert "lumika" not in words.generic(notice, language).lower()
