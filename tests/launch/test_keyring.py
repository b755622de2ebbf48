"""The key ring: made once, never replaced by a new one, and changed in one step."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from siach.launch import CannotStart
from siach.launch.home import open_home
from siach.launch.keyring import KeyRing, amend, key_ring, with_new_keys


def test_it_is_made_once_and_closed(tmp_path: Path) -> None:
    first = open_home(tmp_path / "home")
    ring = tmp_path / "home" / "keyring.json"
    assert ring.stat().st_mode & 0o777 == 0o600
    assert open_home(tmp_path / "home") == first
    Fernet(first.fernet_keys[0])
    assert len(first.secret_key) >= 50
    assert first.old_secret_keys == []


def test_two_at_once_make_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: key_ring(tmp_path), range(8)))
    assert all(ring == rings[0] for ring in rings)
    assert [file.name for file in tmp_path.iterdir()] == ["keyring.json"]


@pytest.mark.parametrize("broken", ["", "{", "[]", "7", '{"secret_key": "x"}'])
def test_a_broken_one_is_not_replaced(tmp_path: Path, broken: str) -> None:
    """A new ring in its place would make every sealed grant unreadable for good."""
    ring = tmp_path / "keyring.json"
    ring.write_text(broken)
    with pytest.raises(CannotStart, match="from a backup"):
        open_home(tmp_path)
    assert ring.read_text() == broken


def test_older_keys_stay_in_it(tmp_path: Path) -> None:
    ring = KeyRing("s", [Fernet.generate_key().decode() for _ in range(2)], "e", ["old"])
    (tmp_path / "keyring.json").write_text(json.dumps(asdict(ring)))
    assert key_ring(tmp_path) == ring


def test_one_made_before_erasures_were_listed_gets_its_key_once(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text(json.dumps({"secret_key": "s", "fernet_keys": ["k"]}))
    with ThreadPoolExecutor(8) as pool:
        rings = set(pool.map(lambda _: key_ring(tmp_path).erasure_key, range(8)))
    assert len(rings) == 1 and len(rings.pop()) >= 50
    assert key_ring(tmp_path).secret_key == "s"


def test_amending_at_once_loses_no_change(tmp_path: Path) -> None:
    key_ring(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: amend(tmp_path, lambda r: replace(r, fernet_keys=[*r.fernet_keys, str(n)])), range(20)))
    assert sorted(key_ring(tmp_path).fernet_keys[1:], key=int) == [str(n) for n in range(20)]
    assert (tmp_path / "keyring.json").stat().st_mode & 0o777 == 0o600


def test_new_keys_stand_before_the_old(tmp_path: Path) -> None:
    old = key_ring(tmp_path)
    new = amend(tmp_path, with_new_keys)
    assert new.fernet_keys[1:] == old.fernet_keys and new.old_secret_keys == [old.secret_key]
    assert new.erasure_key == old.erasure_key and new.secret_key != old.secret_key
