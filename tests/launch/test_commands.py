"""The one door: it lists itself without anything installed, and every command says what it does."""

import subprocess
import sys
from pathlib import Path

import pytest

from siach.launch.catalogue import commands

ROOT = Path(__file__).resolve().parents[2]


def siach(*words: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-S", str(ROOT / "siach"), *words], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [[], ["--help"], ["help"]])
def test_alone_it_lists_all_commands(words: list[str]) -> None:
    """Run with -S: no installed package can be seen."""
    done = siach(*words)
    assert done.returncode == 0
    for command in commands().values():
        assert f"  {command.name} " in done.stdout
        assert command.help in done.stdout


def test_a_wrong_word_gets_the_nearest() -> None:
    done = siach("tset")
    assert (done.returncode, done.stderr) == (2, "There is no command tset. Did you mean test?\n")


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_says_what_it_does(name: str) -> None:
    assert commands()[name].help.endswith((".", ")."))


def test_a_new_command_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "greet.py").write_text('HELP = "Greet."\nFOR_DEVELOPERS = True\n')
    (tmp_path / "_hidden.py").write_text("")
    (tmp_path / "say_more.py").write_text('HELP = "More."')
    found, more = commands(tmp_path).values()
    assert more.name == "say-more"
    assert (found.name, found.help, found.for_developers) == ("greet", "Greet.", True)
