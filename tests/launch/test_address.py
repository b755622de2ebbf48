"""Where Siach listens: a taken port and an open interface are told in a sentence."""

import socket

import pytest

from siach.launch import CannotStart
from siach.launch.address import public_address, refuse_taken, wait_for


def test_a_taken_port_names_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is in use on this machine\. Try: \./siach up --port \d+"):
            refuse_taken("127.0.0.1", port)
        assert wait_for("127.0.0.1", port, 1)
    refuse_taken("127.0.0.1", port)
    assert not wait_for("127.0.0.1", port, 0.1)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.com"])
def test_an_open_interface_needs_an_address(host: str) -> None:
    with pytest.raises(CannotStart, match="SIACH_ADDRESS"):
        public_address(host, 8000, {})
    named = {"SIACH_ADDRESS": "https://siach.example.com/"}
    assert public_address(host, 8000, named) == "https://siach.example.com"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_needs_none(host: str) -> None:
    assert public_address(host, 8123, {}) == "http://localhost:8123"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_plain_http_is_for_this_machine_alone(host: str) -> None:
    for address in ("http://siach.example.com", "http://192.0.2.7:8000", "http://0.0.0.0:8000"):
        with pytest.raises(CannotStart, match="in the clear"):
            public_address(host, 8000, {"SIACH_ADDRESS": address})
    for address in ("http://localhost:8000", "http://127.0.0.1:8000/", "http://[::1]:8000"):
        assert public_address(host, 8000, {"SIACH_ADDRESS": address}) == address.rstrip("/")


NONE = """siach.example.com ftp://siach.example.com https:// https://a.example/path https://u:p@a.example
https://a.example:port https://a.example?x=1"""


@pytest.mark.parametrize("address", NONE.split())
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(CannotStart, match="not understood"):
        public_address("127.0.0.1", 8000, {"SIACH_ADDRESS": address})
