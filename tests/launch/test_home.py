"""The data folder: found, stamped, refused when newer."""

import os
from pathlib import Path

import pytest

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
