"""From the demo to one's own brand, and back: an organisation of one's own is founded beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import logout
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from siach.demo import queries
from siach.org.actions import FIRST_RUN
from siach.org.entering import come_in
from siach.org.rights import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("org.manage")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def demo_own(request: HttpRequest) -> HttpResponse:
    """Beside the demo, or once it is gone? Then on to the first run, whose owner is signed in in place of this one."""
    org = queries.founds(request.user)  # type: ignore[arg-type]
    if org is None:
        raise Http404
    if request.method != "POST":
        return render(request, "demo/demo_own.html", {"org": org})
    request.session[FIRST_RUN] = True
    return redirect("first_run")


@needs("org.manage")
@require_POST
def demo_enter(request: HttpRequest) -> HttpResponse:
    """Whoever set Siach up goes into the demo that stands beside: as its owner, in this browser."""
    org = queries.beside(request.user)  # type: ignore[arg-type]
    if org is None:
        raise Http404
    logout(request)
    return come_in(request, queries.owner_of(org), method="link", to=reverse("today"))


urlpatterns = [
    path("demo/own/", demo_own, name="demo_own"),
    path("demo/enter/", demo_enter, name="demo_enter"),
]
