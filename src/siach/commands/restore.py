"""`./siach restore`: a backup becomes a running Siach again, in an empty place."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from siach.commands import say
from siach.commands._tables import bring_forward
from siach.launch import CannotStart, erasures, keyring, restore
from siach.launch.database import reached
from siach.launch.home import home_folder
from siach.launch.passphrase import passphrase
from siach.launch.running import Running

if TYPE_CHECKING:
    from siach.launch.backup import Contents

HELP = "Restore a backup into an empty data folder and an empty database."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--key-ring",
        type=Path,
        metavar="FILE",
        help="the keyring.json of the data folder in which an upgrade made this backup by itself, without a passphrase",
    )
    parser.add_argument("--json", action="store_true", help="print what was restored as JSON")


def run(args: argparse.Namespace) -> int:
    if not args.file.is_file():
        raise CannotStart(f"There is no file {args.file}.")
    home, url = home_folder(), os.environ.get("DATABASE_URL")
    words = keyring.read(args.key_ring).erasure_key if args.key_ring else passphrase(new=False)
    with args.file.open("rb") as file:
        say("Reading the backup through. Nothing is changed before all of it is checked.")
        contents = restore.check(file, words, home=home, url=url)
        file.seek(0)
        keyring.make_folder(home)
        running = Running(home)
        running.claim("a restore")
        restore.clear(home)
        with reached(home, say) as database:
            say("Restoring.")
            restore.fill(file, words, home=home, url=database)
            erasures.add(home, _beside(args.file))
            holds = _bring_forward(home, database, contents)
        restore.finished(home)
        running.release()
    print(json.dumps(_outcome(contents, holds), indent=1) if args.json else _told(home, contents, holds))
    return 0 if holds else 1


def _beside(file: Path) -> list[erasures.Erasure]:
    """The list of erasures that stands beside the copies: it goes on after each copy."""
    return erasures.entries(file.absolute().parent)


def _bring_forward(home: Path, url: str, contents: Contents) -> bool:
    """Move the tables to this Siach, do what a restored Siach must, and recount. Does everything hold?"""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "siach.settings"}
    import django

    django.setup()
    from django.db import connection

    from siach.background import AFTER_RESTORE
    from siach.talk.queries.checks import check

    at = datetime.now(UTC)
    bring_forward(backup_at=None)
    for deed in AFTER_RESTORE:
        deed(since=contents.manifest.made_at, erasures=erasures.entries(home), at=at)
    holds = check(at=at).holds
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    return holds


def _outcome(contents: Contents, holds: bool) -> dict[str, object]:
    told = asdict(contents) | {"manifest": None, "holds": holds}
    made = contents.manifest
    return told | {"made_at": made.made_at.isoformat(), "siach": made.siach, "database_bytes": made.database_bytes}


def _told(home: Path, contents: Contents, holds: bool) -> str:
    made = contents.manifest
    return (
        f"Restored into {home}: the state of {made.made_at:%d.%m.%Y %H:%M} UTC, made by Siach {made.siach}, "
        f"with {contents.files:,} files.\n"
        f"{'All counts hold.' if holds else 'Some counts do NOT hold: ./siach check tells which.'}\n"
        "Everybody signs in anew. What was on its way out waits for a person to look. Start it with ./siach up."
    )
