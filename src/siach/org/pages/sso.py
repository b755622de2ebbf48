"""Coming in by single sign-on: only members and whoever was invited, known by the address that the
provider verified the first time, and then by who they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from siach.org import oidc, signing
from siach.org.actions import Refused
from siach.org.entering import come_in, next_of
from siach.org.inviting import come_by_provider
from siach.org.rights import public
from siach.org.sessions import choose_device

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_POST
def sso(request: HttpRequest) -> HttpResponse:
    if not oidc.name():
        raise Http404
    if not ratelimit.consume(request, action="sso"):
        return ratelimit.respond_429(request)
    choose_device(request.session, is_own=request.POST.get("own") == "on")
    try:
        return redirect(oidc.begin(request.session, to=next_of(request)))
    except Refused as error:
        return _refused(request, str(error))


@public
@never_cache
@require_GET
def sso_back(request: HttpRequest) -> HttpResponse:
    """The provider sends the browser here. A stranger's address makes nobody, whatever the provider says of it."""
    if not oidc.name():
        raise Http404
    try:
        proved, to = oidc.finish(request.session, request.GET.dict())
        user = come_by_provider(proved=proved, at=timezone.now())
    except Refused as error:
        return _refused(request, str(error))
    if user is None or not user.is_active:
        return _refused(request, _("There is no invitation for this email."), user.pk if user else None)
    return come_in(request, user, method="sso", to=to)


def _refused(request: HttpRequest, why: str, user: int | None = None) -> HttpResponse:
    signing.tell("provider", "refused", user=user)
    return render(request, "org/sso_refused.html", {"refusal": why}, status=422)


urlpatterns = [
    path("account/sso/", sso, name="sso"),
    path("account/sso/back/", sso_back, name="sso_back"),
]
