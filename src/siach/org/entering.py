"""What every way in has in common: where it leads, who is refused, and that no way goes round the second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from siach.org.rights import rights_of
from siach.ui import frame

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import User


class ClosedDoor(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited, the first comes by the one-time link."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The email and the password do not belong together."),
        "too_many_login_attempts": _("Too many attempts. In a few minutes it can be tried again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(request.user)  # type: ignore[arg-type]

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages themselves show that somebody came in or went out."""


def home_of(user: User) -> str:
    """The first place of the menu that this person may open: Today for most, Capture for a scout."""
    rights = rights_of(user)
    first = next((place.url_name for place in frame.PLACES if place.right in rights), "today")
    return reverse(first)


def come_in(request: HttpRequest, user: User, *, method: str, to: str | None = None) -> HttpResponse:
    """Sign a person in by another way than a password. Who has a second factor is asked for it all the same.

    `method` names the way ("link", "invitation", "sso"); `to` is an address of ours to go on to.
    """
    record_authentication(request, user, method=method)
    return perform_login(request, Login(user=user, redirect_url=to))
