"""Today: the brief, what waits for the reader, what was handled, and where the brand stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from siach.insight import brief
from siach.insight.actions import visit
from siach.insight.queries import today as queries
from siach.insight.queries.first_steps import first_steps
from siach.insight.queries.since import since_last_here
from siach.org.rights import needs
from siach.ui import charts
from siach.ui.frame import Place

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

PLACE = Place("today", _("Today"), icon="today", order=10, key="T", right="today.read")
PARTS = {"main": "insight/today_main.html", "aside": "insight/today_aside.html"}


@needs("today.read")
def today(request: HttpRequest) -> HttpResponse:
    """The page, or with `?part=main` or `?part=aside` one of its two fragments anew."""
    at = timezone.now()
    brands = [request.brand] if request.brand else request.brands  # type: ignore[attr-defined]
    part = request.GET.get("part", "")
    if part not in PARTS:  # a page that refreshes itself is nobody who comes back
        visit(user=request.user, brands=brands, at=at)  # type: ignore[arg-type]
    seen = queries.today(request.user, request.rights, brands, at=at)  # type: ignore[arg-type, attr-defined]
    here = timezone.localtime(at)
    context = {
        "today": seen,
        "brief": brief.brief(seen),
        "date_line": date_format(here, pgettext("date of Today", "l, j F")),
        "greeting": greeting(here),
        "first_name": (request.user.name.split() or [""])[0],  # type: ignore[union-attr]
        "pulse_chart": _pulse(seen),
        "since": since_last_here(request.user, brands),  # type: ignore[arg-type]
        "steps": first_steps(request.user, request.rights, seen.brand.pk) if seen.brand else None,  # type: ignore
    }
    return render(request, PARTS.get(part, "insight/today.html"), context)


def greeting(here: datetime) -> str:
    """The greeting of the hour, by the brand's own clock."""
    if 5 <= here.hour < 12:
        return gettext("Good morning")
    if 12 <= here.hour < 17:
        return gettext("Good afternoon")
    return gettext("Good evening") if 17 <= here.hour < 22 else gettext("Hello")


def _pulse(seen: queries.Today) -> SafeString:
    """The day's line on its usual band; nothing for several brands at once."""
    pulse = seen.pulse
    if not pulse.hours or not seen.is_heard:
        return SafeString()
    said = gettext("%(n)s mentions in the current hour.") % {"n": pulse.hours[-1]}
    if pulse.band:
        low, high = pulse.band[len(pulse.hours) - 1]
        usual = gettext("Usual at this hour: %(low)s to %(high)s.") % {"low": round(low), "high": round(high)}
        said = f"{said} {usual}"
    return charts.pulse(
        "pulse", gettext("Mentions by hour, today"), said, pulse.hours, pulse.band, now_hour=pulse.now_hour
    )


urlpatterns = [path("", today, name="today")]
