"""Every way in leaves a line in the log: by which way, with what outcome, of whom by number, and no word of anybody."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from siach.launch.logs import Json, Plain
from siach.org.actions import sign_in_link
from siach.org.factors import Sealed
from tests.org.test_enter import with_password
from tests.world import PASSWORD, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def told(db: None) -> Iterator[Callable[[], list[tuple[Any, ...]]]]:
    """What the log says of sign-ins since it was asked last, as (way, outcome, user)."""
    cache.clear()
    kept, log = Kept(), logging.getLogger("siach.org.signing")
    log.addHandler(kept)
    level = log.level
    log.setLevel(logging.INFO)

    def asked() -> list[tuple[Any, ...]]:
        lines = [json.loads(Json().format(record)) for record in kept.records]
        for record in kept.records:
            assert "@" not in Plain().format(record) and "Noam" not in Plain().format(record)
        kept.records.clear()
        return [(line.get("way"), line["outcome"], line["user"]) for line in lines]

    yield asked
    log.removeHandler(kept)
    log.setLevel(level)


def test_a_password_that_fits_one_that_does_not_and_one_too_many(world: World, told: Any) -> None:
    noam = with_password(world.noam)
    given = {"login": noam.email, "password": PASSWORD}
    Client().post("/account/login/", given)
    assert told() == [("password", "in", noam.pk)]
    for _try in range(5):
        Client().post("/account/login/", given | {"password": "guess"})
    assert told() == [("password", "refused", noam.pk)] * 5
    Client().post("/account/login/", given)
    assert told() == [("password", "limited", noam.pk)]
    Client().post("/account/login/", {"login": "nobody@example.test", "password": "guess"})
    assert told() == [("password", "refused", None)]


def test_a_flood_is_told_by_its_way(world: World, told: Any) -> None:
    for attempt in range(31):
        Client().post("/account/login/", {"login": f"{attempt}@example.test", "password": "guess"})
    assert told()[-1] == ("password", "limited", None)
    for _try in range(21):
        Client().post("/account/passkey/", {"credential": "{}"})
    assert told() == [("passkey", "refused", None)] * 20 + [("passkey", "limited", None)]


def test_a_link_that_opens_and_one_that_does_not(world: World, told: Any) -> None:
    Client().post(sign_in_link(at=timezone.now(), address="http://testserver", user=world.noam))
    assert told() == [("link", "in", world.noam.pk)]
    Client().post("/enter/nothing/")
    Client().get("/invitation/nothing/")
    assert told() == [("link", "refused", None)] * 2


def test_a_second_step_is_told_by_itself(world: World, told: Any) -> None:
    noam = with_password(world.noam)
    Authenticator.objects.create(user=noam, type="totp", data={"secret": Sealed().encrypt(SECRET)})
    client = Client()
    client.post("/account/login/", {"login": noam.email, "password": PASSWORD})
    assert told() == [], "nobody is in before the second step"
    client.post("/account/second-step/", {"code": "000000"})
    assert told() == [("code", "refused", noam.pk)]
    code = format_hotp_value(hotp_value(SECRET, list(yield_hotp_counters_from_time())[1]))
    client.post("/account/second-step/", {"code": code})
    assert told() == [("password", "in", noam.pk), ("code", "in", noam.pk)]
    client.post("/account/confirm/", {"password": "guess"})
    client.post("/account/confirm/", {"password": PASSWORD})
    assert told() == [("password", "refused", noam.pk), ("password", "in", noam.pk)]


def test_what_the_provider_did_not_let_through(world: World, told: Any, settings: Any) -> None:
    settings.SIACH_OIDC = {"issuer": "http://localhost:1", "client": "c", "secret": "s", "name": "Lumika ID"}
    Client().get("/account/sso/back/", {"state": "x", "code": "y"})
    assert told() == [("provider", "refused", None)]
    for _try in range(21):
        answer = Client().post("/account/sso/")
    assert answer.status_code == 429 and told()[-1] == ("provider", "limited", None)
