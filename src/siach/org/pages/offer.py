"""An offered mandate, opened by its link: an agency that is here accepts it, or one that is new begins with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from siach.org import houses
from siach.org import mandates as deeds
from siach.org.actions import Refused
from siach.org.mandate_forms import AgencyForm
from siach.org.models import Org, Team
from siach.org.rights import orgs_for, public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Mandate


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, code: str) -> HttpResponse:
    """The name of who offers, and the terms: all that either side sees of the other before it is accepted."""
    at = timezone.now()
    found = deeds.found_offer(code, at=at)
    if found is None:
        return render(request, "org/offer_gone.html", status=404)
    if request.user.is_authenticated:
        return _signed_in(request, code, found)
    form = AgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            owner = deeds.found_agency(
                code=code, name=told["agency"], owner=told, language=translation.get_language() or "", at=at
            )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            login(request, owner)
            return redirect("mandates")
    return _page(request, found, form=form, status=422 if form.errors else 200)


def _signed_in(request: HttpRequest, code: str, found: Mandate) -> HttpResponse:
    mine = orgs_for(request.user, "org.manage").filter(kind=Org.Kind.AGENCY)  # type: ignore[arg-type]
    teams = Team.objects.filter(org__in=mine).select_related("org").order_by("org__name", "pk")
    if request.method != "POST":
        return _page(request, found, teams=teams)
    chosen = request.POST.get("team", "")
    team = teams.filter(pk=chosen if chosen.isdecimal() and len(chosen) < 19 else 0).first()
    if team is None:
        raise Http404
    try:
        deeds.accept(code=code, team=team, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        return _page(request, found, teams=teams, refusal=str(error), status=422)
    messages.success(request, _("The mandate is accepted."))
    return redirect("mandates")


def _page(request: HttpRequest, found: Mandate, *, status: int = 200, **more: object) -> HttpResponse:
    (lent,) = houses.shown([found], at=timezone.now())
    return render(request, "org/offer.html", {"lent": lent, "mandate": found, **more}, status=status)


urlpatterns = [path("offers/<str:code>/", offer, name="offer")]
