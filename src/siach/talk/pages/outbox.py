"""What was shared to Siach on a phone and waits there: the page that stands without a network, and where it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from siach.org.rights import needs, public
from siach.talk.bringing import taken

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """A page without any content of ours; the browser keeps it, and shows on it what it holds itself."""
    return render(request, "talk/outbox.html")


@needs("capture.add")
@require_safe
def capture_share(request: HttpRequest) -> HttpResponse:
    """Where a phone shares to. The browser's own worker takes what is shared; this stands where there is none."""
    return redirect("capture")


@needs("capture.add")
@require_http_methods(["GET", "POST"])
def outbox_send(request: HttpRequest) -> JsonResponse:
    """GET: whose outbox would be sent, and the token to send it with. POST: one thing of it."""
    if request.method == "GET":
        return JsonResponse({"owner": request.user.pk, "token": get_token(request)})
    return taken(request, request.user, timezone.now())  # type: ignore[arg-type]


urlpatterns = [
    path("capture/outbox/", outbox, name="outbox"),
    path("capture/outbox/send/", outbox_send, name="outbox_send"),
    path("capture/share/", capture_share, name="capture_share"),
]
