"""What was erased, remembered by its hash outside the database: a backup from before is erased again when restored."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings

from siach.launch.erasures import Erasure, add, digest, entries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

log = logging.getLogger(__name__)


def remember(kind: str, *known_by: str, at: datetime) -> None:
    """Note an erasure: its kind, such as "author", and all that names the erased one, such as network and id there.

    Call it last inside the erasure's own transaction: a line too many erases again what is gone already, a line too
    few would bring somebody back.
    """
    add(settings.SIACH_HOME, [Erasure(kind, hash_of(kind, *known_by), at)])
    copy_list()


def remember_all(kind: str, known: Iterable[tuple[str, ...]], *, at: datetime) -> None:
    """`remember` for many of a kind at once."""
    add(settings.SIACH_HOME, [Erasure(kind, hash_of(kind, *known_by), at) for known_by in known])
    copy_list()


def hash_of(kind: str, *known_by: str) -> str:
    """The hash under which `remember` notes somebody: how a restore finds again whom to erase."""
    return digest(settings.SIACH_ERASURE_KEY, kind, *known_by)


def copy_list() -> None:
    """Put the list beside the copies too: it must outlive the disk that the copies are for."""
    if settings.SIACH_BACKUP_FOLDER is None:
        return
    try:
        add(settings.SIACH_BACKUP_FOLDER, entries(settings.SIACH_HOME))
    except OSError as error:
        log.warning("the list of erasures could not be put beside the copies: %s", error.strerror)
