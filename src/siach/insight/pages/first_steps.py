"""The first steps of a brand: a page of their own, from which they are put away from Today and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from siach.insight import actions
from siach.insight.models import PutAway
from siach.insight.queries import first_steps as queries
from siach.org.rights import needs
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("brand.manage")
@require_safe
def first_steps(request: HttpRequest, brand: int) -> HttpResponse:
    shown = queries.first_steps(request.user, request.rights, brand)  # type: ignore[arg-type, attr-defined]
    if shown is None:
        raise Http404
    return render(request, "insight/first_steps.html", {"shown": shown})


@needs("brand.manage")
@require_POST
def first_steps_put(request: HttpRequest, brand: int) -> HttpResponse:
    """Off Today, or (`shown`) onto it again."""
    found = get_object_or_404(queries.set_up_by(request.user), pk=brand)  # type: ignore[arg-type]
    if request.POST.get("shown"):
        actions.bring_back(user=request.user, brand=found, what=PutAway.What.STEPS)  # type: ignore[arg-type]
        return redirect("today")
    actions.put_away(user=request.user, brand=found, what=PutAway.What.STEPS, at=timezone.now())  # type: ignore[arg-type]
    text = _("The first steps are hidden from Today. They stay in Settings.")
    offer_undo(request, text, reverse("first_steps_put", args=[found.pk]), shown="1")
    return redirect("today")


urlpatterns = [
    path("settings/brands/<int:brand>/first-steps/", first_steps, name="first_steps"),
    path("settings/brands/<int:brand>/first-steps/put/", first_steps_put, name="first_steps_put"),
]
