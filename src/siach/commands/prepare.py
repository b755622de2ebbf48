"""`./siach prepare`: everything between a new version of the code and its first page."""

import argparse
import json
from datetime import UTC, datetime

from siach.commands import django_setup
from siach.commands._tables import bring_forward

HELP = "Build words, type and styles, and bring the database up to date (./siach up starts this itself)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--link", action="store_true", help="make a link that signs you in, once")
    parser.add_argument("--no-backup", action="store_true", help="move the tables forward without a backup before")
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")


def run(args: argparse.Namespace) -> int:
    from siach.commands.words import compile_all

    compile_all()
    django_setup()
    from django.conf import settings

    bring_forward(backup_at=None if args.no_backup else datetime.now(UTC))
    _build_assets()
    link = None
    if args.link:
        from siach.org.actions import sign_in_link

        link = sign_in_link(at=datetime.now(UTC), address=settings.SIACH_ADDRESS)
    print(json.dumps({"link": link}) if args.json else f"Siach is prepared.{f' Sign in: {link}' if link else ''}")
    return 0


def _build_assets() -> None:
    from django.core.management import call_command

    from siach.ui.build import build_fonts, fonts_folder

    build_fonts(fonts_folder())
    call_command("collectstatic", verbosity=0, interactive=False)
