"""My account, roles: in which teams I am, with which role, and by which mandates I work, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from siach.org.houses import held, memberships_of
from siach.org.rights import needs
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("me", "my_roles", gettext_lazy("My roles"), order=10, right="self.manage")


@needs("self.manage")
@require_safe
def my_roles(request: HttpRequest) -> HttpResponse:
    context = {
        "memberships": memberships_of(request.user),  # type: ignore[arg-type]
        "held": held(request.user, at=timezone.now()),  # type: ignore[arg-type]
    }
    return render(request, "org/my_roles.html", context)


urlpatterns = [path("account/roles/", my_roles, name="my_roles")]
