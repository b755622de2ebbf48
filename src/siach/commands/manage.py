"""`./siach manage ...`: Django's own commands."""

import argparse

from siach.commands import django_setup

HELP = "Run a command of Django, such as `./siach manage shell`."
PASSES_ON = True


def run(args: argparse.Namespace) -> int:
    django_setup()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["./siach manage", *args.rest])
    return 0
