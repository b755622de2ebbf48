"""A reading of a mention: why it is so, and a person's own judgement instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from siach.org.entering import next_of
from siach.org.rights import needs
from siach.talk.actions.explaining import explain
from siach.talk.actions.marking import CORRECTABLE, CannotMark
from siach.talk.actions.marking import correct as correct_reading
from siach.talk.models import Mention
from siach.talk.queries.reach import mentions_for
from siach.talk.queries.stream import Card, cards
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.http import HttpRequest


_VALUES = frozenset(map(str, range(-1, len(Mention.Intent))))


@needs("stream.read")
@require_GET
def why(request: HttpRequest, mention: int) -> HttpResponse:
    """What decided a reading: into its card with htmx, else a page of its own."""
    found = get_object_or_404(
        mentions_for(request.user, "stream.read").select_related("brand", "post", "run", "corrected_by"),  # type: ignore[arg-type]
        pk=mention,
    )
    template = "talk/why.html" if request.headers.get("HX-Request") else "talk/why_page.html"
    return render(request, template, {"mention": found, "why": explain(found)})


@needs("reading.correct")
@require_POST
def correct(request: HttpRequest, mention: int) -> HttpResponse:
    """One field, one value: `sentiment`, `intent` or `about`. Answers with the reading's tags, or goes back."""
    found = get_object_or_404(mentions_for(request.user, "reading.correct"), pk=mention)  # type: ignore[arg-type]
    field = next((name for name in CORRECTABLE if name in request.POST), "")
    value = request.POST.get(field, "")
    was = str(int(found.is_about if field == "about" else getattr(found, field))) if field else ""
    try:
        correct_reading(
            mention=found,
            field=field,
            value=int(value) if value in _VALUES else -9,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except CannotMark as error:
        return _answer(request, cards([found.pk])[0], refusal=str(error))
    # An undo is a correction too; it is not offered to undo an undo.
    back = {} if request.POST.get("undo") or was == value else {field: was, "undo": "1"}
    return _answer(request, cards([found.pk])[0], back=back)


def _answer(request: HttpRequest, card: Card, refusal: str = "", back: dict[str, str] | None = None) -> HttpResponse:
    """The reading's tags with htmx, else the page before; `back` are the fields that correct it to what it was."""
    told = refusal or _("Reading corrected; the counts follow within seconds.")
    there, page = reverse("correct", args=[card.mention.pk]), request.POST.get("next", "")
    if request.headers.get("HX-Request"):
        answer = render(request, "talk/reading.html", {"card": card, "page_url": page}, status=422 if refusal else 200)
        answer["HX-Trigger"] = json.dumps({"siach:toast": _toast(told, there, back and back | {"next": page})})
        return answer
    if back:
        offer_undo(request, told, there, **back, next=page)
    else:
        messages.add_message(request, messages.ERROR if refusal else messages.SUCCESS, told)
    return HttpResponseRedirect(next_of(request) or reverse("post", args=[card.mention.post_id]))


def _toast(text: str, url: str, fields: dict[str, str] | None) -> dict[str, object]:
    return {"text": text, "undo": {"url": url, "fields": fields, "word": _("Undo")}} if fields else {"text": text}


urlpatterns = [
    path("stream/why/<int:mention>/", why, name="why"),
    path("stream/correct/<int:mention>/", correct, name="correct"),
]
