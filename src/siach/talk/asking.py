"""The view of the Stream that an address asks for, within what its reader may read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils import timezone

from siach.org.rights import narrow, reaches
from siach.talk.queries.filters import View, read_filters, view_of
from siach.talk.queries.muting import muted_by
from siach.talk.queries.reach import shut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from siach.org.models import Brand


def view_asked(request: HttpRequest, scope: Sequence[Brand]) -> View:
    """The filters of the address within the reader's scope; a brand beyond it is not there."""
    filters = read_filters(request.GET.dict())
    at = timezone.now()
    limits = narrow(reaches(request.user, "stream.read"))  # type: ignore[arg-type]
    view = view_of(filters, scope, request.brand, limits=limits, at=at)  # type: ignore[attr-defined]
    view = replace(view, shut=shut(request.user, "stream.read", view.brands))  # type: ignore[arg-type]
    if not filters.muted:
        view = replace(view, muted=muted_by(request.user, at=at))  # type: ignore[arg-type]
    if filters.brand.isdecimal() and not view.brands:
        raise Http404
    return view
