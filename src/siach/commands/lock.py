"""`./siach lock`: the exact packages, with their hashes, for every system that Siach runs on."""

import argparse
import os
import subprocess

from siach.commands import ROOT, say
from siach.launch import CannotStart
from siach.launch.environment import Environment

HELP = "Lock the packages named in requirements*.in, with hashes."
FOR_DEVELOPERS = True
UNWANTED = ("#", "--index", "--extra", "--find")
LOCKS = {
    "requirements.in": [],
    "requirements-dev.in": ["-c", "requirements.txt"],
    "requirements-uv.in": [],
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that are allowed")


def run(args: argparse.Namespace) -> int:
    uv = Environment(ROOT, say).uv()
    if uv is None:
        raise CannotStart("Locking needs uv, which could not be fetched for this machine.")
    options = ["--universal", "--python-version", "3.11", "--generate-hashes"]
    options += ["--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    options += ["--upgrade"] if args.upgrade else []
    for source, more in LOCKS.items():
        target = (ROOT / source).with_suffix(".txt")
        half = target.with_suffix(".half")
        # The present lock is where uv finds the versions to keep.
        half.write_text(target.read_text() if target.exists() else "")
        command = [uv, "pip", "compile", *options, *more, source, "-o", half.name]
        done = subprocess.run(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            half.unlink()
            raise CannotStart(f"{source} could not be locked; the reason stands above.")
        lines = [
            line for line in half.read_text().splitlines() if not line.lstrip().startswith(("#", "--index", "--extra"))
        ]
        half.write_text("\n".join(lines) + "\n")
        half.replace(target)
        say(f"{target.name}: {sum('==' in line for line in lines)} packages.")
    return 0
