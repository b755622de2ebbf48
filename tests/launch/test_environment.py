"""The first step on a bare machine: what is missing is said in one sentence, what was interrupted goes on."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from siach.launch import CannotStart, environment
from siach.launch.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
UV = """#!/bin/sh
echo "$*" >> "$FAKE_UV_LOG"
case "$1" in
    venv) for last; do :; done; mkdir -p "$last/bin"; ln -s "$FAKE_UV_PYTHON" "$last/bin/python" ;;
    pip) test ! -e "$FAKE_UV_LOG.fail" || { echo "hash mismatch for package siach" >&2; exit 1; } ;;
esac
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with locks, and a uv that only writes down what it is asked."""
    for lock in (environment.LOCK, environment.DEVELOPERS_LOCK, environment.UV_LOCK):
        (tmp_path / lock).write_text(f"{lock}==1\n")
    tools = tmp_path / "path"
    tools.mkdir()
    (tools / "uv").write_text(UV)
    (tools / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("FAKE_UV_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("FAKE_UV_PYTHON", sys.executable)
    return tmp_path


def make(root: Path, *, for_developers: bool = False) -> list[str]:
    """Make the environment; what uv was asked to do."""
    (root / "log").write_text("")
    Environment(root, lambda _: None).make(for_developers=for_developers)
    return (root / "log").read_text().splitlines()


def test_it_is_made_once(root: Path) -> None:
    made, installed = make(root)
    assert made.startswith("venv")
    assert "--require-hashes --only-binary :all:" in installed
    assert installed.endswith("requirements.txt")
    assert make(root) == []


def test_what_tests_need_is_added_and_kept(root: Path) -> None:
    make(root)
    assert make(root, for_developers=True)[-1].endswith("requirements-dev.txt")
    assert make(root) == []


def test_a_new_lock_is_installed(root: Path) -> None:
    make(root)
    (root / environment.LOCK).write_text("siach==2\n")
    assert len(make(root)) == 1


def test_an_environment_made_by_hand_is_kept(root: Path) -> None:
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (root / ".venv" / "mine").write_text("mine")
    assert len(make(root)) == 1
    assert (root / ".venv" / "mine").exists()


def test_a_half_made_environment_is_made_anew(root: Path) -> None:
    (root / ".venv" / "lib").mkdir(parents=True)
    assert make(root)[0].startswith("venv")
    assert not (root / ".venv" / "lib").exists()


def test_a_refused_package_is_told_and_the_next_run_goes_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "log.fail").touch()
    monkeypatch.setattr(Environment, "_has_pip", lambda _: False)
    with pytest.raises(CannotStart, match="hash mismatch"):
        make(root)
    (root / "log.fail").unlink()
    assert make(root)[-1].startswith("pip install")


def test_neither_pip_nor_uv_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "path" / "uv").unlink()
    monkeypatch.setattr(Environment, "_has_pip", lambda _: False)
    with pytest.raises(CannotStart, match="apt install python3-pip"):
        make(root)


def test_a_closed_checkout_is_told(root: Path) -> None:
    (root / ".build").write_text("in the way, as a read-only disk would be")
    with pytest.raises(CannotStart, match="cannot write there"):
        make(root)


def test_without_uv_pip_does_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither ensurepip nor Debian's python3-venv is asked for, and Debian's refusal of plain installs is not met."""
    asked: list[list[str]] = []

    def run(_: Environment, command: list[str]) -> None:
        asked.append(command)
        (root / ".venv").mkdir(exist_ok=True)

    monkeypatch.setattr(Environment, "_run", run)
    monkeypatch.setattr(Environment, "_has_pip", lambda _: True)
    (root / "path" / "uv").unlink()
    (root / ".venv").mkdir()
    environment_ = Environment(root, lambda _: None)
    monkeypatch.setattr(Environment, "uv", lambda _: None)
    environment_.make(for_developers=False)
    made, installed = asked
    assert made[1:4] == ["-m", "venv", "--without-pip"]
    assert installed[1:6] == ["-m", "pip", "--python", str(environment_.python), "install"]
    assert "--require-hashes" in installed


def test_an_old_python_is_told() -> None:
    code = "import sys; sys.version_info = (3, 9, 2); sys.argv = ['siach']; exec(open('siach').read())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Siach needs Python 3.11 or newer, and this is Python 3.9. On Debian and Ubuntu: apt install python3.11"
    )


def test_the_launcher_is_executable() -> None:
    assert (ROOT / "siach").stat().st_mode & stat.S_IXUSR
