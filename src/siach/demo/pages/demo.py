"""The demo: begun by whoever is alone here, watched while it loads, removed when it has shown enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siach.demo import queries
from siach.demo.actions.founding import found
from siach.demo.actions.removing import ask
from siach.org.actions import FIRST_RUN, Refused
from siach.org.models import User
from siach.org.queries import has_people
from siach.org.rights import needs, orgs_for, public

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.org.models import Org

#: Stands in the session of whoever had the demo removed.
_GOING = "demo_going"


@public
@require_POST
def demo_begin(request: HttpRequest) -> HttpResponse:
    """For whoever came by the one-time link while nobody is here: the demo, and its owner signed in."""
    if not request.session.get(FIRST_RUN) or User.objects.exists():
        raise Http404
    now = timezone.now()
    try:
        org = found(end=now, language="en" if get_language() == "en" else "he", at=now)
    except Refused as error:
        raise Http404 from error
    request.session.pop(FIRST_RUN)
    login(request, queries.owner_of(org))
    return redirect("demo")


def _mine(request: HttpRequest) -> Org:
    """The demo of this reader, who is in it."""
    is_inside = orgs_for(request.user, "org.manage").filter(is_demo=True).exists()  # type: ignore[arg-type]
    demo = queries.demo_org() if is_inside else None
    if demo is None:
        raise Http404
    return demo


@needs("org.manage")
@never_cache
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """How far it is loaded; once it is whole, on to Today."""
    shown = queries.progress(_mine(request))
    if shown.state != "loaded":
        return render(request, "demo/demo.html", {"shown": shown})
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": reverse("today")})
    return redirect("today")


@needs("org.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def demo_remove(request: HttpRequest) -> HttpResponse:
    """Is it to go? Then whoever said so within it is signed out: the person they were goes with it."""
    beside = queries.beside(request.user)  # type: ignore[arg-type]
    org = beside or _mine(request)
    if request.method != "POST":
        context = {"org": org, "has_people": has_people(), "is_beside": beside is not None}
        return render(request, "demo/demo_remove.html", context)
    ask(by=request.user, at=timezone.now())  # type: ignore[arg-type]
    if beside is not None:
        messages.success(request, _("The demo is being removed. It takes a minute."))
        return redirect("brand")
    logout(request)
    request.session[_GOING] = True
    return redirect("demo_going")


@public
@never_cache
@require_safe
def demo_going(request: HttpRequest) -> HttpResponse:
    """What is left of it, for whoever had it removed; then the way on."""
    if not request.session.get(_GOING):
        raise Http404
    is_gone = not queries.demo_orgs().exists()
    nobody = is_gone and not User.objects.exists()
    if nobody:
        request.session[FIRST_RUN] = True
    return render(request, "demo/demo_going.html", {"is_gone": is_gone, "nobody": nobody})


urlpatterns = [
    path("demo/", demo, name="demo"),
    path("demo/begin/", demo_begin, name="demo_begin"),
    path("demo/remove/", demo_remove, name="demo_remove"),
    path("demo/going/", demo_going, name="demo_going"),
]
