"""Places: where do people talk about the brand, and do we hear them there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from siach.org.models import Brand
from siach.org.rights import brands_for, needs
from siach.talk.actions.waiving import CannotWaive, waive, want
from siach.talk.places import BY_KEY
from siach.talk.queries.blind import check_list
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("source.read")
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """The check-list of one brand: the one asked for, the one in view, or the first."""
    brands = list(
        brands_for(request.user, "source.read").filter(kind=Brand.Kind.OWN).order_by("pk")  # type: ignore[arg-type]
    )
    if not brands:
        raise Http404
    asked = request.GET.get("brand", "")
    chosen = next((brand for brand in brands if str(brand.pk) == asked), None)
    if asked and chosen is None:
        raise Http404
    brand = chosen or request.brand or brands[0]  # type: ignore[attr-defined]
    rights: frozenset[str] = request.rights  # type: ignore[attr-defined]
    at = timezone.now()
    return render(
        request,
        "talk/places.html",
        {
            "at": at,
            "list": check_list(brand, at=at),
            "brands": brands,
            "may_manage": "source.manage" in rights,
            "may_import": "import.run" in rights,
            "may_capture": "capture.add" in rights,
        },
    )


_DEEDS = {"waive": (waive, "want"), "want": (want, "waive")}


@needs("source.manage")
@require_POST
def place_mark(request: HttpRequest, brand: int, place: str, deed: str) -> HttpResponse:
    """Say that a place is not relevant for a brand, or take that back."""
    mine = brands_for(request.user, "source.manage").filter(kind=Brand.Kind.OWN).select_related("org")  # type: ignore[arg-type]
    found = get_object_or_404(mine, pk=brand)
    if deed not in _DEEDS or place not in BY_KEY:
        raise Http404
    act, back = _DEEDS[deed]
    try:
        act(brand=found, place=place, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotWaive as error:
        messages.error(request, str(error))
    else:
        said = _("Not relevant for us: kept, with who said so.") if deed == "waive" else _("Relevant again.")
        offer_undo(request, said, reverse("place_mark", args=[found.pk, place, back]))
    return redirect(f"{reverse('places')}?brand={found.pk}")


urlpatterns = [
    path("sources/places/", places, name="places"),
    path("sources/places/<int:brand>/<slug:place>/<slug:deed>/", place_mark, name="place_mark"),
]
