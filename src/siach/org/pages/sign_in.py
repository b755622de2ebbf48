"""My account: the ways in, the browsers that are signed in, and the email."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from siach.org import mail
from siach.org.actions import Refused
from siach.org.entering import confirmed, number
from siach.org.factors import Kind, codes_of
from siach.org.ownership import ask_email, change_email, is_of
from siach.org.rights import needs
from siach.org.sessions import choose_device, end_sessions, is_own_device, sessions_of
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("me", "sign_in", gettext_lazy("Sign-in"), order=10, right="self.manage")


class EmailForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("New email"), widget=forms.EmailInput({"autocomplete": "email"}))


@needs("self.manage")
def sign_in(request: HttpRequest) -> HttpResponse:
    return _page(request, EmailForm())


@needs("self.manage")
@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    """One browser by its number, or, without one, every other browser."""
    asked = request.POST.get("session", "")
    only = number(asked)
    if asked and only is None:
        raise Http404
    ended = end_sessions(
        user=request.user,  # type: ignore[arg-type]
        at=timezone.now(),
        only=only,
        keep=request.session.session_key,
    )
    messages.success(request, _("That browser was signed out.") if ended else _("That browser was already signed out."))
    return redirect("sign_in")


@needs("self.manage")
@confirmed
@require_POST
def session_own(request: HttpRequest) -> HttpResponse:
    """`own` is 1 where nobody else uses this browser."""
    choose_device(request.session, is_own=request.POST.get("own") == "1")
    messages.success(request, _("Saved for this session."))
    return redirect("sign_in")


@needs("self.manage")
@confirmed
@require_POST
def email_change(request: HttpRequest) -> HttpResponse:
    if not mail.is_set():
        raise Http404
    form = EmailForm(request.POST)
    if not ratelimit.consume(request, action="manage_email", user=request.user):
        return ratelimit.respond_429(request)
    if not form.is_valid():
        return _page(request, form)
    ask_email(user=request.user, email=form.cleaned_data["email"], at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("A link is on its way to the new address. Nothing changes until it is opened."))
    return redirect("sign_in")


@needs("self.manage")
@require_http_methods(["GET", "POST"])
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing; its button does, for the person who asked and nobody else."""
    if not is_of(request.user, token):  # type: ignore[arg-type]
        raise Http404
    if request.method == "GET":
        return render(request, "org/email_confirm.html")
    try:
        change_email(user=request.user, token=token, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        return render(request, "org/email_confirm.html", {"refusal": str(error)}, status=422)
    messages.success(request, _("The email is changed. Use it to sign in from now on."))
    return redirect("sign_in")


def _page(request: HttpRequest, form: EmailForm) -> HttpResponse:
    factors = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    context: dict[str, Any] = {
        "app": next((one for one in factors if one.type == Kind.TOTP), None),
        "passkeys": [one for one in factors if one.type == Kind.WEBAUTHN],
        "codes": len(codes_of(request.user)),  # type: ignore[arg-type]
        "is_own_device": is_own_device(request.session),
        "idle_hours": settings.SIACH_IDLE_HOURS,
        "sessions": sessions_of(request.user, request.session.session_key),  # type: ignore[arg-type]
        "form": form,
        "mail_is_set": mail.is_set(),
    }
    return render(request, "org/sign_in.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("account/sign-in/", sign_in, name="sign_in"),
    path("account/sessions/end/", session_end, name="session_end"),
    path("account/sessions/own/", session_own, name="session_own"),
    path("account/email/", email_change, name="email_change"),
    path("account/email/<str:token>/", email_confirm, name="email_confirm"),
]
