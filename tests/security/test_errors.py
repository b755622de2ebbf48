"""When something breaks, the page says so without a word of what broke, and the log without a word of anybody."""

from __future__ import annotations

import logging
import logging.config
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from tests.org.test_enter import with_password
from tests.security.walking import address, browser, names

if TYPE_CHECKING:
    from tests.org.test_routes import Lumika
    from tests.world import World

PLANTED = "planted-in-the-depths"
INSIDES = (
    "Traceback",
    "site-packages",
    "siach/insight",
    'File "',
    "psycopg",
    "SECRET_KEY",
    "DJANGO",
    "fernet",
    PLANTED,
)


class Boom(Exception):
    pass


def breaking(*args: object, **kwargs: object) -> None:
    secret = f"local {PLANTED}"
    raise Boom(f"{PLANTED} {secret}")


@pytest.mark.parametrize("language", ["he", "en"])
def test_a_page_that_breaks_shows_nothing_of_its_insides(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr("siach.insight.pages.today.queries.today", breaking)
    client = browser(world.noam, language=language)
    client.raise_request_exception = False
    answer = client.get("/", {"q": PLANTED})
    assert answer.status_code == 500
    assert not [word for word in INSIDES if word in answer.text]
    assert world.noam.email not in answer.text and "לומיקה" not in answer.text


def test_an_error_page_of_every_kind_is_ours(world: World) -> None:
    client = browser(world.noam, csrf=True)
    client.raise_request_exception = False
    answers = {
        400: client.get("/", headers={"host": f"{PLANTED}.example"}),
        403: client.post("/language/", {"language": PLANTED}),
        404: client.get(f"/{PLANTED}/"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert not [word for word in INSIDES[:-1] if word in answer.text], status


def test_a_not_found_names_no_route(world: World) -> None:
    """The list of addresses that Django shows while debugging."""
    text = Client().get("/nothing/").text
    assert "urlpatterns" not in text and "enter/" not in text.replace("/account/", "")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What a running Siach would write to its log, at its most talkative."""
    written = StringIO()
    kept = {name: (list(found.handlers), found.level, found.propagate) for name, found in _loggers().items()}
    logging.config.dictConfig({**settings.LOGGING, "disable_existing_loggers": False})
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(written)
    logging.getLogger().setLevel(logging.INFO)
    yield written
    for name, found in _loggers().items():
        if name in kept:
            found.handlers, level, found.propagate = list(kept[name][0]), kept[name][1], kept[name][2]
            found.setLevel(level)


def _loggers() -> dict[str, logging.Logger]:
    known = {name: logging.getLogger(name) for name in logging.root.manager.loggerDict}
    return {"": logging.getLogger(), **known}


def test_the_log_holds_the_fault_and_nobody(world: World, monkeypatch: pytest.MonkeyPatch, log: StringIO) -> None:
    monkeypatch.setattr("siach.insight.pages.today.queries.today", breaking)
    client = browser(world.noam)
    client.raise_request_exception = False
    client.get("/", {"q": "what-somebody-sought"})
    said = log.getvalue()
    assert "Boom" in said and "test_errors" in said, "the fault and its place are there to be mended"
    assert PLANTED not in said and "what-somebody-sought" not in said and world.noam.email not in said


def test_signing_in_leaves_no_word_in_the_log(world: World, log: StringIO) -> None:
    noam = with_password(world.noam)
    for word in ("a wrong passphrase", "another wrong one"):
        Client().post("/account/login/", {"login": noam.email, "password": word})
        assert word not in log.getvalue()
    assert noam.email not in log.getvalue()


def test_walking_everywhere_leaves_nobody_in_the_log(lumika: Lumika, log: StringIO) -> None:
    client = browser(lumika.world.noam)
    client.raise_request_exception = False
    for name in names():
        client.get(address(lumika, name), {"q": "what-somebody-sought", "before": "x"})
        client.post(address(lumika, name), {"text": "what-somebody-wrote", "password": "what-somebody-typed"})
    said = log.getvalue()
    assert not [word for word in ("somebody", "noam@", "לומיקה", "המנורה", "customer") if word in said]


def test_a_line_of_the_log_cannot_be_forged(log: StringIO) -> None:
    """What a caller puts into an address stands within one line."""
    Client().get("/nothing/%0aERROR%20root:%20forged%0d%0a2026-11-25%20CRITICAL%20forged")
    Client().get("/", headers={"host": "evil.example\x1b[31m"})
    assert not [
        line for line in log.getvalue().splitlines() if line.startswith(("ERROR root: forged", "2026-11-25 CRIT"))
    ]
    assert "\x1b" not in log.getvalue()
