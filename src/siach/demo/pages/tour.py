"""The tour of the demo: begun anew, and ended or skipped. Its stops stand on the pages that they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from siach.demo import queries
from siach.demo.tour import NAME, tour_of
from siach.insight.actions import put_away
from siach.insight.models import PutAway
from siach.org.entering import next_of
from siach.org.rights import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Brand


@needs("today.read")
@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """The first stop."""
    brand = _brand(request)
    return redirect(tour_of(request.user, request.rights, brand.org).address(""))  # type: ignore


@needs("today.read")
@require_POST
def tour_end(request: HttpRequest) -> HttpResponse:
    """It was taken (`done`) or skipped, and is not offered again."""
    is_done = bool(request.POST.get("done"))
    brand, what = _brand(request), PutAway.What.TOUR
    put_away(user=request.user, brand=brand, what=what, is_done=is_done, at=timezone.now())  # type: ignore[arg-type]
    request.session.pop(NAME, None)
    return redirect(next_of(request) or "today")


def _brand(request: HttpRequest) -> Brand:
    brand = queries.in_view(request)
    if brand is None:
        raise Http404
    return brand


urlpatterns = [
    path("demo/tour/", tour, name="demo_tour"),
    path("demo/tour/end/", tour_end, name="demo_tour_end"),
]
