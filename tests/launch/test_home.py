"""The data folder: found, stamped, refused when newer; its key ring made once and never replaced."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from siach import __version__
from siach.launch import CannotStart, home


def test_siach_home_names_it() -> None:
    assert home.home_folder({"SIACH_HOME": "/somewhere/siach"}) == Path("/somewhere/siach")


def test_a_user_has_it_in_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("sys.platform", "linux")
    assert home.home_folder({"XDG_DATA_HOME": "/people/dana/data"}) == Path("/people/dana/data/siach")
    assert home.home_folder({}) == Path.home() / ".local" / "share" / "siach"


def test_root_has_it_where_the_database_can_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert home.home_folder({}) == Path("/var/lib/siach")


def test_the_key_ring_is_made_once_and_closed(tmp_path: Path) -> None:
    first = home.open_home(tmp_path / "home")
    ring = tmp_path / "home" / "keyring.json"
    assert ring.stat().st_mode & 0o777 == 0o600
    assert home.open_home(tmp_path / "home") == first
    Fernet(first.fernet_keys[0])
    assert len(first.secret_key) >= 50


def test_two_at_once_make_one_key_ring(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: home.key_ring(tmp_path), range(8)))
    assert all(ring == rings[0] for ring in rings)
    assert [file.name for file in tmp_path.iterdir()] == ["keyring.json"]


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"secret_key": "x"}'])
def test_a_broken_key_ring_is_not_replaced(tmp_path: Path, broken: str) -> None:
    """A new ring in its place would make every sealed grant unreadable for good."""
    ring = tmp_path / "keyring.json"
    ring.write_text(broken)
    with pytest.raises(CannotStart, match="from a backup"):
        home.open_home(tmp_path)
    assert ring.read_text() == broken


def test_a_newer_data_folder_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("99.0.0\n")
    with pytest.raises(CannotStart, match=r"belongs to Siach 99\.0\.0.*Nothing was changed"):
        home.open_home(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["VERSION"]


def test_an_older_data_folder_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("0.0.9\n")
    home.open_home(tmp_path)
    assert (tmp_path / "VERSION").read_text().strip() == __version__


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotStart, match="cannot be used"):
        home.open_home(tmp_path / "file" / "home")


def test_an_own_folder_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    home.open_home(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o750


def test_older_keys_stay_in_the_ring(tmp_path: Path) -> None:
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    (tmp_path / "keyring.json").write_text(json.dumps({"secret_key": "s", "fernet_keys": keys}))
    assert home.key_ring(tmp_path) == home.KeyRing("s", keys)
