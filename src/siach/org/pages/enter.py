"""Coming in: email and password, the one-time link of the command line, going out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LoginView, LogoutView
from django.contrib.auth import login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from siach.org.actions import Refused, use_link
from siach.org.rights import public

if TYPE_CHECKING:
    from django.http import HttpRequest

FIRST_RUN = "first_run"


class ClosedDoor(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited, the first comes by the one-time link."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


@public
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link. Opening it only shows a button: a preview or a prefetch must not spend it."""
    refusal = ""
    if request.method == "POST":
        try:
            link = use_link(token=token, at=timezone.now())
        except Refused as error:
            refusal = str(error)
        else:
            if link.user is None:
                request.session[FIRST_RUN] = True
                return redirect("first_run")
            login(request, link.user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("today")
    return render(request, "org/enter.html", {"refusal": refusal}, status=422 if refusal else 200)


@public
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Addresses that the sign-in library names and Siach does not offer."""
    raise Http404


urlpatterns = [
    path("enter/<str:token>/", enter, name="enter"),
    path("account/login/", public(LoginView.as_view(template_name="org/login.html")), name="account_login"),
    path(
        "account/logout/", public(LogoutView.as_view(template_name="org/logout.html")), name="account_logout"
    ),
    path("account/signup/", nothing_here, name="account_signup"),
    path("account/reset/", nothing_here, name="account_reset_password"),
]
