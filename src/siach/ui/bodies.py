"""How much a request may bring: what is beyond is let pass by, stored nowhere, and answered in words.

Django puts a whole body on the disk before any of our code sees it, so it is counted before Django.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from django.http import HttpRequest, HttpResponse

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

#: Whoever sends many times what is allowed is answered before the end.
PATIENCE = 4
_BEYOND = "siach.beyond"


def limit_of(path: str) -> int:
    """How many bytes a request to this address may bring."""
    return settings.SIACH_UPLOADS.get(path, settings.SIACH_BODY_LIMIT)


class Bounded:
    """The application behind a counter of bytes."""

    def __init__(self, application: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = _counted(scope, receive)
        await self.application(scope, receive, send)


def _counted(scope: Scope, receive: Receive) -> Receive:
    limit, come = limit_of(scope["path"]), 0
    beyond, answered = _told_length(scope) > limit, False

    async def counted() -> Mapping[str, Any]:
        nonlocal come, beyond, answered
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            if answered:  # Django waits for the visitor to go; what still comes in is nothing to it
                continue
            come += len(message.get("body", b""))
            beyond = beyond or come > limit
            if not beyond:
                return message
            scope[_BEYOND] = True
            if come > PATIENCE * limit or not message.get("more_body", False):
                answered = True
                return {"type": "http.request", "body": b"", "more_body": False}

    return counted


def _told_length(scope: Scope) -> int:
    told = dict(scope.get("headers", ())).get(b"content-length", b"")
    return int(told) if told.isdigit() and len(told) < 20 else 0


class TooLarge:
    """Answers a request that brings too much, before anything reads of it. Stands last, so that it speaks the
    reader's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told, limit = request.META.get("CONTENT_LENGTH") or "0", limit_of(request.path)
        length = int(told) if told.isdecimal() and told.isascii() and len(told) < 20 else 0
        if length > limit or getattr(request, "scope", {}).get(_BEYOND):
            return render(request, "413.html", {"most": limit // 2**20}, status=413)
        return self.get_response(request)
