"""One's own password: changed by the one before it, or set by whoever came by a link and has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from siach.org.actions import Refused, change_password
from siach.org.rights import needs
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.org.models import User

LEAF = Leaf("me", "password", gettext_lazy("Password"), order=20, right="self.manage")


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=gettext_lazy("Current password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        help_text=gettext_lazy("At least 10 characters; a few words are easier to remember than symbols."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data)
        self.user = user
        if not user.has_usable_password():
            del self.fields["old"]

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise forms.ValidationError(_("The current password is wrong."))
        return old


@needs("self.manage")
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A change keeps this browser signed in. Guessing is counted as at the sign-in page."""
    user: User = request.user  # type: ignore[assignment]
    form = PasswordForm(request.POST if request.method == "POST" else None, user)
    if request.method == "GET":
        return _page(request, form)
    if not ratelimit.consume(request, action="change_password", user=user):
        form = PasswordForm(None, user)
        return _page(request, form, _("Too many attempts. Try again in a few minutes."))
    if not form.is_valid():
        return _page(request, form)
    try:
        change_password(user=user, password=form.cleaned_data["new"])
    except Refused as error:
        form.add_error("new", str(error))
        return _page(request, form)
    update_session_auth_hash(request, user)
    messages.success(request, _("The password is changed. Other browsers were signed out."))
    return redirect("password")


def _page(request: HttpRequest, form: PasswordForm, refusal: str = "") -> HttpResponse:
    context = {"form": form, "refusal": refusal}
    return render(request, "org/password.html", context, status=422 if form.errors or refusal else 200)


urlpatterns = [path("account/password/", password, name="password")]
