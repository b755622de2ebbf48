"""The page for somebody outside who was sent a link: what must be decided, and nothing else of ours."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.shortcuts import render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from siach.org import signing
from siach.org.approval_links import LinkIsOver, NoSuchLink, language_of, opened
from siach.org.approvals import CannotDecide
from siach.org.rights import public
from siach.talk.actions.approving import decide_outside
from siach.talk.queries.approvals import items

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

TRIES, SECONDS = 30, 60


@public
@never_cache
@require_http_methods(["GET", "POST"])
def outside(request: HttpRequest, token: str) -> HttpResponse:
    """The words and the post they answer; `answer` grant or refuse, with `name` and `reason`."""
    at = timezone.now()
    if _is_too_often(request):
        signing.tell_limit(request)
        return _said(request, _("Too many tries. Try again in a minute."), status=429)
    _speak(request, token)
    try:
        return _answered(request, token, at) if request.method == "POST" else _page(request, token, at)
    except NoSuchLink:
        return _said(request, _("This link does not work here. It may be cut off: copy all of it."), status=404)
    except LinkIsOver as error:
        return _said(request, str(error), status=410)


def _speak(request: HttpRequest, token: str) -> None:
    """The brand's language, unless this visitor has chosen one here."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES or request.user.is_authenticated
    if not chosen and (language := language_of(token)):
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def _is_too_often(request: HttpRequest) -> bool:
    """Counted for each address a minute, so that nobody guesses tokens or hammers one."""
    who = hashlib.sha256(get_adapter().get_client_ip(request).encode()).hexdigest()[:24]
    key = f"outside:{who}"
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key) > TRIES
    except ValueError:  # it ran out between the two
        return False


def _page(request: HttpRequest, token: str, at: datetime, *, status: int = 200, **more: object) -> HttpResponse:
    link = opened(token, at=at)
    approval = link.step.approval
    (item,) = items([approval], user=None, at=at)
    context = {"link": link, "item": item, **more}
    return render(request, "talk/outside.html", context, status=status)


def _answered(request: HttpRequest, token: str, at: datetime) -> HttpResponse:
    grant = request.POST.get("answer") == "grant"
    name, reason = request.POST.get("name", ""), request.POST.get("reason", "")
    try:
        decide_outside(token=token, grant=grant, name=name, reason=reason, at=at)
    except CannotDecide as error:
        return _page(request, token, at, status=422, refusal=str(error), name=name, reason=reason)
    return _said(request, _("Thank you. The reply is approved.") if grant else _("Thank you. The reply is rejected."))


def _said(request: HttpRequest, sentence: str, *, status: int = 200) -> HttpResponse:
    return render(request, "talk/outside_said.html", {"sentence": sentence}, status=status)


urlpatterns = [path("o/<str:token>/", outside, name="outside")]
