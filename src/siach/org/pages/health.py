"""`/health`: for the monitor that watches this Siach. Numbers alone, for anyone; no session, no cookie."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from siach import __version__
from siach.launch.health import Finding, backup, disk, running
from siach.org.rights import public

if TYPE_CHECKING:
    from django.http import HttpRequest

CHECKS = ("database", "worker", "jobs", "batches", "disk", "backup")


@public
@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 and `ok`, or 503 and `degraded` with the names of what is wrong. `?only=database` asks for that alone."""
    asked = set(request.GET.getlist("only")) & set(CHECKS) or set(CHECKS)
    found = [one for one in _findings(asked) if one.name in asked]
    problems = [one.name for one in found if one.good is False]
    told = {
        "status": "degraded" if problems else "ok",
        "problems": problems,
        "version": __version__,
        "checks": {one.name: {"ok": one.good is not False, **one.facts} for one in found},
    }
    return JsonResponse(told, status=503 if problems else 200)


def _findings(asked: set[str]) -> list[Finding]:
    found = _of_database(tables=bool(asked & {"worker", "jobs", "batches"}))
    if "disk" in asked:
        found.append(disk(settings.SIACH_HOME))
    if "backup" in asked:
        found.append(backup(settings.SIACH_HOME, os.environ, at=timezone.now()))
    return found


def _of_database(*, tables: bool) -> list[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return [Finding("database", True, ""), *(running(cursor) if tables else ())]
    except DatabaseError:
        return [Finding("database", False, "")]


urlpatterns = [path("health", health, name="health")]
