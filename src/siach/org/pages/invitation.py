"""The other side of an invitation: a new person sets name and password, one who is here joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.core.internal import ratelimit
from django import forms
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from siach.org import oidc, signing
from siach.org.actions import Refused
from siach.org.entering import come_in, home_of
from siach.org.inviting import accept, accept_as, read
from siach.org.models import User
from siach.org.rights import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Invitation


class ComingForm(forms.Form):
    """Name and password alone: role, team and address are the invitation's."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters; a few words are easier to remember than symbols."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it changes nothing; each try with a link that opens nothing is counted by address."""
    try:
        row = read(token=token, at=timezone.now())
    except Refused as error:
        counted = ratelimit.consume(request, app="allauth.account", action="open_link", limit_get=True)
        return _refused(request, str(error)) if counted else ratelimit.respond_429(request)
    if request.user.is_authenticated:
        return _join(request, token, row)
    if User.objects.filter(email=row.email).exists():
        return render(request, "org/invitation.html", {"row": row, "known": True})
    return _come(request, token, row)


def _join(request: HttpRequest, token: str, row: Invitation) -> HttpResponse:
    if request.method == "GET":
        return render(request, "org/invitation.html", {"row": row, "joins": True})
    try:
        accept_as(token=token, user=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        return _refused(request, str(error))
    return redirect(home_of(request.user))  # type: ignore[arg-type]


def _come(request: HttpRequest, token: str, row: Invitation) -> HttpResponse:
    form = ComingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = accept(token=token, **form.cleaned_data, at=timezone.now())
        except Refused as error:
            form.add_error("password", str(error))
        else:
            return come_in(request, user, method="invitation")
    context: dict[str, Any] = {"row": row, "form": form, "sso": oidc.name()}
    return render(request, "org/invitation.html", context, status=422 if form.errors else 200)


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    signing.tell("link", "refused", user=request.user.pk)
    return render(request, "org/invitation.html", {"refusal": why}, status=422)


urlpatterns = [path("invitation/<str:token>/", invitation, name="invitation")]
