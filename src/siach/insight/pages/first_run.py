"""The first run: who, which organisation, which brand, what for. Kept sealed in the session until it is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from siach.insight.actions import Beginning, begin
from siach.org.actions import FIRST_RUN, Refused
from siach.org.forms import BrandForm, Lines, goal_forms
from siach.org.models import User
from siach.org.queries import has_people
from siach.org.rights import public
from siach.org.seal import LostKey, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import Promise

_TOLD = "first_run_told"


class YouForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label=_("Email"), widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters; a few words are easier to remember than symbols."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}, render_value=True),
    )

    def __init__(self, data: Any, told: Mapping[str, Any]) -> None:
        self._kept = told.get("password", "")
        super().__init__(data, initial={name: told[name] for name in told if name != "password"})
        if self._kept:
            self.fields["password"].required = False
            self.fields["password"].help_text = _("The password is saved. Typing here replaces it.")

    def clean_password(self) -> str:
        password = self.cleaned_data["password"] or self._kept
        validate_password(password, User(email=self.data.get("email", ""), name=self.data.get("name", "")))
        return password


class OrgForm(forms.Form):
    name = forms.CharField(
        label=_("The organisation's name"),
        max_length=120,
        help_text=_("The company or body responsible for the data kept here."),
    )
    zone = forms.ChoiceField(
        label=_("Time zone"),
        initial="Asia/Jerusalem",
        help_text=_("Days and weeks are counted by it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self.fields["zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]


class FirstBrandForm(BrandForm):
    rivals = Lines(
        label=_("Rival brands, one per line"),
        help_text=_("Monitored for comparison only. More can be added later."),
        rows=2,
    )


@dataclass(frozen=True)
class Step:
    """One question: its forms know their own fields and errors."""

    name: str
    label: str | Promise
    title: str | Promise
    lead: str | Promise
    forms: Callable[[Any, Mapping[str, Any]], list[Any]]


STEPS = [
    Step(
        "you",
        pgettext_lazy("step", "You"),
        _("Who is setting up Siach?"),
        _("This person becomes the owner and manages the people, the brands and the sources."),
        lambda data, told: [YouForm(data, told.get("you", {}))],
    ),
    Step(
        "org",
        pgettext_lazy("step", "Organisation"),
        _("Which organisation is it?"),
        _("Everything that is collected belongs to it, and no other organisation can see it."),
        lambda data, told: [OrgForm(data, initial=told.get("org"))],
    ),
    Step(
        "brand",
        pgettext_lazy("step", "Brand"),
        _("Which brand should Siach monitor?"),
        _("The more spellings Siach knows, the fewer mentions it misses."),
        lambda data, told: [FirstBrandForm(data, initial=told.get("brand") or {"languages": [get_language()]})],
    ),
    Step(
        "goals",
        pgettext_lazy("step", "Goals"),
        _("What do you want to achieve?"),
        _("One goal for each layer. Today shows where the brand stands; targets can be changed at any time."),
        lambda data, told: goal_forms(data, told.get("goals")),
    ),
]
_BY_NAME = {step.name: step for step in STEPS}


@public
@never_cache
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest, step: str = "you") -> HttpResponse:
    """One step of the first run, for whoever came by the one-time link or from the demo while nobody else is here."""
    if step not in _BY_NAME or not request.session.get(FIRST_RUN):
        raise Http404
    if has_people() and request.method == "GET":
        raise Http404
    told = _told(request)
    missing = next((earlier.name for earlier in STEPS if earlier.name not in told), STEPS[-1].name)
    if list(_BY_NAME).index(step) > list(_BY_NAME).index(missing):
        return redirect("first_run_step", step=missing)
    asked = _BY_NAME[step].forms(request.POST if request.method == "POST" else None, told)
    if request.method == "GET":
        return _page(request, step, asked)
    valid = [form.is_valid() for form in asked]
    if not all(valid):
        return _page(request, step, asked, status=422)
    told[step] = _answers(step, asked)
    request.session[_TOLD] = seal({"told": json.dumps(told)}).decode()
    return _next(request, step, told, asked)


def _next(request: HttpRequest, step: str, told: Mapping[str, Any], asked: list[Any]) -> HttpResponse:
    """On to the next question; after the last one everything is founded and its owner is signed in."""
    names = list(_BY_NAME)
    if step != names[-1]:
        return redirect("first_run_step", step=names[names.index(step) + 1])
    try:
        owner = begin(_beginning(told), at=timezone.now())
    except Refused as error:
        return _page(request, step, asked, refusal=str(error), status=422)
    request.session.pop(_TOLD, None)
    request.session.pop(FIRST_RUN, None)
    login(request, owner)
    return redirect("first_source")


def _page(request: HttpRequest, step: str, asked: list[Any], *, refusal: str = "", status: int = 200) -> HttpResponse:
    names = list(_BY_NAME)
    here = names.index(step)
    context = {
        "step": _BY_NAME[step],
        "steps": [(item, number < here, number == here) for number, item in enumerate(STEPS)],
        "forms": asked,
        "has_errors": any(form.errors for form in asked),
        "refusal": refusal,
        "back": names[here - 1] if here else "",
        "is_last": here == len(names) - 1,
        "may_look": not here and not User.objects.exists(),
    }
    return render(request, "insight/first_run.html", context, status=status)


def _told(request: HttpRequest) -> dict[str, Any]:
    """What was answered so far; a lost key ring only means that it is asked again."""
    try:
        return dict(json.loads(unseal(request.session[_TOLD].encode())["told"]))
    except (KeyError, LostKey):
        return {}


def _answers(step: str, asked: list[Any]) -> dict[str, Any]:
    if step == "goals":
        return {form.layer.value: form.cleaned_data for form in asked}
    return dict(asked[0].cleaned_data)


def _beginning(told: Mapping[str, Any]) -> Beginning:
    brand = told["brand"]
    return Beginning(
        owner=told["you"],
        org=told["org"]["name"],
        zone=told["org"]["zone"],
        language=get_language() or "he",
        brand=brand["name"],
        names=brand["names"],
        exclusions=brand["exclusions"],
        languages=brand["languages"],
        rivals=brand["rivals"],
        goals={layer: (goal["target"], goal["aim"]) for layer, goal in told["goals"].items()},
    )


urlpatterns = [
    path("start/", first_run, name="first_run"),
    path("start/<slug:step>/", first_run, name="first_run_step"),
]
