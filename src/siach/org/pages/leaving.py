"""Settings > Export and removal: everything an organisation owns as a file, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST, require_safe

from siach.org.archive import CannotArchive, ask_archive, take_archive
from siach.org.models import Archive, Removal
from siach.org.removing import CannotRemove, ask_removal, undo_removal
from siach.org.rights import needs, orgs_for
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.org.models import Org

LEAF = Leaf("settings", "leaving", gettext_lazy("Export and delete"), order=95, right="org.manage")
SHOWN = 10


def _org(request: HttpRequest, pk: int) -> Org:
    return get_object_or_404(orgs_for(request.user, "org.manage"), pk=pk)  # type: ignore[arg-type]


@needs("org.manage")
@require_GET
def leaving(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, refusal: str = "") -> HttpResponse:
    orgs = orgs_for(request.user, "org.manage").order_by("name", "pk")  # type: ignore[arg-type]
    parts = [
        {
            "org": org,
            "archives": list(Archive.objects.filter(org=org).order_by("-at", "-pk")[:SHOWN]),
            "removal": Removal.objects.filter(org=org).first(),
        }
        for org in orgs
    ]
    status = 422 if refusal else 200
    return render(request, "org/leaving.html", {"parts": parts, "refusal": refusal}, status=status)


@needs("org.manage")
@require_POST
def archive_make(request: HttpRequest, org: int) -> HttpResponse:
    try:
        ask_archive(org=_org(request, org), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotArchive as refusal:
        return _page(request, str(refusal))
    return redirect("leaving")


@needs("org.manage")
@require_safe
def archive_file(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    mine = Archive.objects.filter(org__in=orgs_for(request.user, "org.manage"))  # type: ignore[arg-type]
    found = get_object_or_404(mine, pk=pk)
    try:
        file = take_archive(archive=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotArchive as refusal:
        return _page(request, str(refusal))
    name = f"siach-{found.at:%Y-%m-%d}.zip"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


@needs("org.manage")
@require_POST
def removal_ask(request: HttpRequest, org: int) -> HttpResponse:
    try:
        ask_removal(org=_org(request, org), name=request.POST.get("name", ""), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotRemove as refusal:
        return _page(request, str(refusal))
    messages.warning(request, _("The organisation will be deleted in a week. Until then, this can be cancelled."))
    return redirect("leaving")


@needs("org.manage")
@require_POST
def removal_undo(request: HttpRequest, org: int) -> HttpResponse:
    try:
        undo_removal(org=_org(request, org), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotRemove as refusal:
        return _page(request, str(refusal))
    messages.success(request, _("The deletion is cancelled."))
    return redirect("leaving")


urlpatterns = [
    path("settings/leaving/", leaving, name="leaving"),
    path("settings/leaving/<int:org>/archive/", archive_make, name="archive_make"),
    path("settings/leaving/archive/<int:pk>/", archive_file, name="archive_file"),
    path("settings/leaving/<int:org>/remove/", removal_ask, name="removal_ask"),
    path("settings/leaving/<int:org>/keep/", removal_undo, name="removal_undo"),
]
