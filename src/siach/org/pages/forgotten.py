"""A forgotten password, where mail is set up. The page never tells whether an address has an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from siach.org import mail, signing
from siach.org.actions import Refused
from siach.org.ownership import ask_password, reset_password, whose_password
from siach.org.rights import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Email"), widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )


class NewPasswordForm(forms.Form):
    new = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        help_text=gettext_lazy("At least 10 characters; a few words are easier to remember than symbols."),
        widget=forms.PasswordInput({"autocomplete": "new-password", "autofocus": True}),
    )


@public
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    if not mail.is_set():
        raise Http404
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        if not ratelimit.consume(request, action="reset_password", key=email):
            return ratelimit.respond_429(request)
        ask_password(email=email)
        return render(request, "org/forgotten.html", {"asked": True})
    return render(request, "org/forgotten.html", {"form": form}, status=422 if form.errors else 200)


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def forgotten_set(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Whoever proved the address sets a password, and then signs in with it and with their second factor."""
    if not ratelimit.consume(request, action="reset_password_from_key"):
        return ratelimit.respond_429(request)
    user = whose_password(uid, token)
    if user is None:
        signing.tell("link", "refused")
        return render(request, "org/forgotten_set.html", {"refused": True}, status=422)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reset_password(user=user, password=form.cleaned_data["new"], at=timezone.now())
        except Refused as error:
            form.add_error("new", str(error))
        else:
            messages.success(request, _("The new password is set. All browsers were signed out."))
            return redirect("account_login")
    return render(
        request, "org/forgotten_set.html", {"form": form, "user_email": user.email}, status=422 if form.errors else 200
    )


urlpatterns = [
    path("account/forgotten/", forgotten, name="forgotten"),
    path("account/forgotten/<str:uid>/<str:token>/", forgotten_set, name="forgotten_set"),
]
