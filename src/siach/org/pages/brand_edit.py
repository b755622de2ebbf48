"""One brand: its names, what is not about it, its goals; and a new brand of ours or a rival's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from siach.org.actions import Refused, add_brand, rename_brand, set_goal
from siach.org.forms import BrandForm, NeighboursForm, goal_forms
from siach.org.models import Brand
from siach.org.queries import goals_of
from siach.org.rights import brands_for, needs, orgs_for

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse


class NewBrandForm(BrandForm):
    kind = forms.ChoiceField(label=gettext_lazy("Whose brand is it?"), choices=Brand.Kind.choices)
    field_order = ["kind", "name", "names", "exclusions", "languages"]


@needs("brand.manage")
@require_http_methods(["GET", "POST"])
def brand_edit(request: HttpRequest, brand: int) -> HttpResponse:
    """The names; the goals of the same page go to their own address."""
    found = get_object_or_404(brands_for(request.user, "brand.manage"), pk=brand)  # type: ignore[arg-type]
    form = NeighboursForm(request.POST or None, initial=_names(found))
    if request.method == "POST" and form.is_valid():
        rename_brand(brand=found, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("The names are saved. They apply to everything that arrives from now on."))
        return redirect("brand_edit", brand=found.pk)
    return _page(request, found, form, _goals(found))


@needs("brand.manage")
@require_POST
def brand_goals(request: HttpRequest, brand: int) -> HttpResponse:
    found = get_object_or_404(
        brands_for(request.user, "brand.manage"),  # type: ignore[arg-type]
        pk=brand,
        kind=Brand.Kind.OWN,
    )
    asked = goal_forms(request.POST)
    valid = [form.is_valid() for form in asked]
    if not all(valid):
        return _page(request, found, NeighboursForm(initial=_names(found)), asked)
    for form in asked:
        set_goal(brand=found, layer=form.layer, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The goals are saved."))
    return redirect("brand_edit", brand=found.pk)


@needs("brand.manage")
@require_http_methods(["GET", "POST"])
def brand_new(request: HttpRequest, org: int) -> HttpResponse:
    owner = get_object_or_404(orgs_for(request.user, "brand.manage"), pk=org)  # type: ignore[arg-type]
    initial = {"languages": [owner.language], "kind": request.GET.get("kind", Brand.Kind.OWN)}
    form = NewBrandForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_brand(org=owner, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as error:
            form.add_error("name", str(error))
        else:
            return redirect("brand_edit", brand=made.pk)
    status = 422 if form.errors else 200
    return render(request, "org/brand_new.html", {"form": form, "org": owner}, status=status)


def _names(brand: Brand) -> dict[str, list[str]]:
    return {
        "names": [name for name in brand.names if name != brand.name],
        "exclusions": brand.exclusions,
        "required": brand.required,
        "forbidden": brand.forbidden,
    }


def _goals(brand: Brand) -> list[Any]:
    kept = {goal.layer: {"target": goal.target, "aim": goal.aim} for goal in goals_of(brand)}
    return goal_forms(initial=kept)


def _page(request: HttpRequest, brand: Brand, form: NeighboursForm, goals: list[Any]) -> HttpResponse:
    broken = bool(form.errors or any(goal.errors for goal in goals))
    context = {"subject": brand, "form": form, "goals": goals if brand.kind == Brand.Kind.OWN else []}
    return render(request, "org/brand_edit.html", context, status=422 if broken else 200)


urlpatterns = [
    path("settings/brands/<int:brand>/", brand_edit, name="brand_edit"),
    path("settings/brands/<int:brand>/goals/", brand_goals, name="brand_goals"),
    path("settings/new-brand/<int:org>/", brand_new, name="brand_new"),
]
