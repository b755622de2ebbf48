"""On call: who is on for a brand in the coming two weeks, what nobody covers, and how often people are interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from siach.org.actions import Refused
from siach.org.models import Brand, Shift, User
from siach.org.notices import reading
from siach.org.on_call import planning, turns
from siach.org.rights import brands_for, members, needs
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("settings", "on_call", gettext_lazy("On call"), order=30, right="today.read")
DAYS = 14
SHOWN_GAPS = 5


class ShiftForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who"), empty_label=gettext_lazy("Choose…"))
    deputy = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Deputy"), required=False, empty_label=gettext_lazy("Nobody")
    )
    day = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    begins = forms.TimeField(
        label=pgettext_lazy("hour", "From"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label=pgettext_lazy("hour", "Until"),
        help_text=gettext_lazy("An end time at or before the start means the next day."),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    is_weekly = forms.BooleanField(label=gettext_lazy("Every week"), required=False)
    until = forms.DateField(
        label=gettext_lazy("Last day, if weekly"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any, brand: Brand) -> None:
        super().__init__(data, initial={"begins": "08:00", "ends": "08:00"})
        people = members(brand.org, "today.read").order_by("name", "pk")
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["deputy"].queryset = people  # type: ignore[attr-defined]


class MinutesForm(forms.Form):
    """How long notices of the whole organisation call before they go on."""

    urgent = forms.IntegerField(
        label=gettext_lazy("Minutes before an urgent notice is passed on"),
        min_value=planning.LEAST_MINUTES,
        max_value=planning.MOST_MINUTES,
    )
    important = forms.IntegerField(
        label=gettext_lazy("Minutes before an important notice is passed on"),
        min_value=planning.LEAST_MINUTES,
        max_value=planning.MOST_MINUTES,
    )


@needs("today.read")
@require_http_methods(["GET"])
def on_call(request: HttpRequest) -> HttpResponse:
    """The brand in view, or the first of the reader's."""
    brands = request.brands  # type: ignore[attr-defined]
    brand = request.brand or (brands[0] if brands else None)  # type: ignore[attr-defined]
    if brand is None:
        raise Http404
    return _page(request, brand, ShiftForm(None, brand))


@needs("shift.manage")
@require_POST
def shift_add(request: HttpRequest, brand: int) -> HttpResponse:
    found = _own(request, brand)
    form = ShiftForm(request.POST, found)
    if not form.is_valid():
        return _page(request, found, form)
    said = form.cleaned_data
    try:
        planning.add_shift(
            brand=found,
            user=said["user"],
            deputy=said["deputy"],
            day=said["day"],
            hours=(said["begins"], said["ends"]),
            is_weekly=said["is_weekly"],
            until=said["until"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except planning.NoShift as error:
        form.add_error(None, str(error))
        return _page(request, found, form)
    messages.success(request, _("The shift is saved."))
    return redirect("on_call")


@needs("shift.manage")
@require_POST
def shift_remove(request: HttpRequest, pk: int) -> HttpResponse:
    scope = brands_for(request.user, "shift.manage")  # type: ignore[arg-type]
    shift = get_object_or_404(Shift.objects.select_related("brand__org"), pk=pk, brand__in=scope)
    planning.remove_shift(shift=shift, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The shift is removed."))
    return redirect("on_call")


@needs("shift.manage")
@require_POST
def minutes_set(request: HttpRequest, brand: int) -> HttpResponse:
    """For the organisation of this brand, so that a refusal stands on the brand's page."""
    found = _own(request, brand)
    form = MinutesForm(request.POST)
    if not form.is_valid():
        return _page(request, found, ShiftForm(None, found), form)
    try:
        planning.set_minutes(org=found.org, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        form.add_error(None, str(error))
        return _page(request, found, ShiftForm(None, found), form)
    messages.success(request, _("Saved. It applies to every alert that nobody has picked up."))
    return redirect("on_call")


def _own(request: HttpRequest, pk: int) -> Brand:
    scope = brands_for(request.user, "shift.manage").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    return get_object_or_404(scope.select_related("org"), pk=pk)


def _page(request: HttpRequest, brand: Brand, form: ShiftForm, minutes: MinutesForm | None = None) -> HttpResponse:
    at = timezone.now()
    days, gaps = turns.calendar(brand, at=at, days=DAYS)
    scope = brands_for(request.user, "shift.manage")  # type: ignore[arg-type]
    org = brand.org
    manages = scope.filter(pk=brand.pk).exists()
    context = {
        "on_brand": brand,
        "days": days,
        "gaps": gaps[:SHOWN_GAPS],
        "more_gaps": max(0, len(gaps) - SHOWN_GAPS),
        "shifts": turns.shifts_of(brand),
        "on_now": turns.on_now(brand, at=at),
        "manages": manages,
        "form": form,
        "minutes": minutes or MinutesForm(initial={"urgent": org.urgent_minutes, "important": org.important_minutes}),
        "add_url": reverse("shift_add", args=[brand.pk]),
        "people": reading.interruptions_of(org, at=at) if manages else [],
    }
    broken = form.errors or (minutes and minutes.errors)
    return render(request, "org/on_call.html", context, status=422 if broken else 200)


urlpatterns = [
    path("settings/on-call/", on_call, name="on_call"),
    path("settings/on-call/<int:brand>/add/", shift_add, name="shift_add"),
    path("settings/on-call/<int:brand>/minutes/", minutes_set, name="minutes_set"),
    path("settings/on-call/shift/<int:pk>/remove/", shift_remove, name="shift_remove"),
]
