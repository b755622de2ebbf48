"""What the docs tell an operator to type is there: commands, options, variables, and a unit that systemd takes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from siach.launch.catalogue import commands

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
INSTALL = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
SOURCE = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py"))
OURS = r"\./siach ([a-z][a-z-]*)((?: +[^`|\n]+)?)"


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_every_command_that_is_named_exists(file: Path) -> None:
    named = set(re.findall(OURS, file.read_text(encoding="utf-8")))
    assert {name for name, _rest in named} - commands().keys() == set()
    for name, rest in named:
        source = (ROOT / "src" / "siach" / "commands" / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
        if "PASSES_ON" not in source:
            assert [word for word in re.findall(r"--[a-z][a-z-]*", rest) if f'"{word}"' not in source] == []


def test_every_variable_that_is_named_is_read() -> None:
    named = set(re.findall(r"\b(SIACH_[A-Z_]+|DATABASE_URL)\b", INSTALL))
    assert {"SIACH_HOME", "SIACH_ADDRESS", "DATABASE_URL", "SIACH_BACKUP_FOLDER", "SIACH_BACKUP_PASSPHRASE"} <= named
    assert [name for name in named if f'"{name}"' not in SOURCE] == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine lacks systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    (unit,) = re.findall(r"```ini\n(.*?)```", INSTALL, re.S)
    assert "ExecStart=/opt/siach/siach up" in unit and "User=siach" in unit
    # A user and a program that every machine has: those of the docs are made by whoever installs.
    unit = unit.replace("/opt/siach/siach", str(ROOT / "siach")).replace("/opt/siach", str(ROOT))
    unit = unit.replace("User=siach", "User=root").replace("/etc/siach.env", os.devnull)
    (tmp_path / "siach.service").write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "siach.service")], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "siach.service" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_the_proxies_are_told_of_the_stream_and_the_size() -> None:
    nginx = INSTALL[INSTALL.index("```nginx") :]
    stream = nginx[nginx.index("location /live/") :].partition("}")[0]
    assert "proxy_buffering off" in stream and "X-Forwarded-Proto $scheme" in stream
    assert "client_max_body_size" in nginx and "max_size" in INSTALL and "flush_interval -1" in INSTALL
