"""What was erased is remembered by hash, also where the copies are."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from siach.launch.erasures import Erasure, entries
from siach.org.erased import hash_of, remember

AT = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.SIACH_HOME = tmp_path / "home"
    settings.SIACH_BACKUP_FOLDER = tmp_path / "copies"
    settings.SIACH_HOME.mkdir()
    return settings.SIACH_HOME


def test_it_stands_at_home_and_beside_the_copies(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    remember("author", "bluesky", "did:plc:shira", at=AT)
    line = Erasure("author", hash_of("author", "bluesky", "did:plc:shira"), AT)
    assert entries(home) == entries(tmp_path / "copies") == [line]


def test_an_unreachable_folder_of_copies_stops_no_erasure(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    remember("author", "bluesky", "did:plc:shira", at=AT)
    assert len(entries(home)) == 1
    assert "could not be put beside the copies" in caplog.text
