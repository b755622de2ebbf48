"""Quick capture: one's own address for a Shortcut or any other automation, how to set it up, and what answers there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from siach.org.rights import needs, public
from siach.talk.actions import handing_in
from siach.talk.bringing import brands_of, taken
from siach.talk.models import HandedIn
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import User

LEAF = Leaf("me", "capture_address", gettext_lazy("Quick capture"), order=45, right="capture.add")


@needs("capture.add")
@require_http_methods(["GET", "HEAD", "POST"])
def capture_address(request: HttpRequest) -> HttpResponse:
    """One's own address: made, renewed and ended. It is shown in the answer that makes it, and never again."""
    user: User = request.user  # type: ignore[assignment]
    secret = ""
    if request.method == "POST" and "end" in request.POST:
        handing_in.end_address(by=user, at=timezone.now())
        messages.success(request, _("The address no longer works. Nothing comes in through it."))
        return redirect("capture_address")
    if request.method == "POST":
        secret = handing_in.make_address(by=user, at=timezone.now())
    address = request.build_absolute_uri(reverse("capture_in", args=[secret or "x"]))
    context = {
        "address": address if secret else "",
        "example": address if secret else address.removesuffix("x/") + "…/",
        "own": handing_in.address_of(user),
        "at": timezone.now(),
    }
    return render(request, "talk/capture_address.html", context)


@needs("capture.add")
@require_POST
def capture_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop what waits to be finished."""
    waiting = get_object_or_404(HandedIn, pk=pk, user=request.user)
    handing_in.finished(waiting=waiting.pk, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Removed."))
    return redirect("capture")


@public
@never_cache
@csrf_exempt  # no cookie opens anything here: the address does
@require_POST
def capture_in(request: HttpRequest, address: str) -> JsonResponse:
    """What a person's own device hands in. 404 for an address that is none, or has ended."""
    at = timezone.now()
    user = handing_in.opened(secret=address, at=at)
    if user is None:
        return JsonResponse({"error": "There is no such address."}, status=404)
    if not ratelimit.consume(request, app="allauth.account", action="hand_in", key=f"person:{user.pk}"):
        return JsonResponse({"error": _("Too many at once. Try again in a minute.")}, status=429)
    with translation.override(user.language or None), timezone.override(ZoneInfo(brands_of(user)[0].zone)):
        return taken(request, user, at)


urlpatterns = [
    path("account/capture/", capture_address, name="capture_address"),
    path("capture/waiting/<int:pk>/drop/", capture_drop, name="capture_drop"),
    path("in/mine/<slug:address>/", capture_in, name="capture_in"),
]
