"""The second step of coming in, and coming in by a passkey alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.base.internal.flows import check_rate_limit, post_authentication
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from siach.org import passkeys, signing
from siach.org.codes import CodeForm
from siach.org.entering import next_of
from siach.org.factors import Kind
from siach.org.rights import public
from siach.org.sessions import choose_device

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.org.models import User


class SecondStep(AuthenticateView):
    """Reached from any way in by whoever has a second factor; nobody is signed in before it fits."""

    template_name = "org/second_step.html"

    def _build_forms(self) -> Any:
        self.user: User = self.stage.login.user
        post = self.request.POST if self.request.method == "POST" else None
        by_passkey = post is not None and "credential" in post
        self.auth_form = CodeForm(user=self.user, data=None if by_passkey else post)
        self.passkey_form = passkeys.PasskeyForm(post if by_passkey else None)
        return self.passkey_form if by_passkey else self.auth_form

    def form_valid(self, form: Any) -> HttpResponse:
        if form is self.auth_form:
            form.save()
            return self.stage.exit()
        try:
            clear = check_rate_limit(self.user)
            passkey = passkeys.verify(self.user, form.cleaned_data["credential"])
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        clear()
        post_authentication(self.request, passkey)
        return self.stage.exit()

    def form_invalid(self, form: Any) -> HttpResponse:
        way: signing.Way = "code" if form is self.auth_form else "passkey"
        signing.tell(way, signing.outcome_of(form), user=self.user.pk)
        response = self.render_to_response(self.get_context_data())
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"form": self.auth_form, "passkey_form": self.passkey_form}
        kinds = set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))
        if Kind.WEBAUTHN in kinds:
            context["options"] = passkeys.authentication(self.user)
        return context | {"by_code": bool(kinds & {Kind.TOTP, Kind.RECOVERY_CODES}), "by_app": Kind.TOTP in kinds}


@public
@never_cache
@require_http_methods(["GET", "POST"])
def passkey_login(request: HttpRequest) -> HttpResponse:
    """GET gives the challenge as JSON, POST takes the browser's answer. Who it is, the passkey says."""
    if request.method == "GET":
        return HttpResponse(passkeys.authentication(None), content_type="application/json")
    if not ratelimit.consume(request, action="passkey"):
        return ratelimit.respond_429(request)
    if request.user.is_authenticated:
        return redirect("today")
    choose_device(request.session, is_own=request.POST.get("own") == "on")
    form = passkeys.PasskeyForm(request.POST)
    if form.is_valid():
        try:
            passkey = passkeys.verify(None, form.cleaned_data["credential"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            login = Login(user=passkey.user, redirect_url=next_of(request))
            return perform_passwordless_login(request, passkey, login)
    signing.tell("passkey", "refused")
    return render(request, "org/passkey_refused.html", {"form": form}, status=422)


urlpatterns = [
    path("account/second-step/", public(SecondStep.as_view()), name="mfa_authenticate"),
    path("account/passkey/", passkey_login, name="passkey_login"),
]
