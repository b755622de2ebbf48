"""`./siach lint`: everything about the code that a machine can judge."""

import argparse
import os
import subprocess
import sys
import tempfile

from siach.commands import ROOT, say

HELP = "Check style, types, floors, house measures and words."
FOR_DEVELOPERS = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="let ruff repair and format what it can")


def run(args: argparse.Namespace) -> int:
    """Every check runs, also after one that fails; 1 if any failed."""
    failed = []
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"SIACH_HOME": home, "PATH": f"{ROOT}/.venv/bin{os.pathsep}{os.environ['PATH']}"}
        for name, command in _checks(args.fix).items():
            say(f"{name}: {' '.join(command)}")
            if subprocess.run(command, cwd=ROOT, env=env).returncode != 0:
                failed.append(name)
    say(f"Not in order: {', '.join(failed)}." if failed else "All in order.")
    return 1 if failed else 0


def _checks(fix: bool) -> dict[str, list[str]]:
    return {
        "style": ["ruff", "check", "--quiet", *(["--fix"] if fix else []), "."],
        "format": ["ruff", "format", "--quiet", *([] if fix else ["--diff"]), "."],
        "types": ["mypy"],
        "floors": ["lint-imports", "--no-cache"],
        "words": [sys.executable, "-m", "siach.launch.main", "words", "--check"],
        "measures": [sys.executable, "-m", "pytest", "-q", "tests/test_house.py"],
    }
