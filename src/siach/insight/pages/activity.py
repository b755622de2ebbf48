"""Activity: who did what, as sentences, newest first."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from siach.insight.queries import activity as queries
from siach.org.rights import needs
from siach.ui.frame import Place
from siach.ui.table import csv_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from siach.insight.queries.activity import Line

PLACE = Place("activity", _("Activity"), icon="activity", order=80, key="A", group=3, right="activity.read")
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")


@needs("activity.read")
@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """A page of lines, filtered by person, kind of deed, brand, period and subject."""
    filters = queries.Filters.read(request.GET)
    before = request.GET.get("before", "")
    page = queries.activity(request.user, filters, before=before, at=timezone.now())  # type: ignore[arg-type]
    context = {
        "page": page,
        "filters": filters,
        "is_range": filters.days == queries.RANGE,
        "people": queries.people(request.user),  # type: ignore[arg-type]
        "brands_here": queries.brands(request.user),  # type: ignore[arg-type]
        "kinds": [(noun, label) for noun, (label, _icon) in queries.KINDS.items()],
        "by_itself": queries.BY_ITSELF,
        "older_url": f"?{filters.address(before=page.older)}" if page.older else "",
        "newer_url": f"?{filters.address()}" if before else "",
    }
    return render(request, "insight/activity.html", context)


@needs("activity.read")
@require_safe
def activity_file(request: HttpRequest) -> HttpResponse:
    """The same lines as a file, all of them."""
    filters, at = queries.Filters.read(request.GET), timezone.now()
    lines = queries.exported(request.user, filters, at=at)  # type: ignore[arg-type]
    return csv_file(f"siach-activity-{timezone.localdate(at)}.csv", _rows(lines))


def _rows(lines: Iterator[Line]) -> Iterator[list[object]]:
    """A header in the reader's language, then time, person, deed, sentence, brand and subject of each line."""
    yield [
        *(gettext("Time"), gettext("Person"), gettext("Action"), gettext("What was done")),
        *(gettext("Brand"), gettext("Subject"), gettext("Number")),
    ]
    itself = gettext("Siach (automatic)")
    for line in lines:
        entry = line.entry
        who = line.by.name if line.by else itself
        at = timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds")
        brand = entry.brand.name if entry.brand else ""
        yield [at, who, entry.name, _said(line), brand, entry.subject_kind, entry.subject_id]


def _said(line: Line) -> str:
    """The sentence without its markup."""
    context = {"entry": line.entry, "by": line.by, "subject": line.subject, "facts": line.facts}
    return _SPACE.sub(" ", unescape(_TAG.sub("", render_to_string(line.template, context)))).strip()


urlpatterns = [
    path("activity/", activity, name="activity"),
    path("activity/activity.csv", activity_file, name="activity_file"),
]
