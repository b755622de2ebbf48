"""What one person may ask, search and take along in a while; what is beyond is refused in words and told to the log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client

from siach import settings as ours
from siach.org.limits import EXPORTS
from tests.org.test_routes import lumika as everything

if TYPE_CHECKING:
    from tests.org.test_routes import Lumika
    from tests.world import World

__all__ = ["everything"]


@pytest.fixture(autouse=True)
def limits(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are outside the tests, at a moment that stands still."""
    cache.clear()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    settings.ACCOUNT_RATE_LIMITS = dict(ours.ACCOUNT_RATE_LIMITS)
    settings.SIACH_REQUESTS_A_MINUTE = ours.SIACH_REQUESTS_A_MINUTE


def test_the_limits_are_generous() -> None:
    assert (ours.ACCOUNT_RATE_LIMITS["search"], ours.ACCOUNT_RATE_LIMITS["export"]) == ("120/m/key", "20/h/key")
    assert ours.SIACH_REQUESTS_A_MINUTE == 1_200


@pytest.mark.parametrize(("language", "words"), [("he", "יותר מדי בבת אחת"), ("en", "Too much at once")])
def test_searches_end_in_words_for_this_person_alone(
    world: World, settings: Any, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"search": "3/m/key"}
    world.dana.language = language
    world.dana.save()
    mine, other = world.client(world.dana, language), world.client(world.noam)
    again = world.client(world.dana, language)
    assert [mine.get("/stream/?q=x").status_code for _one in range(3)] == [200] * 3
    refused = again.get("/stream/?q=x")
    assert refused.status_code == 429 and words in refused.text, "another browser of the same person"
    assert mine.get("/stream/").status_code == mine.get("/stream/?q=").status_code == 200, "reading goes on"
    assert other.get("/stream/?q=x").status_code == 200
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert mine.get("/stream/?q=x").status_code == 200


def test_files_end_after_so_many_and_are_told(world: World, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"export": "2/h/key"}
    client = world.client(world.noam)
    assert [client.get("/activity/activity.csv").status_code for _one in range(3)] == [200, 200, 429]
    (told,) = [one for one in caplog.records if one.name == "siach.org.signing"]
    assert (told.outcome, told.user, told.getMessage()) == ("limited", world.noam.pk, "limit")  # type: ignore[attr-defined]
    assert client.get("/activity/").status_code == 200


def test_requests_at_all_end_for_a_minute(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SIACH_REQUESTS_A_MINUTE = 5
    client = world.client(world.dana)
    assert [client.get("/account/sign-in/").status_code for _one in range(6)] == [200] * 5 + [429]
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get("/account/sign-in/").status_code == 200
    door = Client()
    assert [door.get("/account/login/").status_code for _one in range(8)] == [200] * 8, (
        "who is no person is not counted"
    )


def test_whatever_leaves_as_a_file_is_counted(everything: Lumika) -> None:
    """Every address that answers with a file to be kept stands among the exports."""
    client, found = everything.world.client(everything.world.noam), set()
    for name in [*everything.arguments, "activity_file"]:
        answer = client.get(everything.url(name))
        if answer.headers.get("Content-Disposition", "").startswith("attachment"):
            found.add(name)
    assert {"activity_file", "refused_rows", "evidence_file"} <= found <= EXPORTS, found
