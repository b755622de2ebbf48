"""Where the hub of a feed calls: to make sure that we asked it, and when something new stands in the feed (WebSub)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from siach.org.limits import wrong_calls
from siach.org.rights import public
from siach.talk.actions import pushing

if TYPE_CHECKING:
    from django.http import HttpRequest

LONGEST_CHALLENGE = 1_000


@public
@never_cache
@csrf_exempt  # no cookie opens anything here: the address, and the signature of a call, do
@require_http_methods(["GET", "POST"])
def push_in(request: HttpRequest, address: str) -> HttpResponse:
    """404 alike for an address that is none, a question that we did not ask for, and a signature that does not fit."""
    answer = _called(request, address) if request.method == "POST" else _asked(request, address)
    if answer is not None:
        return answer
    if wrong_calls.are_too_many(request, address):
        return _said(429, "Too many calls that do not fit. Try again in a minute.", {"Retry-After": "60"})
    return _said(404, "There is no such address, or the call does not fit.")


def _asked(request: HttpRequest, address: str) -> HttpResponse | None:
    """A hub makes sure that we want its calls, or want no more; or it says that it will not call."""
    told = {name: request.GET.get(f"hub.{name}", "") for name in ("mode", "topic", "challenge", "lease_seconds")}
    mode, topic, challenge, at = told["mode"], told["topic"], told["challenge"], timezone.now()
    if "\0" in topic:
        return None
    if mode == "denied":
        return _said(200, "") if pushing.deny(address=address, topic=topic, at=at) else None
    if mode not in ("subscribe", "unsubscribe") or not 0 < len(challenge) <= LONGEST_CHALLENGE:
        return None
    lease = told["lease_seconds"]
    seconds = int(lease) if lease.isascii() and lease.isdecimal() and len(lease) < 10 else None
    wanted = pushing.confirm(address=address, mode=mode, topic=topic, seconds=seconds, at=at)
    return _said(200, challenge) if wanted else None


def _called(request: HttpRequest, address: str) -> HttpResponse | None:
    """Something new stands in the feed; what it is, is read there."""
    body = request.read(pushing.LARGEST_CALL + 1)
    if len(body) > pushing.LARGEST_CALL:
        return _said(413, f"The body is larger than {pushing.LARGEST_CALL} bytes.")
    row = pushing.opened(address=address, signature=request.headers.get("X-Hub-Signature", ""), body=body)
    if row is None:
        return None
    wanted = pushing.knock(row=row, at=timezone.now())
    return _said(202, "") if wanted else _said(410, "We want no more calls here.")


def _said(status: int, words: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8", headers=headers)


urlpatterns = [
    path("in/feed/<slug:address>/", push_in, name="push_in"),
]
