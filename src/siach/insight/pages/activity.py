"""Activity: who did what, as sentences, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siach.insight.queries import activity as queries
from siach.org.rights import needs
from siach.ui.frame import Place

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PLACE = Place("activity", _("Activity"), icon="activity", order=80, key="A", group=3, right="activity.read")


@needs("activity.read")
def activity(request: HttpRequest) -> HttpResponse:
    """A page of lines, filtered by person, kind of deed, brand and period."""
    filters = queries.Filters.read(request.GET)
    before = request.GET.get("before", "")
    page = queries.activity(request.user, filters, before=before, at=timezone.now())  # type: ignore[arg-type]
    kept = {name: value for name in ("by", "kind", "brand", "days") if (value := getattr(filters, name))}
    here = reverse("activity")
    context = {
        "page": page,
        "filters": filters,
        "people": queries.people(request.user),  # type: ignore[arg-type]
        "brands_here": queries.brands(request.user),  # type: ignore[arg-type]
        "kinds": [(noun, label) for noun, (label, _icon) in queries.KINDS.items()],
        "by_itself": queries.BY_ITSELF,
        "older_url": f"{here}?{urlencode(kept | {'before': page.older})}" if page.older else "",
        "newer_url": f"{here}?{urlencode(kept)}" if before else "",
    }
    return render(request, "insight/activity.html", context)


urlpatterns = [path("activity/", activity, name="activity")]
