"""Notices: what one was told, what is new, and what waits to be acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from siach.org.notices import reading
from siach.org.notices import telling as deeds
from siach.org.rights import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import User


@needs("self.manage")
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    return render(request, "org/notice_centre.html", {"centre": reading.centre(user)})


@needs("self.manage")
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The bell of the frame by itself, fetched when a signal says that something changed."""
    user: User = request.user  # type: ignore[assignment]
    return render(request, "ui/bell.html", {"bell": reading.unseen(user)})


@needs("self.manage")
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what it speaks of; it counts as seen."""
    found = get_object_or_404(reading.visible(request.user), pk=pk)  # type: ignore[arg-type]
    deeds.see(notice=found, at=timezone.now())
    return HttpResponseRedirect(reading.target(found))


@needs("self.manage")
@require_POST
def notices_seen(request: HttpRequest) -> HttpResponse:
    upto = request.POST.get("upto", "")
    known = int(upto) if upto.isascii() and upto.isdecimal() and len(upto) < 19 else 0
    deeds.see_all(user=request.user, upto=known, at=timezone.now())  # type: ignore[arg-type]
    return redirect("notices")


@needs("self.manage")
@require_POST
def notice_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    found = get_object_or_404(reading.visible(user), pk=pk)
    deeds.acknowledge(notice=found, by=user, at=timezone.now())
    return redirect("notices")


urlpatterns = [
    path("notices/", notices, name="notices"),
    path("notices/bell/", bell, name="bell"),
    path("notices/seen/", notices_seen, name="notices_seen"),
    path("notices/<int:pk>/", notice, name="notice"),
    path("notices/<int:pk>/acknowledge/", notice_acknowledge, name="notice_acknowledge"),
]
