"""How well a brand is found: a text to try, and the latest hits to look through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from siach.org.models import Brand
from siach.org.rights import brands_for, needs
from siach.talk.actions.explaining import EXPLAINED, try_text
from siach.talk.actions.marking import correct
from siach.talk.actions.reading import names_of
from siach.talk.queries.hits import latest_hits
from siach.talk.queries.reach import mentions_for
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.http import HttpRequest


def _brand(request: HttpRequest, pk: int) -> Brand:
    return get_object_or_404(brands_for(request.user, "brand.manage"), pk=pk)  # type: ignore[arg-type]


@needs("brand.manage")
@require_http_methods(["GET", "POST"])
def brand_try(request: HttpRequest, brand: int) -> HttpResponse:
    """A text of one's own, by POST so that it stands in no address; nothing of it is kept."""
    found = _brand(request, brand)
    text = request.POST.get("text", "").replace("\0", "").strip()[:EXPLAINED]
    why = try_text(text, found) if text else None
    return render(request, "talk/brand_try.html", {"subject": found, "text": text, "why": why})


@needs("brand.manage")
@require_http_methods(["GET", "POST"])
def brand_hits(request: HttpRequest, brand: int) -> HttpResponse:
    """The latest hits; a POST says of one of them (`mention`) whether it is `about` the brand."""
    found = _brand(request, brand)
    if request.method == "POST":
        _mark(request, found)
        if not request.headers.get("HX-Request"):
            return redirect("brand_hits", brand=found.pk)
    hits = latest_hits(names_of(found), request.user)  # type: ignore[arg-type]
    return render(request, "talk/brand_hits.html", {"subject": found, "hits": hits, "at": timezone.now()})


def _mark(request: HttpRequest, brand: Brand) -> None:
    asked = request.POST.get("mention", "")
    mentions = mentions_for(request.user, "reading.correct").filter(brand=brand)  # type: ignore[arg-type]
    mention = get_object_or_404(mentions, pk=asked if asked.isdecimal() and len(asked) < 19 else 0)
    is_about, was = request.POST.get("about") == "1", mention.is_about
    correct(mention=mention, field="about", value=int(is_about), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    if is_about != was and not request.POST.get("undo") and not request.headers.get("HX-Request"):
        back = {"mention": str(mention.pk), "about": str(int(was)), "undo": "1"}
        offer_undo(request, _("Saved."), reverse("brand_hits", args=[brand.pk]), **back)


urlpatterns = [
    path("settings/brands/<int:brand>/try/", brand_try, name="brand_try"),
    path("settings/brands/<int:brand>/hits/", brand_hits, name="brand_hits"),
]
