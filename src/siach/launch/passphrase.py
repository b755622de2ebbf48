"""The passphrase of the backups: SIACH_BACKUP_PASSPHRASE, or asked for at a terminal."""

import getpass
import os
import sys

from siach.launch import CannotStart


def passphrase(*, new: bool) -> str:
    """The passphrase; a new one is asked for twice. CannotStart where there is nobody to ask."""
    if named := os.environ.get("SIACH_BACKUP_PASSPHRASE"):
        return named
    if not sys.stdin.isatty():
        raise CannotStart("A backup is encrypted with a passphrase: name it in SIACH_BACKUP_PASSPHRASE.")
    given = getpass.getpass("Passphrase of the backup: ")
    if new and given != getpass.getpass("Once more: "):
        raise CannotStart("The two were not the same. Nothing was written.")
    return given
