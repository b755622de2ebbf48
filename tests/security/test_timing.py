"""Signing in costs the same work for an account that exists and one that does not, and says the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.test import Client

from tests.org.test_enter import with_password

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts what Argon2 was asked for: one for each password hashed or compared."""
    done: list[int] = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counted(self: object, *args: object, real: object = real, **kwargs: object) -> object:
            done.append(1)
            return real(self, *args, **kwargs)  # type: ignore[operator]

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    return done


def tried(login: str, work: list[int]) -> tuple[int, int, str]:
    """What a wrong password costs and says: hashings, status, the page without what differs by nature."""
    cache.clear()
    work.clear()
    page = Client(headers={"accept-language": "en"}).post("/account/login/", {"login": login, "password": "a guess"})
    text = re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken)[^>]*', "", page.text).replace(login, "")
    return len(work), page.status_code, text


def test_known_and_unknown_cost_and_say_the_same(world: World, work: list[int]) -> None:
    known = with_password(world.noam).email
    unknown = "nobody@example.test"
    assert tried(known, work) == tried(unknown, work)
    assert tried(known, work)[0] == 1


def test_who_has_no_password_yet_is_not_told_apart(world: World, work: list[int]) -> None:
    world.dana.set_unusable_password()
    world.dana.save()
    assert tried(world.dana.email, work) == tried("nobody@example.test", work)


def test_who_is_inactive_is_not_told_apart(world: World, work: list[int]) -> None:
    noam = with_password(world.noam)
    noam.is_active = False
    noam.save()
    assert tried(noam.email, work) == tried("nobody@example.test", work)
