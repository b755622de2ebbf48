"""Who came in, by which way, and who did not: one structured line of the log for each, without a name or an address."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal

from django.shortcuts import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    Way = Literal["password", "link", "passkey", "code", "provider"]
    Outcome = Literal["in", "refused", "limited"]

log = logging.getLogger(__name__)
#: The ways in by the route that a limit closed.
_WAYS: dict[str, Way] = {
    "account_login": "password",
    "password": "password",
    "enter": "link",
    "invitation": "link",
    "offer": "link",
    "forgotten": "link",
    "forgotten_set": "link",
    "email_change": "link",
    "outside": "link",
    "passkey_login": "passkey",
    "confirm": "code",
    "mfa_authenticate": "code",
    "sso": "provider",
}
_METHODS: dict[str, Way] = {"sso": "provider", "link": "link", "invitation": "link"}


def tell(way: Way | None, outcome: Outcome, *, user: int | None = None) -> None:
    """Log one sign-in, or one that did not come about. `user` is the primary key of whoever it is about, where known;
    `way` is None for a limit of another kind."""
    facts = {"outcome": outcome, "user": user} | ({"way": way} if way else {})
    log.log(logging.INFO if outcome == "in" else logging.WARNING, "sign-in" if way else "limit", extra=facts)


def way_of(record: Mapping[str, Any]) -> Way:
    """The way of one of the session's records of authentication."""
    if record["method"] == "mfa":
        return "passkey" if record.get("type") == "webauthn" else "code"
    return _METHODS.get(record["method"], "password")


def outcome_of(form: Form) -> Outcome:
    """Why a form did not let somebody in."""
    limited = any(
        error.code == "too_many_login_attempts" for errors in form.errors.as_data().values() for error in errors
    )
    return "limited" if limited else "refused"


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page of a limit that was reached; every limit ends here."""
    tell_limit(request)
    return render(request, "429.html", {"inside": request.user.is_authenticated}, status=429)


def tell_limit(request: HttpRequest) -> None:
    name = request.resolver_match.url_name if request.resolver_match else ""
    tell(_WAYS.get(name or ""), "limited", user=getattr(request.user, "pk", None))
