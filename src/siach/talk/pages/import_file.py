"""Importing a file: hand it in, name its columns, watch it come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siach.org.models import Brand, Org
from siach.org.rights import brands_for, needs, orgs_for
from siach.talk.actions import importing
from siach.talk.models import Import
from siach.talk.queries import imports as queries
from siach.talk.tabular import FIELDS, NEEDED, CannotRead
from siach.ui.table import csv_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest

KNOWN_NETWORKS = ("facebook", "instagram", "twitter", "tiktok", "youtube", "linkedin", "google_reviews", "news")
BY_COLUMN = "column"
ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1255": "Windows-1255"}


class FileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=False)


def _jobs(request: HttpRequest) -> Any:
    mine = orgs_for(request.user, "import.run")  # type: ignore[arg-type]
    return Import.objects.filter(org__in=mine).select_related("org", "brand", "by")


@needs("import.run")
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Hand a file in. It is kept, looked at, and nothing more yet."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, brand = form.cleaned_data["file"], request.brand  # type: ignore[attr-defined]
        try:
            job = importing.start(
                org=_org(request, brand),
                network="",
                name=file.name,
                file=file,
                brand=brand,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except importing.CannotImport as error:
            form.add_error("file", str(error))
        else:
            return redirect("import_job", pk=job.pk)
    return render(request, "talk/import_file.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _org(request: HttpRequest, brand: Brand | None) -> Org:
    orgs = orgs_for(request.user, "import.run").order_by("pk")  # type: ignore[arg-type]
    return get_object_or_404(orgs, pk=brand.org_id) if brand else orgs[0]


@needs("import.run")
@require_http_methods(["GET", "HEAD", "POST"])
def import_job(request: HttpRequest, pk: int) -> HttpResponse:
    """A file on its way: its columns while it waits, its progress afterwards."""
    job = get_object_or_404(_jobs(request), pk=pk)
    if job.state != Import.State.DRAFT:
        shown = queries.progress(job, at=timezone.now())
        return render(
            request,
            "talk/import_job.html",
            {"shown": shown, "job": job, "encoding": ENCODINGS.get(job.encoding, job.encoding.upper())},
        )
    brands = list(brands_for(request.user, "import.run").filter(org=job.org).order_by("kind", "pk"))  # type: ignore[arg-type]
    told = _Told(job, brands, (request.POST or request.GET).dict())
    refusal = ""
    if request.method == "POST":
        try:
            importing.begin(
                job=job,
                mapping=told.mapping,
                network=told.network,
                brand=told.brand,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except importing.CannotImport as error:
            refusal = str(error)
        else:
            return redirect("import_job", pk=job.pk)
    return _mapping_page(request, job, told, brands, refusal)


class _Told:
    """What a person chose so far; before the first choice, what was guessed."""

    def __init__(self, job: Import, brands: list[Brand], asked: Mapping[str, str]) -> None:
        fresh = "network" not in asked
        self.network = job.network if fresh else asked["network"].strip()[:60]
        self.mapping: dict[str, str] = dict(job.mapping) if fresh else dict(self._chosen(asked))
        self.choice = asked.get("brand") or (BY_COLUMN if "brand" in self.mapping else "")
        if self.choice == BY_COLUMN:
            self.brand = None
        else:
            guessed = job.brand or (brands[0] if len(brands) == 1 else None)
            self.brand = next((brand for brand in brands if str(brand.pk) == self.choice), guessed)
            self.choice = str(self.brand.pk) if self.brand else ""
            self.mapping.pop("brand", None)

    @staticmethod
    def _chosen(asked: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for field in FIELDS:
            if column := asked.get(f"map_{field}"):
                yield field, column


def _mapping_page(request: HttpRequest, job: Import, told: _Told, brands: list[Brand], refusal: str) -> HttpResponse:
    try:
        preview = queries.preview(job, told.mapping, told.brand, at=timezone.now())
    except (CannotRead, OSError) as error:
        raise Http404 from error
    fields = [
        (field, queries.FIELD_LABELS[field], told.mapping.get(field, ""), field in NEEDED)
        for field in FIELDS
        if field != "brand" or told.choice == BY_COLUMN
    ]
    context = {
        "job": job,
        "told": told,
        "fields": fields,
        "preview": preview,
        "brands_here": brands,
        "networks": KNOWN_NETWORKS,
        "refusal": refusal,
    }
    return render(request, "talk/import_mapping.html", context, status=422 if refusal else 200)


_DEEDS = {"stop": importing.stop, "resume": importing.resume, "drop": importing.drop}


@needs("import.run")
@require_POST
def change_import(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Stop, resume, or throw away a file that was not started."""
    if deed not in _DEEDS:
        raise Http404
    try:
        _DEEDS[deed](job=get_object_or_404(_jobs(request), pk=pk), by=request.user, at=timezone.now())  # type: ignore
    except importing.CannotImport as error:
        messages.error(request, str(error))
    if deed == "drop":
        return redirect("sources")
    return redirect("import_job", pk=pk)


@needs("import.run")
@require_safe
def refused_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows, to be mended and handed in again."""
    job = get_object_or_404(_jobs(request), pk=pk)
    return csv_file(f"refused-{job.pk}.csv", queries.refused_table(job))


urlpatterns = [
    path("sources/import/", import_file, name="import_file"),
    path("sources/import/<int:pk>/", import_job, name="import_job"),
    path("sources/import/<int:pk>/refused.csv", refused_rows, name="refused_rows"),
    path("sources/import/<int:pk>/<slug:deed>/", change_import, name="change_import"),
]
