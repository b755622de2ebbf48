"""Every way a server fails becomes the one right NetworkError, and the inner network stays shut."""

import socket
from datetime import UTC, datetime, timedelta

import pytest

from siach.networks.contract import NetworkError
from siach.networks.guard import ALLOW_LOCAL, check_address, check_base_url
from siach.networks.http import Http, Refused, reset_time
from tests.networks.bad_server import FAULTS, BadServer

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
READS = {
    **dict.fromkeys(FAULTS, "retry_at"),
    **dict.fromkeys(("elsewhere", "forbidden", "gone"), "never"),
    "unauthorised": "renew",
}
WRITES = {
    **dict.fromkeys(FAULTS, "unknown"),
    **dict.fromkeys(("elsewhere", "forbidden", "gone"), "never"),
    "throttled": "retry_at",
    "unauthorised": "renew",
}


@pytest.fixture
def door(bad: BadServer):
    http = Http(bad.url, clock=lambda: NOW, sleep=lambda _: None, seconds=1.0)
    yield http
    http.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_read_that_fails(bad: BadServer, door: Http, fault: str) -> None:
    bad.spoil(fault, times=2)
    with pytest.raises(NetworkError) as failure:
        door.get("/thing")
    assert failure.value.then == READS[fault]


@pytest.mark.parametrize("fault", FAULTS)
def test_write_that_fails_is_tried_once(bad: BadServer, door: Http, fault: str) -> None:
    bad.spoil(fault)
    with pytest.raises(NetworkError) as failure:
        door.post("/thing", {"text": "שלום"})
    assert failure.value.then == WRITES[fault]
    assert [request.body for request in bad.taken] == [{"text": "שלום"}]


def test_read_is_tried_again_after_a_lost_connection(bad: BadServer, door: Http) -> None:
    bad.answers["/thing"] = lambda query, body: {"found": query["q"]}
    bad.spoil("reset")
    assert door.get("/thing", {"q": "א ב", "yes": True}) == {"found": ["א ב"]}
    assert [request.params["yes"] for request in bad.taken] == [["true"], ["true"]]


def test_throttled_names_the_time(bad: BadServer, door: Http) -> None:
    bad.spoil("throttled")
    with pytest.raises(Refused) as refusal:
        door.get("/thing")
    assert refusal.value.at == NOW + timedelta(seconds=120)
    assert (refusal.value.status, refusal.value.code) == (429, "Spoilt")


def test_nobody_listens(local: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        door = Http(f"http://127.0.0.1:{taken.getsockname()[1]}")
        for call in (door.get, door.post):
            with pytest.raises(NetworkError) as failure:
                call("/thing")
            assert failure.value.then == "retry_at"


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [
        ("retry-after", "30", 30),
        ("retry-after", "Tue, 24 Nov 2026 08:01:00 GMT", 60),
        ("ratelimit-reset", str(int(NOW.timestamp()) + 90), 90),
        ("x-ratelimit-reset", "2026-11-24T08:05:00Z", 300),
        ("retry-after", "-5", 0),
        ("retry-after", "99999999", 86_400),
    ],
)
def test_dialects_of_reset(header: str, value: str, seconds: int) -> None:
    assert reset_time({header: value}, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "1e400"])
def test_unreadable_reset_is_none(value: str) -> None:
    assert reset_time({"retry-after": value}, NOW) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://bsky.social",
        "ftp://bsky.social",
        "https://",
        "bsky.social",
        "https://me:secret@bsky.social",
        "https://bsky.social/xrpc",
        "https://bsky.social?x=1",
        "https://bsky.social:port",
        "https://[::1",
    ],
)
def test_what_is_no_server_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_LOCAL, raising=False)
    with pytest.raises(NetworkError) as failure:
        check_base_url(url)
    assert failure.value.then == "never"


def test_server_address_is_cleaned() -> None:
    assert check_base_url(" https://Bsky.Social:8443/ ") == "https://bsky.social:8443"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
    ],
)
def test_inner_addresses_are_refused(address: str) -> None:
    with pytest.raises(NetworkError):
        check_address(address)


def test_public_address_is_let_through() -> None:
    check_address("1.1.1.1")
    check_address("2606:4700:4700::1111")


def test_name_that_leads_inside_is_refused_before_connecting(bad: BadServer, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Http(bad.url)
    monkeypatch.delenv(ALLOW_LOCAL)
    with pytest.raises(NetworkError, match="private network") as failure:
        door.get("/thing")
    assert failure.value.then == "never"
    assert bad.taken == []
