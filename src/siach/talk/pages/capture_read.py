"""The words of a screenshot, for the form of a capture to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core.internal import ratelimit
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from siach.org.rights import needs
from siach.talk import picture_words, pictures

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("capture.add")
@require_POST
def capture_read(request: HttpRequest) -> JsonResponse:
    """What can be read in one picture; a person checks it."""
    handed_in = request.FILES.get("picture")
    if handed_in is None or handed_in.size is None or handed_in.size > 20 * 2**20:
        return JsonResponse({"text": ""}, status=400)
    who = f"person:{request.user.pk}"
    if not ratelimit.consume(request, app="allauth.account", action="read_picture", key=who):
        return JsonResponse({"text": ""}, status=429)
    try:
        return JsonResponse({"text": picture_words.words_in(handed_in.read())})
    except pictures.NotAPicture as error:
        return JsonResponse({"text": "", "error": str(error)}, status=400)


urlpatterns = [path("capture/read/", capture_read, name="capture_read")]
