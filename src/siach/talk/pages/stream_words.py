"""Why this day, why these filters: what marks out what the Stream lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from siach.org.rights import needs
from siach.talk.asking import view_asked
from siach.talk.queries import stream as queries
from siach.talk.queries.sample import MOST
from siach.talk.queries.telling import alike, telling
from siach.ui.filtering import id_in

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.talk.queries.filters import View

SHOWN = 50


@needs("stream.read")
@require_GET
def stream_words(request: HttpRequest) -> HttpResponse:
    """Into the Stream with htmx, else a page of its own; with `same` the mentions that claim the same as one does."""
    view = view_asked(request, queries.scope(request.user))  # type: ignore[arg-type]
    if "same" in request.GET:
        return _alike(request, view, id_in(request.GET["same"]))
    told = telling(view)
    terms = [(term, view.filters.with_words(term.shown)) for term in told.terms]
    template = "talk/stream_words_told.html" if request.headers.get("HX-Request") else "talk/stream_words.html"
    context = {"view": view, "filters": view.filters, "told": told, "terms": terms, "most": MOST}
    return render(request, template, context)


def _alike(request: HttpRequest, view: View, mention: str) -> HttpResponse:
    group = alike(view, int(mention)) if mention else None
    if group is None:
        raise Http404
    cards = queries.cards(group.ids[:SHOWN])
    context = {
        "view": view,
        "filters": view.filters,
        "group": group,
        "cards": cards,
        "more": len(group.ids) - len(cards),
        "at": view.at,
        "several_brands": len(view.brands) > 1,
    }
    return render(request, "talk/stream_alike.html", context)


urlpatterns = [path("stream/words/", stream_words, name="stream_words")]
