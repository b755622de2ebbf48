"""The log of a busy hour holds a line for each request, and nobody."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from siach.care.models import Case
from siach.launch.logs import Json
from siach.org.actions import sign_in_link
from tests.world import NOW, World, said

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT, SECRET = "המנורה של לומיקה הגיעה שבורה", "ShiraSaidThis"
Lines = list[dict[str, object]]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process would print with SIACH_LOG_FORMAT=json and SIACH_LOG=DEBUG."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Json())
    names = ("", "django", "siach.ui.access")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    for name in ("", "django"):
        logging.getLogger(name).addHandler(handler)
    yield out
    for name in ("", "django"):
        logging.getLogger(name).removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(log: io.StringIO) -> Lines:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_route(world: World, log: io.StringIO) -> None:
    world.hear(said("1", TEXT, reason="mention"))
    case = Case.objects.get()
    answer = world.client(world.dana).get(f"/inbox/{case.pk}/?q={SECRET}", headers={"X-Request-Id": "0123abcd-77"})
    (line,) = (one for one in lines(log) if one["logger"] == "siach.ui.access")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/inbox/<int:pk>/", 200)
    assert line["user"] == world.dana.pk and float(str(line["ms"])) > 0
    assert line["request"] == answer.headers["X-Request-Id"] == "0123abcd-77"


@pytest.mark.parametrize("given", ["", "short", "with words in it", SECRET, "a" * 37])
def test_an_odd_id_is_replaced(db: None, given: str) -> None:
    answer = Client().get("/health", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] not in ("", given)


def test_the_log_of_a_busy_hour_holds_nobody(world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    link = sign_in_link(at=NOW, address="http://testserver", user=world.noam)
    token = link.rstrip("/").rpartition("/")[2]
    Client().get(link)
    Client().post("/account/login/", {"login": "dana@example.test", "password": SECRET})
    world.hear(said("1", f"{TEXT} {SECRET}", reason="mention", by="shirap"))
    case, client = Case.objects.get(), world.client(world.dana)
    client.get(f"/stream/?q={SECRET}")
    client.post(f"/inbox/{case.pk}/answer/", {"body": SECRET})
    client.get(f"/nothing/{SECRET}/")
    Client(headers={"host": f"{SECRET}.test"}).get("/")
    monkeypatch.setattr(
        "siach.org.pages.health._findings", lambda asked: (_ for _ in ()).throw(ValueError(SECRET + TEXT))
    )
    failing = Client(raise_request_exception=False)
    assert failing.get("/health").status_code == 500
    told = log.getvalue()
    assert len([one for one in lines(log) if one["logger"] == "siach.ui.access"]) >= 7
    assert "builtins.ValueError" in told
    for marker in (SECRET, SECRET.lower(), "לומיקה", "dana@", "example.test", token, "shirap", settings.SECRET_KEY):
        assert marker not in told, next(line for line in told.splitlines() if marker in line)
