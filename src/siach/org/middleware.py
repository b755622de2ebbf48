"""What every page knows of its reader: rights, brands, the brand in view, language and zone."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from siach.org.holds import holding
from siach.org.models import Brand
from siach.org.notices.reading import unseen
from siach.org.rights import brands_for, rights_of
from siach.ui.frame import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

BRAND_IN_VIEW = "brand"


class Reader:
    """Sets `request.rights`, `request.brands` (own brands in scope), `request.brand` (in view, or None: all),
    `request.strips` (what each page says above itself: the holds of the brands shown) and, for whoever is told
    anything, `request.bell` (how many notices are new, counted when a page asks)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.rights, request.brands, request.brand = frozenset(), [], None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._know(request)
        return self.get_response(request)

    def _know(self, request: HttpRequest) -> None:
        request.rights = rights_of(request.user)  # type: ignore
        if "self.manage" in request.rights:  # type: ignore[attr-defined]
            request.bell = SimpleLazyObject(lambda: unseen(request.user))  # type: ignore
        own = brands_for(request.user, "today.read").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
        brands = list(own.select_related("org").order_by("org__name", "id"))
        chosen = request.session.get(BRAND_IN_VIEW)
        request.brands = brands  # type: ignore[attr-defined]
        brand = next((b for b in brands if b.pk == chosen), brands[0] if len(brands) == 1 else None)
        request.brand = brand  # type: ignore[attr-defined]
        shown = [brand] if brand else brands
        request.strips = SimpleLazyObject(lambda: _strips(shown))  # type: ignore[attr-defined]
        first = brand or (brands[0] if brands else None)
        timezone.activate(zoneinfo.ZoneInfo(first.zone if first else "Asia/Jerusalem"))
        language = request.user.language or (first.org.language if first else "")  # type: ignore[union-attr]
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()


def _strips(brands: Sequence[Brand]) -> list[Strip]:
    """Asked only by a page that draws its frame."""
    return [Strip("org/hold_strip.html", hold) for hold in holding(brands)] if brands else []
