"""Reports: what is told to those who decide, a calendar month of one brand at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from siach.insight.months import Month, month_of, read_month
from siach.insight.reports import load, names
from siach.org.models import Brand
from siach.org.rights import brands_for, needs
from siach.talk.queries.counts import first_day
from siach.ui.filtering import id_in
from siach.ui.frame import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

PLACE = Place("reports", _("Reports"), icon="report", order=70, key="R", group=2, right="report.read")
MOST_MONTHS = 24


@needs("report.read")
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """The place leads to its one report."""
    return redirect("report", names()[0])


@needs("report.read")
@require_safe
def report(request: HttpRequest, name: str) -> HttpResponse:
    """One report of `?brand=` (else the brand in view) in `?month=` (2026-11; else the one that runs)."""
    try:
        asked = load(name)
    except LookupError:
        raise Http404 from None
    at = timezone.now()
    scope = list(brands_for(request.user, "report.read").filter(kind=Brand.Kind.OWN).order_by("name", "pk"))  # type: ignore[arg-type]
    brand = _brand(request, scope)
    context: dict[str, Any] = {"title": asked.TITLE, "scope": scope}
    if brand:
        timezone.activate(ZoneInfo(brand.zone))
        now = month_of(brand, at)
        month = min(read_month(request.GET.get("month", "")) or now, now)
        context["report"] = asked.report(brand, month, user=request.user, at=at)  # type: ignore[arg-type]
        context["months"] = _months(brand, month, now)
    return render(request, f"insight/reports/{name}.html", context)


def _brand(request: HttpRequest, scope: Sequence[Brand]) -> Brand | None:
    """The brand that is asked for, which must be in scope; else the one in view, else the first."""
    asked = request.GET.get("brand", "")
    if asked:
        chosen = next((one for one in scope if str(one.pk) == id_in(asked)), None)
        if chosen is None:
            raise Http404
        return chosen
    return next((one for one in scope if one == request.brand), scope[0] if scope else None)  # type: ignore[attr-defined]


def _months(brand: Brand, shown: Month, now: Month) -> list[Month]:
    """The months to choose from, newest first: those from the first with a mention on, and the one that is shown."""
    first = first_day(brand, now.back(MOST_MONTHS - 1).first)
    heard = {month for n in range(MOST_MONTHS) if first and (month := now.back(n)).last >= first}
    return sorted({*heard, now, shown}, reverse=True)


urlpatterns = [
    path("reports/", reports, name="reports"),
    path("reports/<slug:name>/", report, name="report"),
]
