"""A code of the app or a recovery code, typed: good once."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.org.factors import Kind
from siach.org.seal import LostKey

#: Longer than a code is good for, with the half minute before and after it.
_CODE_LIFE = 120  # seconds


class CodeForm(AuthenticateForm):
    """Wrong ones are counted by person and by address, as at the sign-in page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tidy(self, gettext_lazy("Code from the app, or a recovery code"))

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()
        except LostKey as error:
            raise ValidationError(
                _("The key that protected this second factor is lost. Whoever runs Siach can remove the factor.")
            ) from error
        if self.authenticator.type == Kind.TOTP and not _first_use(self.user.pk, code):
            raise ValidationError(_("This code has already been used. The next one appears within half a minute."))
        return code


class NewAppForm(ActivateTOTPForm):
    """The first code of an app; its secret stands in the session until then."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _tidy(self, gettext_lazy("The code shown in the app now"))

    def clean_code(self) -> str:
        code: str = super().clean_code()
        _first_use(self.user.pk, code)
        return code


def _first_use(user: int, code: str) -> bool:
    return cache.add(f"code-used:{user}:{''.join(filter(str.isdigit, code))}", "y", _CODE_LIFE)


def _tidy(form: Any, label: Any) -> None:
    form.fields["code"].label = label
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "dir": "ltr"}
    form.fields["code"].widget.attrs = attrs
