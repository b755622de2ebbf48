"""An address that a person types must not lead into the network in which this machine stands."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from siach.networks.contract import NetworkError
from siach.networks.guard import ALLOW_LOCAL, check_address, check_base_url
from siach.networks.http import Http, post_bytes
from siach.org.notices import outside
from tests.security.walking import browser

if TYPE_CHECKING:
    from tests.world import World

INSIDE = (
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:c0a8:101::",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
)
OUTSIDE = ("1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::")
SPELLINGS = (
    "https://127.0.0.1",
    "https://127.1",
    "https://2130706433",
    "https://0x7f000001",
    "https://0177.0.0.1",
    "https://localhost",
    "https://LOCALHOST.",
    "https://[::1]",
    "https://[::ffff:7f00:1]",
    "https://[0:0:0:0:0:0:0:1]",
    "https://0",
    "https://169.254.169.254",
    "https://127.0.0.1:5432",
)
NO_ADDRESSES = (
    "http://example.com",
    "file:///etc/passwd",
    "gopher://example.com",
    "ftp://example.com",
    "unix:///run/postgres",
    "https://example.com/path",
    "https://example.com?x=1",
    "https://example.com#x",
    "https://user:word@example.com",
    "https://example.com:99999",
    "https://example.com\r\nHost: inside",
    "https://",
    "//example.com",
    "javascript:alert(1)",
)


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_LOCAL, raising=False)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused(guarded: None, address: str) -> None:
    with pytest.raises(NetworkError):
        check_address(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_let_through(guarded: None, address: str) -> None:
    check_address(address)


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_server_of_the_open_network(guarded: None, url: str) -> None:
    with pytest.raises(NetworkError):
        check_base_url(url)


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_this_machine_is_connected_to(guarded: None, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    connected: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: connected.append(where))
    with pytest.raises(NetworkError):
        Http(url, sleep=lambda seconds: None).get("/")
    assert connected == []


def test_a_name_with_one_address_inside_is_refused(guarded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may have several addresses, and may answer otherwise the second time: each that is used is checked."""
    answers = iter([["8.8.8.8", "10.0.0.1"], ["10.0.0.1"]])

    def found(host: str, port: int, *args: object, **kwargs: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in next(answers)]

    connected: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: connected.append(where))
    for _ in range(2):
        door = Http("https://rebinding.example", sleep=lambda seconds: None)
        with pytest.raises(NetworkError, match="private"):
            door.get("/")
        door.close()
    assert connected == []


def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server outside may answer with an address inside: the answer is an error, and nobody is asked there."""
    monkeypatch.setenv(ALLOW_LOCAL, "1")
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            for _ in range(2):
                try:
                    caller, _where = server.accept()
                except OSError:
                    return
                asked.append(caller.recv(4000).split(b"\r\n")[0])
                where = f"Location: http://127.0.0.1:{port}/inside\r\n".encode()
                caller.sendall(b"HTTP/1.1 302 Found\r\n" + where + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
                caller.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        door = Http(f"http://127.0.0.1:{port}", sleep=lambda seconds: None)
        with pytest.raises(NetworkError, match="302"):
            door.get("/outside")
        door.close()
    assert asked == [b"GET /outside HTTP/1.1"]


def test_the_page_that_connects_an_account_refuses_them(
    world: World, guarded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[object] = []
    real = socket.socket.connect

    def connect(self: socket.socket, where: object) -> object:
        if self.family == socket.AF_UNIX:
            return real(self, where)  # type: ignore[arg-type]
        connected.append(where)
        raise OSError

    monkeypatch.setattr(socket.socket, "connect", connect)
    for url in (*SPELLINGS[:6], *NO_ADDRESSES[:6]):
        told = {"f_service": url, "f_handle": "lumika.example", "f_password": "abcd-efgh-ijkl-mnop"}
        answer = browser(world.noam).post("/sources/connect/bluesky/", told)
        assert answer.status_code == 422 and connected == [], url
        assert "abcd-efgh-ijkl-mnop" not in answer.text
    for url in SPELLINGS:
        told = {"f_server": url, "f_token": "abcd-efgh-ijkl-mnop"}
        answer = browser(world.noam).post("/sources/connect/mastodon/", told)
        assert answer.status_code == 422 and connected == [], url
        assert "abcd-efgh-ijkl-mnop" not in answer.text


@pytest.fixture
def connected(guarded: None, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Where somebody tried to connect to; nobody gets there."""
    tried: list[object] = []

    def connect(self: socket.socket, where: object) -> None:
        tried.append(where)
        raise OSError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1:5432/",
        "jsons://localhost/inside",
        "xml://[::1]/",
        "form://169.254.169.254/latest/meta-data",
        "ntfys://127.1/topic",
        "gotify://0.0.0.0/token",
        "mailto://me:word@127.0.0.1",
        "syslog://127.0.0.1",
        "file:///etc/passwd",
        "dbus://",
    ],
)
def test_no_service_for_notices_leads_inside(connected: list[object], address: str) -> None:
    assert outside.say(address, "A title", "A text") is False
    assert connected == []


@pytest.mark.parametrize("url", [f"{one}/push/1" for one in SPELLINGS] + ["http://8.8.8.8/push", "file:///etc/passwd"])
def test_no_push_leads_inside(connected: list[object], url: str) -> None:
    with pytest.raises(NetworkError):
        post_bytes(url, b"sealed", {})
    assert connected == []
