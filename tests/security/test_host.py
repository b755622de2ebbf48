"""The name in a request's Host is the caller's to choose: no page, link or redirect believes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.security.walking import address, browser, names

if TYPE_CHECKING:
    from tests.org.test_routes import Lumika


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "[::1"])
def test_a_foreign_host_gets_no_page(lumika: Lumika, host: str) -> None:
    inside, outside = browser(lumika.world.noam), Client()
    for name in names():
        for client in (inside, outside):
            answer = client.get(address(lumika, name), headers={"host": host})
            assert answer.status_code == 400, (name, answer.status_code)
            assert "evil" not in answer.text and "evil" not in answer.headers.get("Location", "")


def test_a_forwarded_host_is_not_believed(lumika: Lumika) -> None:
    told = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-host": "evil.example"}
    client = browser(lumika.world.noam)
    for name in names():
        answer = client.get(address(lumika, name), headers=told)
        assert "evil.example" not in answer.headers.get("Location", ""), name
        assert b"evil.example" not in answer.getvalue(), name


def test_only_our_own_names_are_answered(settings: object) -> None:
    from siach.settings import ALLOWED_HOSTS

    assert set(ALLOWED_HOSTS) == {"localhost", "127.0.0.1"}
