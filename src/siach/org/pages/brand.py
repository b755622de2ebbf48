"""Settings: the brands and how they are heard, their goals, who is here and may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from siach.org.models import Membership
from siach.org.queries import rights_by_role, rights_table, settings_of
from siach.org.rights import needs
from siach.ui.frame import Leaf, Place

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PLACE = Place("brand", _("Settings"), icon="settings", order=90, group=3, right="brand.manage")
LEAF = Leaf("settings", "brand", _("Brands and goals"), order=10, right="brand.manage")


@needs("brand.manage")
def brand(request: HttpRequest) -> HttpResponse:
    roles, rights = rights_table()
    context = {
        "settings": settings_of(request.user),  # type: ignore[arg-type]
        "roles": roles,
        "rights": rights,
        "held_by_role": rights_by_role(),
        "role_choices": Membership.Role.choices,
    }
    return render(request, "org/brand.html", context)


urlpatterns = [path("settings/", brand, name="brand")]
