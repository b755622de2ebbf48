"""The copy of every night is made by the command, and only where a folder is named."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from siach.launch.erasures import entries
from siach.org import copying
from siach.org.erased import remember

NIGHT = datetime(2026, 11, 25, 0, 29, tzinfo=UTC)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file that is there once the command ran."""
    script = f"import pathlib, sys; pathlib.Path({str(tmp_path / 'ran')!r}).write_text(' '.join(sys.argv[1:]))"
    monkeypatch.setattr(copying, "COMMAND", [sys.executable, "-c", script, "backup"])
    return tmp_path / "ran"


def test_without_a_folder_there_is_none(ran: Path, settings: Settings) -> None:
    settings.SIACH_BACKUP_FOLDER = None
    assert not copying.copy_when_due(at=NIGHT) and not ran.exists()


def test_it_is_made_once_a_night_with_the_list_of_erasures(ran: Path, settings: Settings, tmp_path: Path) -> None:
    settings.SIACH_HOME, settings.SIACH_BACKUP_FOLDER = tmp_path, None
    remember("author", "bluesky", "did:shira", at=NIGHT)
    settings.SIACH_BACKUP_FOLDER = tmp_path / "copies"
    settings.SIACH_BACKUP_FOLDER.mkdir()
    assert copying.copy_when_due(at=NIGHT)
    assert ran.read_text() == "backup"
    assert entries(tmp_path / "copies") == entries(tmp_path) != []
    (tmp_path / "copies" / "siach-20261125T002900Z.backup").touch()
    assert not copying.copy_when_due(at=NIGHT.replace(hour=2))


def test_a_failure_is_logged(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SIACH_BACKUP_FOLDER = tmp_path
    monkeypatch.setattr(copying, "COMMAND", [sys.executable, "-c", "import sys; sys.exit('No backup was made. Full.')"])
    assert not copying.copy_when_due(at=NIGHT)
    assert "no copy was made: No backup was made. Full." in caplog.text
