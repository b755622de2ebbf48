"""`./siach backup`: everything that Siach knows, in one encrypted file."""

import argparse
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from siach.commands import say
from siach.launch import CannotStart, copies
from siach.launch.database import reached
from siach.launch.home import home_folder, open_home
from siach.launch.passphrase import passphrase

HELP = "Write an encrypted backup of database, media and key ring, whether Siach runs or not."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help=f"where to; never overwritten. Without it: a dated file in SIACH_BACKUP_FOLDER, whose copies of more than "
        f"{copies.KEEP.days} days are then deleted",
    )
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")


def run(args: argparse.Namespace) -> int:
    home, at = home_folder(), datetime.now(UTC)
    folder = None if args.file else _folder()
    target = args.file.absolute() if folder is None else folder / at.strftime(copies.NAME)
    if not home.exists():
        raise CannotStart(f"There is nothing to back up: the data folder {home} does not exist.")
    open_home(home)
    words = passphrase(new=True)
    with reached(home, say) as url:
        size = copies.make(target, words, home=home, url=url, at=at)
    dropped = copies.drop_old(folder, at=at) if folder else []
    made = {"file": str(target), "bytes": size, "made_at": at.isoformat(), "deleted": [str(path) for path in dropped]}
    print(json.dumps(made, indent=1) if args.json else _told(target, size, len(dropped)))
    return 0


def _folder() -> Path:
    named = os.environ.get("SIACH_BACKUP_FOLDER")
    if not named:
        raise CannotStart("Name the file of the backup, or a folder for dated copies in SIACH_BACKUP_FOLDER.")
    return Path(named).expanduser().absolute()


def _told(target: Path, size: int, dropped: int) -> str:
    old = f" Deleted {dropped} copies of more than {copies.KEEP.days} days." if dropped else ""
    return (
        f"{target}: {size / 1e6:,.1f} MB, written and read through.{old}\n"
        "Keep the passphrase apart from it: without the passphrase nobody can open it."
    )
