"""What people talk about: the themes of what the Stream lists, each a link to its posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from siach.org.models import Brand
from siach.org.rights import brands_for, needs
from siach.talk.asking import view_asked
from siach.talk.queries import stream as queries
from siach.talk.queries.sample import MOST
from siach.talk.queries.themes import talked_about

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.language.themes import Theme
    from siach.talk.queries.filters import View


@needs("stream.read")
@require_GET
def stream_themes(request: HttpRequest) -> HttpResponse:
    """Into the Stream with htmx, else a page of its own."""
    view = view_asked(request, queries.scope(request.user))  # type: ignore[arg-type]
    found = talked_about(view)
    template = "talk/stream_themes_told.html" if request.headers.get("HX-Request") else "talk/stream_themes.html"
    context = {
        "view": view,
        "filters": view.filters,
        "themes": found,
        "told": [(one, view.filters.with_words(one.asked), _topic_lines(one.theme)) for one in found.told],
        "most": MOST,
        "managed": _managed(request, view) if found.told else None,
    }
    return render(request, template, context)


def _managed(request: HttpRequest, view: View) -> Brand | None:
    """The brand whose topics the reader may add to: the one in view, where it is one of ours."""
    if len(view.brands) != 1:
        return None
    mine = brands_for(request.user, "brand.manage").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    return mine.filter(pk=view.brands[0].pk).first()


def _topic_lines(theme: Theme) -> str:
    """The words of a topic that would hold these posts, one on each line: as they are told and as they stand alone."""
    ways = (way for name in theme.names for way in ((name.shown,) if " " in name.shown else (*name.forms, name.shown)))
    return "\n".join(dict.fromkeys(ways))


urlpatterns = [path("stream/themes/", stream_themes, name="stream_themes")]
