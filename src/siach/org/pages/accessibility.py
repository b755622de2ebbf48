"""The public accessibility statement, with whom to turn to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from siach.org.models import Org, Privacy
from siach.org.rights import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What is accessible and how; the coordinators that organisations here have named, and nothing else of theirs.

    An invented coordinator of a demo stands in only where no other organisation is here.
    """
    is_demo = not Org.objects.filter(is_demo=False).exists()
    told = Privacy.objects.filter(org__is_demo=is_demo).order_by("pk").values_list("access", flat=True)
    coordinators = [one for one in told if one.get("name") or one.get("mail") or one.get("phone")]
    return render(request, "org/accessibility.html", {"coordinators": coordinators})


urlpatterns = [path("accessibility/", accessibility, name="accessibility")]
