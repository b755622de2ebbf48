"""Keys: which letters do what, for oneself: moved to other letters, or switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from siach.org.actions import Refused, choose_keys
from siach.org.rights import needs
from siach.ui.frame import Leaf
from siach.ui.keys import KEYS, code_of, letter_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.org.models import User

LEAF = Leaf("me", "keys", gettext_lazy("Keys"), order=40, right="self.manage")


class KeysForm(forms.Form):
    """A letter for each key; a Hebrew letter stands for the place it has on the keyboard."""

    on = forms.BooleanField(label=gettext_lazy("Single-letter keys are on"), required=False)

    def __init__(self, user: User, data: Any = None) -> None:
        moved = user.keys.get("moved", {})
        initial = {code: letter_of(moved.get(code, code)) for code in KEYS}
        super().__init__(data, initial=initial | {"on": not user.keys.get("off")})
        for code, words in KEYS.items():
            widget = forms.TextInput({"dir": "ltr", "autocomplete": "off", "class": "key-input"})
            self.fields[code] = forms.CharField(label=str(words), max_length=1, widget=widget)

    def clean(self) -> dict[str, Any]:
        for code in KEYS:
            if (letter := self.cleaned_data.get(code)) and not code_of(letter):
                self.add_error(code, _("One letter, Latin or Hebrew."))
        return self.cleaned_data

    @property
    def moved(self) -> dict[str, str]:
        return {code: code_of(self.cleaned_data[code]) for code in KEYS}

    @property
    def letters(self) -> list[forms.BoundField]:
        return [self[code] for code in KEYS]


@needs("self.manage")
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = KeysForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            choose_keys(user=user, is_on=form.cleaned_data["on"], moved=form.moved)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The keys are saved."))
            return redirect("keys")
    return render(request, "org/keys.html", {"form": form}, status=422 if form.errors else 200)


@needs("self.manage")
@require_POST
def keys_switch(request: HttpRequest) -> HttpResponse:
    """All single letters on (`on`) or off, from the list of keys of any page."""
    user: User = request.user  # type: ignore[assignment]
    choose_keys(user=user, is_on=request.POST.get("on") == "1", moved=user.keys.get("moved", {}))
    return HttpResponse(status=204)


urlpatterns = [
    path("account/keys/", keys, name="keys"),
    path("account/keys/switch/", keys_switch, name="keys_switch"),
]
