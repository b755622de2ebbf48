"""See as: a role's places and pages with nothing in them, for whoever decides who gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from siach.org.models import Membership
from siach.org.rights import ROLES, needs, public
from siach.org.seeing import SEEN_ROLE
from siach.ui import frame

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("brand.manage")
@require_POST
def see_as(request: HttpRequest) -> HttpResponse:
    """From the next page on, until it is left, this browser shows the role's view without its data."""
    role = request.POST.get("role", "")
    if role not in Membership.Role.values:
        raise Http404
    request.session[SEEN_ROLE] = role
    first = next((place.url_name for place in frame.PLACES if place.right in ROLES[role]), "my_roles")
    return HttpResponseRedirect(reverse(first))


@public
@require_POST
def see_as_left(request: HttpRequest) -> HttpResponse:
    """Back to one's own view. Open to anyone: it only takes the look-through away."""
    request.session.pop(SEEN_ROLE, None)
    return redirect(reverse("brand") + "#rights")


urlpatterns = [
    path("see-as/", see_as, name="see_as"),
    path("see-as/leave/", see_as_left, name="see_as_left"),
]
