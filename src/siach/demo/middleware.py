"""What stands above the pages of a demo besides its own strip: the tour, its offer, and the ways to one's own brand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import SimpleLazyObject

from siach.demo import queries
from siach.demo.tour import NAME, tour_of
from siach.insight.models import PutAway
from siach.ui.frame import Strip

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Brand


class Around:
    """Adds to `request.strips`, when a page draws them, and sets `request.demo` on pages of a demo. Stands below
    `Reader`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        strips = getattr(request, "strips", None)
        if strips is not None and not request.seen_role:  # type: ignore[attr-defined]
            request.strips = SimpleLazyObject(lambda: [*strips, *_more(request)])  # type: ignore[attr-defined]
            brand = queries.in_view(request)
            request.demo = SimpleLazyObject(lambda: queries.ways(request.user, brand)) if brand else None  # type: ignore
        return self.get_response(request)


def _more(request: HttpRequest) -> list[Strip]:
    page = request.resolver_match.url_name if request.resolver_match else ""
    brand = queries.in_view(request)
    if brand is not None:
        return _tour(request, brand, page or "")
    if page != "brand" or "org.manage" not in request.rights:  # type: ignore[attr-defined]
        return []
    beside = queries.beside(request.user)  # type: ignore[arg-type]
    return [Strip("demo/beside_strip.html", beside)] if beside else []


def _tour(request: HttpRequest, brand: Brand, page: str) -> list[Strip]:
    """The card of the stop that the address names; on Today, else, the offer to whoever has not answered it."""
    name = request.GET.get(NAME, "")
    if not name and not _is_offered(request, brand, page):
        return []
    tour = tour_of(request.user, request.rights, brand.org)  # type: ignore
    card = tour.card(name, page)
    if card is not None:
        request.session[NAME] = name
        return [Strip("demo/tour_card.html", card)]
    if name and not _is_offered(request, brand, page):
        return []
    left_at = request.session.get(NAME, "")
    return [Strip("demo/tour_offer.html", {"url": tour.address(left_at), "is_begun": bool(left_at)})]


def _is_offered(request: HttpRequest, brand: Brand, page: str) -> bool:
    if page != "today" or not queries.is_loaded(brand.org):
        return False
    return not PutAway.objects.filter(user=request.user, brand=brand, what=PutAway.What.TOUR).exists()  # type: ignore[misc]
