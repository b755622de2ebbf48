"""One log line for each request: its route, never its address; and the id by which its other lines are found."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http.response import HttpResponseBase

from siach.launch.logs import request_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest

log = logging.getLogger(__name__)
HEADER = "X-Request-Id"
_GIVEN = re.compile(r"[0-9a-f-]{8,36}")


class AccessLog:
    """Logs every answer of plain and of async views; a stream when it begins."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        began = time.perf_counter()
        given = request.headers.get(HEADER, "")
        request_id.set(given if _GIVEN.fullmatch(given) else secrets.token_hex(8))
        answer = self.get_response(request)
        return _told(request, answer, began) if isinstance(answer, HttpResponseBase) else _later(request, answer, began)


async def _later(request: HttpRequest, answer: Awaitable[HttpResponseBase], began: float) -> HttpResponseBase:
    return _told(request, await answer, began)


def _told(request: HttpRequest, answer: HttpResponseBase, began: float) -> HttpResponseBase:
    match = request.resolver_match
    # Only a reader that the page itself asked for: a log line is no reason to ask the database.
    reader = getattr(request, "_cached_user", None)
    facts = {
        "method": request.method,
        "route": f"/{match.route}" if match else "",
        "status": answer.status_code,
        "ms": round((time.perf_counter() - began) * 1000, 1),
        "user": getattr(reader, "pk", None),
    }
    log.info("request", extra=facts)
    answer.headers[HEADER] = request_id.get()
    return answer
