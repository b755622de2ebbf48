"""What every way in has in common: where it leads, who is refused, and that no way goes round the second factor."""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, perform_login, record_authentication
from allauth.account.models import Login
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from siach.org import signing
from siach.org.factors import has_factor
from siach.org.models import User
from siach.org.rights import rights_of
from siach.org.sessions import begin
from siach.ui import frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse

#: How long after coming in or confirming somebody may change the ways in without being asked again.
CONFIRMED_FOR = 600  # seconds


class ClosedDoor(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited, the first comes by the one-time link."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The email or the password is wrong."),
        "too_many_login_attempts": _("Too many attempts. Try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(request.user)  # type: ignore[arg-type]

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        for record in get_authentication_records(request, user):
            signing.tell(signing.way_of(record), "in", user=user.pk)
        begin(request.session, at=timezone.now())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            signing.tell("password", "limited", user=_known(credentials))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        signing.tell("password", "refused", user=_known(credentials))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages themselves show that somebody came in or went out."""


def _known(credentials: Mapping[str, Any]) -> int | None:
    """Whose address was typed, as a number, so that the log holds no address."""
    email = str(credentials.get("email", "")).replace("\0", "").strip().lower()
    return User.objects.filter(email=email).values_list("pk", flat=True).first()


def home_of(user: User) -> str:
    """The first place of the menu that this person may open: Today for most, Capture for a scout, their own
    account for an agent of an agency without a mandate."""
    rights = rights_of(user)
    first = next((place.url_name for place in frame.PLACES if place.right in rights), "my_roles")
    return reverse(first)


def come_in(request: HttpRequest, user: User, *, method: str, to: str | None = None) -> HttpResponse:
    """Sign a person in by another way than a password. Who has a second factor is asked for it all the same.

    `method` names the way ("link", "invitation", "sso"); `to` is an address of ours to go on to.
    """
    record_authentication(request, user, method=method)
    return perform_login(request, Login(user=user, redirect_url=to))


def next_of(request: HttpRequest) -> str | None:
    """The address that a form or a link asks to go on to, where it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    secure = request.is_secure()
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=secure)
    return asked if asked.startswith("/") and ours else None


def is_confirmed(request: HttpRequest) -> bool:
    """Did this person come in or confirm who they are a short while ago? True where nothing could be asked of them."""
    user: User = request.user  # type: ignore[assignment]
    records = get_authentication_records(request, user)
    fresh = any(time.time() - record["at"] < CONFIRMED_FOR for record in records)
    return fresh or not (user.has_usable_password() or has_factor(user))


def confirmed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Guard a view that changes the ways in: whoever finds a browser open must not. Stands below `needs`."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs) if is_confirmed(request) else ask_again(request)

    return guarded


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the page that asks who it is, and back; a form that was sent is sent again by hand."""
    back = request.get_full_path() if request.method == "GET" else reverse("sign_in")
    return redirect(f"{reverse('confirm')}?{urlencode({'next': back})}")


def number(text: str) -> int | None:
    """A row's number as a form sends it; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
