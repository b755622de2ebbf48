"""Is it still the same person? Asked before the ways in are changed, by password, code or passkey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from siach.org import passkeys, signing
from siach.org.codes import CodeForm
from siach.org.entering import next_of
from siach.org.factors import Kind
from siach.org.rights import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import User


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, data: object, user: User) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("Wrong password."))
        return password


@needs("self.manage")
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Each form names its way by its field; tries are counted by person."""
    user: User = request.user  # type: ignore[assignment]
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        return ratelimit.respond_429(request)
    ways, back = _ways(request, user), next_of(request) or reverse("sign_in")
    if not ways:
        return redirect(back)  # nothing can be asked, as is_confirmed knows
    posted = next((form for name, form in ways.items() if name in request.POST), None)
    if posted is not None and posted.is_valid() and _fits(posted, user):
        signing.tell(_way(posted), "in", user=user.pk)
        record_authentication(request, user, "password" if "password" in posted.fields else "mfa", reauthenticated=True)
        return redirect(back)
    if posted is not None:
        signing.tell(_way(posted), signing.outcome_of(posted), user=user.pk)
    context = {"ways": ways, "next": back}
    if "credential" in ways:
        context["options"] = passkeys.authentication(user)
    return render(request, "org/confirm.html", context, status=422 if posted is not None else 200)


def _ways(request: HttpRequest, user: User) -> dict[str, forms.Form]:
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    data = request.POST if request.method == "POST" else None
    ways: dict[str, forms.Form] = {}
    if user.has_usable_password():
        ways["password"] = PasswordForm(data if "password" in request.POST else None, user)
    if kinds & {Kind.TOTP, Kind.RECOVERY_CODES}:
        ways["code"] = CodeForm(data if "code" in request.POST else None, user=user)
    if Kind.WEBAUTHN in kinds:
        ways["credential"] = passkeys.PasskeyForm(data if "credential" in request.POST else None)
    return ways


def _way(form: forms.Form) -> signing.Way:
    if "password" in form.fields:
        return "password"
    return "code" if "code" in form.fields else "passkey"


def _fits(form: forms.Form, user: User) -> bool:
    if not isinstance(form, passkeys.PasskeyForm):
        return True
    try:
        passkeys.verify(user, form.cleaned_data["credential"])
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


urlpatterns = [path("account/confirm/", confirm, name="confirm")]
