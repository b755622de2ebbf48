"""Deeds on readings as a whole: what an older reader read is read anew; what people judged leaves as training data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from siach.org.models import Brand
from siach.org.rights import brands_for, needs, orgs_for
from siach.talk.actions import rereading as deeds
from siach.talk.models import Rereading
from siach.talk.queries import training as data

if TYPE_CHECKING:
    from django.http import HttpRequest


_DEEDS = {"begin": deeds.begin, "stop": deeds.stop}


@needs("source.manage")
@require_POST
def reread(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Begin, go on with, or stop reading an organisation's posts anew."""
    if deed not in _DEEDS:
        raise Http404
    mine = Rereading.objects.filter(org__in=orgs_for(request.user, "source.manage"))  # type: ignore[arg-type]
    found = get_object_or_404(mine, pk=pk)
    try:
        _DEEDS[deed](rereading=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except deeds.CannotReread as refusal:
        messages.error(request, str(refusal))
    else:
        begun = _("Posts are being read again; you may leave this page.")
        messages.success(request, begun if deed == "begin" else _("Stopped. What was already read again stays."))
    return redirect("sources")


@needs(data.RIGHT)
@require_safe
def training(request: HttpRequest) -> StreamingHttpResponse:
    """Judged posts whose network lets models be trained on them, a line of JSON each."""
    brands = brands_for(request.user, data.RIGHT).filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    in_view: Brand | None = request.brand  # type: ignore[attr-defined]
    asked = [brand for brand in brands if in_view is None or brand.pk == in_view.pk]
    told = data.lines(request.user, asked)  # type: ignore[arg-type]
    answer = StreamingHttpResponse(
        (json.dumps(line, ensure_ascii=False) + "\n" for line in told), content_type="application/x-ndjson"
    )
    answer["Content-Disposition"] = 'attachment; filename="judged-posts.jsonl"'
    return answer


urlpatterns = [
    path("sources/readings/<int:pk>/<slug:deed>/", reread, name="reread"),
    path("sources/readings/judged.jsonl", training, name="training"),
]
