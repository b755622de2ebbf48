"""The first step of every command, on a bare Python: make the environment, then hand over to it."""

import difflib
import os
import sys
from pathlib import Path
from typing import NoReturn

from siach import __version__
from siach.launch import CannotStart
from siach.launch.catalogue import commands, listing
from siach.launch.environment import Environment

ROOT = Path(__file__).resolve().parents[3]


def main(words: list[str]) -> int:
    """Run `./siach words...`: replaces this process by the command, or returns an exit code."""
    found = commands()
    if not words or words[0] in {"-h", "--help", "help"}:
        print(f"Siach {__version__}\n\nusage: ./siach COMMAND [--help]\n\n{listing(found)}")
        return 0
    command = found.get(words[0])
    if command is None:
        near = difflib.get_close_matches(words[0], found, 1)
        hint = f" Did you mean {near[0]}?" if near else " ./siach lists them."
        print(f"There is no command {words[0]}.{hint}", file=sys.stderr)
        return 2
    try:
        environment = Environment(ROOT, say)
        environment.make(for_developers=command.for_developers)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The same command goes on from here.", file=sys.stderr)
        return 130
    return _hand_over(environment.python, words)


def _hand_over(python: Path, words: list[str]) -> NoReturn:
    """Become the command: signals reach it directly and its exit code is ours."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))}
    env.pop("PYTHONHOME", None)
    # Compiled once, not at every start: half of the time to the first page. Environment and code are our own folders.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execve(python, [str(python), "-m", "siach.launch.main", *words], env)


def say(sentence: str) -> None:
    """Progress goes to stderr: stdout belongs to the command's own answer."""
    print(sentence, file=sys.stderr, flush=True)
