"""The copy of every night."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

from django.conf import settings

from siach.launch import copies
from siach.org.erased import copy_list

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)
COMMAND = [sys.executable, "-m", "siach.launch.main", "backup"]


def copy_when_due(*, at: datetime) -> bool:
    """Make the copy of this night unless it is made, or none is wished for; was one made? Upgrades' old copies go too.

    In a process of its own, whose pg_dump ends with it. What stood in the way is told by ./siach doctor and /health.
    """
    copies.drop_old(settings.SIACH_HOME / "before-upgrade", at=at)
    folder = settings.SIACH_BACKUP_FOLDER
    if folder is None or not copies.is_due(folder, at=at):
        return False
    copy_list()
    done = subprocess.run(COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        log.error("no copy was made: %s", done.stderr.strip()[-1000:])
    return done.returncode == 0
