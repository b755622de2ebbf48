"""Runs one command of `siach.commands`, found by its file name. The door inside the environment."""

import argparse
import importlib
import sys

from siach.launch import CannotStart
from siach.launch.catalogue import commands


def main(words: list[str]) -> int:
    """Run the command named by the first word; its exit code.

    A command is a module with HELP, `run(args) -> int` and maybe `add_arguments(parser)`. One that sets
    PASSES_ON gets the words that it does not know in `args.rest`.
    """
    name, *rest = words
    if name not in commands():
        print(f"There is no command {name}. ./siach lists them.", file=sys.stderr)
        return 2
    module = importlib.import_module(f"siach.commands.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(prog=f"./siach {name}", description=module.HELP, allow_abbrev=False)
    if hasattr(module, "add_arguments"):
        module.add_arguments(parser)
    if getattr(module, "PASSES_ON", False):
        args, unknown = parser.parse_known_args(rest)
        args.rest = unknown
    else:
        args = parser.parse_args(rest)
    try:
        return int(module.run(args) or 0)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
