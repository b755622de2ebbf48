"""The reader's own language, switched from the frame of any page, signed in or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseBadRequest, HttpResponseRedirect
from django.urls import path
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from siach.org.actions import choose_language
from siach.org.entering import next_of
from siach.org.rights import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the choice in a cookie for this browser and, for whoever is signed in, with the person."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES) or not check_for_language(language):
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        choose_language(user=request.user, language=language)
    response = HttpResponseRedirect(next_of(request) or "/")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
    )
    return response


urlpatterns = [path("language/", set_language, name="set_language")]
