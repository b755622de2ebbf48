"""What a reader sees when something fails: our own fault, or a database that is away for a moment."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

if TYPE_CHECKING:
    from django.http import HttpRequest

RETRY_AFTER = 30  # seconds


@requires_csrf_token
def fault(request: HttpRequest) -> HttpResponse:
    """The answer to an exception: 503 where waiting or room on the disk mends it, else 500."""
    error = sys.exc_info()[1]
    full, away = _is_full_disk(error), isinstance(error, OperationalError | InterfaceError)
    with translation.override(translation.get_language_from_request(request)):
        if not full and not away:
            return server_error(request)
        page = render_to_string("503.html", {"full": full})
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"})


def _is_full_disk(error: BaseException | None) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return error is not None and isinstance(error.__cause__, psycopg.errors.DiskFull)
