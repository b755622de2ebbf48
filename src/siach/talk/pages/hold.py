"""The hold of a brand: stop everything it sends, see what that caught, release it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from siach.org.holds import CannotHold
from siach.org.models import Brand, Hold
from siach.org.rights import brands_for, needs
from siach.talk.actions import holding as actions
from siach.talk.queries import holding as queries

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

HOURS = {"1": 1, "3": 3, "24": 24}


class HoldForm(forms.Form):
    """Why everything stops, and when somebody looks at it again."""

    reason = forms.CharField(
        label=gettext_lazy("Why? The whole team will see this"),
        max_length=300,
        widget=forms.TextInput({"dir": "auto", "autocomplete": "off", "autofocus": True}),
    )
    review = forms.ChoiceField(
        label=gettext_lazy("When is the next review?"),
        choices=[
            ("1", gettext_lazy("In an hour")),
            ("3", gettext_lazy("In three hours")),
            ("morning", gettext_lazy("Tomorrow at 09:00")),
            ("24", gettext_lazy("In a day")),
        ],
        initial="1",
        widget=forms.RadioSelect,
    )

    def review_at(self, zone: str, at: datetime) -> datetime:
        """The chosen time; tomorrow is the brand's."""
        chosen = self.cleaned_data["review"]
        if chosen in HOURS:
            return at + timedelta(hours=HOURS[chosen])
        tomorrow = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(9), ZoneInfo(zone))


def _brand(request: HttpRequest, pk: int) -> Brand:
    scope = brands_for(request.user, "hold.set").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    return get_object_or_404(scope.select_related("org"), pk=pk)


@needs("hold.set")
@require_GET
def hold_choose(request: HttpRequest) -> HttpResponse:
    """Which brand? The one in view, or the only one, is not asked for."""
    scope = brands_for(request.user, "hold.set").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    brands = list(scope.select_related("hold").order_by("name"))
    in_view: Brand | None = request.brand  # type: ignore[attr-defined]
    chosen = [brand for brand in brands if in_view and brand.pk == in_view.pk] or brands
    if len(chosen) == 1:
        return redirect("hold", brand=chosen[0].pk)
    return render(request, "talk/hold_choose.html", {"choices": brands})


@needs("hold.set")
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, brand: int) -> HttpResponse:
    """The question before, and what the hold caught after."""
    found, at = _brand(request, brand), timezone.now()
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        review_at = form.review_at(found.zone, at)
        try:
            actions.hold_brand(
                brand=found,
                reason=form.cleaned_data["reason"],
                review_at=review_at,
                by=request.user,  # type: ignore[arg-type]
                at=at,
            )
        except CannotHold as error:
            form.add_error(None, str(error))
        else:
            return redirect("hold", brand=found.pk)
    return render(request, "talk/hold.html", _context(found, form), status=422 if form.errors else 200)


def _context(brand: Brand, form: HoldForm) -> dict[str, object]:
    row = Hold.objects.select_related("owner").get(brand=brand)
    held = row.since is not None
    return {
        "subject": brand,
        "hold": row,
        "form": form,
        "under_way": queries.under_way(row) if held else (),
        "caught": queries.caught(row) if held else (),
    }


@needs("hold.set")
@require_POST
def release(request: HttpRequest, brand: int) -> HttpResponse:
    found = _brand(request, brand)
    try:
        actions.release_brand(brand=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotHold as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Publishing resumed. Nothing went out by itself: replies that were on hold are now drafts.")
        )
    return redirect("hold", brand=found.pk)


urlpatterns = [
    path("hold/", hold_choose, name="hold_choose"),
    path("hold/<int:brand>/", hold, name="hold"),
    path("hold/<int:brand>/release/", release, name="release"),
]
