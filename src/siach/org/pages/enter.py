"""Coming in: email and password, the one-time link of the command line, going out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.forms import LoginForm
from allauth.account.views import LoginView, LogoutView
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from siach.org import mail, oidc, signing
from siach.org.actions import FIRST_RUN, Refused, use_link
from siach.org.entering import come_in
from siach.org.models import Org
from siach.org.queries import has_people
from siach.org.rights import public
from siach.org.sessions import choose_device

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class SignInForm(LoginForm):
    """Email, password, and whether nobody else uses this device."""

    own = forms.BooleanField(label=_("Trust this device"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("login", _("Email")), ("password", _("Password"))):
            self.fields[name].label = label
            self.fields[name].help_text = ""
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}
        self.fields["own"].help_text = idle_words()


def idle_words() -> str:
    """How long a sign-in lasts without use."""
    n = settings.SIACH_IDLE_HOURS
    return ngettext(
        "You stay signed in for two weeks without use; on other devices, for an hour.",
        "You stay signed in for two weeks without use; on other devices, for %(n)s hours.",
        n,
    ) % {"n": n}


class SignIn(LoginView):
    template_name = "org/login.html"

    def get_form_class(self) -> type[SignInForm]:
        return SignInForm

    def form_valid(self, form: SignInForm) -> HttpResponse:
        choose_device(self.request.session, is_own=form.cleaned_data["own"])
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "nobody_here": not has_people() and not Org.objects.exists(),
            "mail_is_set": mail.is_set(),
            "sso": oidc.name(),
        }
        return super().get_context_data(**more, **kwargs)

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class SignOut(LogoutView):
    template_name = "org/logout.html"

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nothing of this person stays in the browser: no draft, and no worker through which their pushes come."""
        answer = super().post(*args, **kwargs)
        answer.headers["Clear-Site-Data"] = '"storage"'
        return answer


@public
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link. Opening it only shows a button: a preview or a prefetch must not spend it."""
    refusal = ""
    if request.method == "POST":
        if not ratelimit.consume(request, action="open_link"):
            return ratelimit.respond_429(request)
        try:
            link = use_link(token=token, at=timezone.now())
        except Refused as error:
            refusal = str(error)
            signing.tell("link", "refused")
        else:
            if link.user is None:
                request.session.cycle_key()
                request.session[FIRST_RUN] = True
                return redirect("first_run")
            return come_in(request, link.user, method="link")
    return render(request, "org/enter.html", {"refusal": refusal}, status=422 if refusal else 200)


urlpatterns = [
    path("enter/<str:token>/", enter, name="enter"),
    path("account/login/", public(SignIn.as_view()), name="account_login"),
    path("account/logout/", public(SignOut.as_view()), name="account_logout"),
]
