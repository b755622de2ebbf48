"""Keys of one's own: moved, switched off, kept for the person and for nobody else."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.test import Client

from siach.ui.keys import KEYS, code_of, letter_of
from tests.world import World

pytestmark = pytest.mark.django_db
ADDRESS = "/account/keys/"


def letters(**changed: str) -> dict[str, str]:
    return {code: letter_of(code) for code in KEYS} | {"on": "on"} | changed


def told(world: World, user: str = "dana") -> dict[str, object]:
    """What a page tells its scripts of this person's keys."""
    page = world.client(getattr(world, user)).get("/").text
    return dict(json.loads(unescape(page.split('data-keys="')[1].split('"')[0])))


def test_a_letter_names_its_place_on_either_layout() -> None:
    assert [code_of(letter) for letter in ("r", "R", "ר", "ש", "ח", "ז")] == [
        "KeyR",
        "KeyR",
        "KeyR",
        "KeyA",
        "KeyJ",
        "KeyZ",
    ]
    assert [code_of(odd) for odd in ("", "1", "rr", "é", " ", "\u05be")] == [""] * 6


@pytest.mark.parametrize("language", ["he", "en"])
def test_moved_keys_are_told_to_every_page_of_this_person(world: World, language: str) -> None:
    world.dana.language = language
    world.dana.save()
    dana = world.client(world.dana)
    assert 'name="KeyR"' in dana.get(ADDRESS).text
    assert dana.post(ADDRESS, letters(KeyR="/")).status_code == 422
    assert dana.post(ADDRESS, letters(KeyR="ק")).status_code == 422, "it is the key of E"
    assert dana.post(ADDRESS, letters(KeyR="ט")).status_code == 302
    assert told(world) == {"off": False, "moved": {"KeyR": "KeyY"}}
    assert 'value="Y"' in dana.get(ADDRESS).text


def test_two_deeds_never_hang_on_one_letter(world: World) -> None:
    dana = world.client(world.dana, "en")
    refused = dana.post(ADDRESS, letters(KeyR="n"))
    assert refused.status_code == 422
    assert told(world) == {}
    assert dana.post(ADDRESS, letters(KeyR="n", KeyN="r")).status_code == 302, "they may change places"
    assert told(world) == {"off": False, "moved": {"KeyR": "KeyN", "KeyN": "KeyR"}}
    assert told(world, "noam") == {}


def test_all_letters_are_switched_off_and_on(world: World) -> None:
    dana = world.client(world.dana)
    dana.post(ADDRESS, letters(KeyR="q"))
    assert dana.post("/account/keys/switch/", {}).status_code == 204
    assert told(world) == {"off": True, "moved": {"KeyR": "KeyQ"}}
    dana.post("/account/keys/switch/", {"on": "1"})
    assert told(world)["off"] is False
    assert dana.get("/account/keys/switch/").status_code == 405
    assert Client().post("/account/keys/switch/", {}).status_code == 302


def test_omers_keys_are_his_own(world: World) -> None:
    world.client(world.omer).post(ADDRESS, letters(KeyR="q"))
    assert told(world) == {} and told(world, "omer")["moved"] == {"KeyR": "KeyQ"}
