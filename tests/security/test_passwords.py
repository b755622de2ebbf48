"""A password is taken as it was typed, of any signs and any length; its fields help whoever keeps them elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from siach.org.actions import Refused, change_password
from siach.org.inviting import accept, invite
from siach.org.models import User
from tests.org.test_enter import with_password
from tests.security.walking import address, browser, names

if TYPE_CHECKING:
    from tests.org.test_routes import Lumika
    from tests.world import World

ODD = (
    "  two spaces before and one behind ",
    "אבגדהו זחטיכל",
    "🙂🙃🙂🙃🙂🙃🙂🙃🙂🙃",
    "aaaaaaaaaaaaab",
    "long " * 60,
    "tab\tand 'marks' \"<b>\" %s",
)


def test_any_signs_and_any_length_are_taken_as_they_are(world: World) -> None:
    for password in ODD:
        cache.clear()
        change_password(user=world.noam, password=password)
        for wrong in (password.strip() if password != password.strip() else password[:-1], password.swapcase() + "x"):
            assert Client().post("/account/login/", {"login": world.noam.email, "password": wrong}).status_code == 422
        cache.clear()
        assert Client().post("/account/login/", {"login": world.noam.email, "password": password}).status_code == 302


@pytest.mark.parametrize("password", ["Siach2026!!", "Lumika-2026", "לומיקה12345", "Dana.Dana.1", "dana@example.test"])
def test_a_password_of_our_own_names_is_refused(world: World, password: str) -> None:
    with pytest.raises(Refused, match="name"), translation.override("en"):
        change_password(user=world.dana, password=password)
    change_password(user=world.dana, password=f"{password} lamps hum at night")


def test_an_agency_may_not_use_its_clients_names_nor_a_guest_the_hosts(world: World) -> None:
    team = world.dana.memberships.get().team
    _row, link = invite(team=team, role="agent", email="maya@else.example", by=world.noam, at=timezone.now())
    token = link.rstrip("/").rpartition("/")[2]
    cases = (
        lambda: change_password(user=world.ido, password="Tamrina2026"),
        lambda: accept(token=token, name="Maya", password="Lumika2026!", at=timezone.now()),
    )
    for deed in cases:
        with pytest.raises(Refused, match="name"), translation.override("en"):
            deed()
    change_password(user=world.omer, password="Tamrina2026")  # neither of his is called so
    assert not User.objects.filter(email="maya@else.example").exists(), "nothing is spent"


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        secret = told.get("name", "") in {"password", "old", "new"} or "password" in told.get("autocomplete", "")
        if tag == "input" and secret:
            self.found.append(told)


def test_every_field_for_a_password_is_masked_and_may_be_filled_by_a_keeper(lumika: Lumika) -> None:
    fields = []
    with_password(lumika.world.noam)
    for client in (browser(lumika.world.noam), Client()):
        for name in names():
            answer = client.get(address(lumika, name))
            if "html" in answer.headers.get("Content-Type", ""):
                parser = _Inputs()
                parser.feed(answer.text)
                fields += parser.found
    assert len(fields) >= 3
    for told in fields:
        assert told["type"] == "password" and told.get("value", "") == "", told
        assert told.get("autocomplete") in {"current-password", "new-password"}, told
        assert not {"onpaste", "readonly", "maxlength"} & set(told), told
