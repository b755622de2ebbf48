"""`./siach bench`: the figures that the README quotes, measured here and now."""

import argparse
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

from siach.commands import ROOT, say

HELP = "Measure speed: every figure with its target and command."
FOR_DEVELOPERS = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", help="only these groups of figures (default: all)")
    parser.add_argument("--json", action="store_true", help="figures as JSON lines")
    parser.add_argument("--data", type=Path, help="a folder of labelled sets, for `language`: one folder each")


def groups() -> list[str]:
    """The files of bench/ that measure something."""
    found = (info.name for info in pkgutil.iter_modules([str(ROOT / "bench")]))
    return sorted(name for name in found if name != "figures" and not name.startswith("_"))


def run(args: argparse.Namespace) -> int:
    sys.path.insert(0, str(ROOT))
    if unknown := set(args.name) - set(groups()):
        say(f"No figures are called {', '.join(sorted(unknown))}. There are: {', '.join(groups())}.")
        return 2
    if args.data:
        os.environ["SIACH_BENCH_DATA"] = str(args.data.resolve())
    names = args.name or groups()
    if len(names) > 1:
        return max(_alone(name, as_json=args.json) for name in names)
    say(f"Measuring {names[0]}.")
    missed = 0
    for figure in importlib.import_module(f"bench.{names[0]}").measure():
        missed += figure.met is False
        print(json.dumps(figure.row()) if args.json else _line(figure), flush=True)
    return 1 if missed else 0


def _alone(name: str, *, as_json: bool) -> int:
    """Each group in a process of its own: it has its own database, and Django knows one a process."""
    command = [sys.executable, "-m", "siach.launch.main", "bench", name, *(["--json"] if as_json else [])]
    return subprocess.run(command).returncode


def _line(figure: object) -> str:
    row = figure.row()  # type: ignore[attr-defined]
    goal = f"target {row['target']:g}" if row["target"] is not None else "no target"
    verdict = {True: "met", False: "MISSED", None: ""}[row["met"]]
    note = f"  ({row['note']})" if row["note"] else ""
    return f"{row['name']:<58} {row['value']:>10g} {row['unit']:<8} {goal:<14} {verdict}{note}"
