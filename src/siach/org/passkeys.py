"""The server's side of passkeys: what the browser is asked, and whether its answer is good. Malformed is not good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from siach.org.models import User


class Answer(forms.JSONField):
    """The browser's answer as JSON, however deep somebody nests theirs."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise _refusal() from error


class PasskeyForm(forms.Form):
    credential = Answer()


class NameForm(forms.Form):
    name = forms.CharField(max_length=60)


class NewPasskeyForm(PasskeyForm):
    name = forms.CharField(max_length=60, required=False)


def registration(user: User) -> str:
    """What the browser is asked when it shall make a passkey, as JSON; its challenge stands in the session."""
    return json.dumps(auth.begin_registration(user, passwordless=True))


def authentication(user: User | None) -> str:
    """What the browser is asked when it shall show one: of this person, or of anybody who has one here."""
    return json.dumps(auth.begin_authentication(user))


def register(credential: Any) -> dict[str, Any]:
    """A credential that was made for this session's challenge, by somebody who showed that it is them."""
    try:
        auth.parse_registration_response(credential)
        made = auth.complete_registration(credential)
    except _MALFORMED as error:
        raise _refusal() from error
    if not made.is_user_verified():
        raise _refusal()
    return credential


def verify(user: User | None, credential: Any) -> Authenticator:
    """The passkey that signed this session's challenge. ValidationError for any other answer."""
    try:
        auth.parse_authentication_response(credential)
        found = user or auth.extract_user_from_response(credential)
        passkey = auth.complete_authentication(found, credential)
    except _MALFORMED as error:
        raise _refusal() from error
    if not passkey.user.is_active:
        raise _refusal()
    return passkey


_MALFORMED = (AttributeError, KeyError, TypeError, ValueError, ValidationError)


def _refusal() -> ValidationError:
    return ValidationError(_("This passkey did not work. Try another way to sign in."))
