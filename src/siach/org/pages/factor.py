"""My account: setting a second factor up and taking it away, and the recovery codes beside it."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import clear_totp_secret
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from siach.org import passkeys
from siach.org.actions import Refused
from siach.org.codes import NewAppForm
from siach.org.entering import ask_again, confirmed, is_confirmed
from siach.org.factors import (
    FACTORS,
    Kind,
    add_app,
    add_passkey,
    codes_of,
    has_factor,
    remake_codes,
    remove_factor,
    rename_passkey,
)
from siach.org.rights import needs

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.org.models import User

#: Until when, in this browser, the codes just made may be seen; nowhere else and never after.
_CODES_UNTIL = "codes_until"
_CODES_FOR = 600  # seconds


@needs("self.manage")
@confirmed
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def factor_app(request: HttpRequest) -> HttpResponse:
    """A picture for the app to read, and the code by which it shows that it did."""
    user: User = request.user  # type: ignore[assignment]
    form = NewAppForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        had = has_factor(user)
        try:
            add_app(user=user, secret=form.secret, at=timezone.now())
        except Refused as error:
            messages.error(request, str(error))
            return redirect("sign_in")
        clear_totp_secret(request)
        return _added(request, had)
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, form.secret))
    picture = base64.b64encode(svg.encode()).decode()
    context = {"form": form, "picture": picture, "secret": form.secret}
    return render(request, "org/factor_app.html", context, status=422 if form.errors else 200)


@needs("self.manage")
@confirmed
@never_cache
@require_http_methods(["GET", "POST"])
def passkey_new(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = passkeys.NewPasskeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            credential = passkeys.register(form.cleaned_data["credential"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            had, name = has_factor(user), form.cleaned_data["name"]
            add_passkey(user=user, name=name, credential=credential, at=timezone.now())
            return _added(request, had)
    context = {"form": form, "options": passkeys.registration(user)}
    return render(request, "org/passkey_new.html", context, status=422 if form.errors else 200)


@needs("self.manage")
@require_POST
def passkey_rename(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Authenticator, pk=pk, user=request.user, type=Kind.WEBAUTHN)
    if not is_confirmed(request):
        return ask_again(request)
    form = passkeys.NameForm(request.POST)
    if form.is_valid():
        rename_passkey(passkey=found, name=form.cleaned_data["name"])
        messages.success(request, _("The passkey has a new name."))
    return redirect("sign_in")


@needs("self.manage")
@require_http_methods(["GET", "POST"])
def factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Authenticator, pk=pk, user=request.user, type__in=FACTORS)
    if not is_confirmed(request):
        return ask_again(request)
    if request.method == "GET":
        last = Authenticator.objects.filter(user=request.user, type__in=FACTORS).count() == 1
        return render(request, "org/factor_remove.html", {"factor": found, "last": last})
    remove_factor(factor=found, at=timezone.now())
    messages.success(request, _("It is removed and no longer works."))
    return redirect("sign_in")


@needs("self.manage")
@never_cache
@require_GET
def codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes, for some minutes after they were made, in the browser that made them."""
    fresh = _fresh_codes(request)
    return render(request, "org/codes.html", {"codes": fresh}) if fresh else redirect("sign_in")


@needs("self.manage")
@never_cache
@require_GET
def codes_file(request: HttpRequest) -> HttpResponse:
    fresh = _fresh_codes(request)
    if not fresh:
        return redirect("sign_in")
    text = "\n".join(["Siach", *fresh, ""])
    headers = {"Content-Disposition": 'attachment; filename="siach-recovery-codes.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@needs("self.manage")
@confirmed
@require_POST
def codes_new(request: HttpRequest) -> HttpResponse:
    try:
        remake_codes(user=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        messages.error(request, str(error))
        return redirect("sign_in")
    return _show_codes(request)


def _added(request: HttpRequest, had: bool) -> HttpResponse:
    """After the first factor come its recovery codes; after another one, the list."""
    messages.success(request, _("The second factor is set up."))
    return redirect("sign_in") if had else _show_codes(request)


def _show_codes(request: HttpRequest) -> HttpResponse:
    request.session[_CODES_UNTIL] = time.time() + _CODES_FOR
    return redirect("codes")


def _fresh_codes(request: HttpRequest) -> list[str]:
    if request.session.get(_CODES_UNTIL, 0) < time.time():
        return []
    return codes_of(request.user)  # type: ignore[arg-type]


urlpatterns = [
    path("account/factor/app/", factor_app, name="factor_app"),
    path("account/factor/passkey/", passkey_new, name="passkey_new"),
    path("account/factor/<int:pk>/name/", passkey_rename, name="passkey_rename"),
    path("account/factor/<int:pk>/remove/", factor_remove, name="factor_remove"),
    path("account/codes/", codes, name="codes"),
    path("account/codes/file/", codes_file, name="codes_file"),
    path("account/codes/new/", codes_new, name="codes_new"),
]
