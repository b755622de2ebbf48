"""Connecting an account: which network, and its own sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from siach.org.models import Brand
from siach.org.rights import brands_for, needs
from siach.talk import connections
from siach.talk.actions.sources import connect
from siach.talk.going_on import GoingOn
from siach.talk.models import Account
from siach.talk.network_words import Explained, explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from siach.talk.connections import Field

_WIDGETS: dict[str, type[forms.Widget]] = {
    "text": forms.TextInput,
    "password": forms.PasswordInput,
    "url": forms.URLInput,
}


def _field(field: Field) -> forms.Field:
    if field.kind == "check":
        return forms.BooleanField(label=_(field.label), help_text=_(field.help) if field.help else "", required=False)
    attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none", "dir": "ltr"}
    return forms.CharField(
        label=_(field.label),
        help_text=_(field.help) if field.help else "",
        initial=field.default,
        required=field.required and not field.default,
        max_length=500,
        strip=field.kind != "password",
        widget=_WIDGETS[field.kind](attrs=attrs),
    )


class SignInForm(forms.Form):
    """A connector's own fields, and the brand that speaks through the account."""

    def __init__(self, network: str, brands: Sequence[Brand], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(brands) > 1:
            self.fields["brand"] = forms.ChoiceField(
                label=_("Brand"), choices=[(brand.pk, brand.name) for brand in brands]
            )
        for field in connections.connector(network).FIELDS:
            self.fields[f"f_{field.name}"] = _field(field)

    def answers(self) -> dict[str, str]:
        told = {name.removeprefix("f_"): value for name, value in self.cleaned_data.items() if name.startswith("f_")}
        return {name: ("1" if value else "") if isinstance(value, bool) else value for name, value in told.items()}


@needs("source.manage")
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which network? With one only, straight to its sign-in."""
    names = connections.names()
    if len(names) == 1:
        return redirect("connect_network", network=names[0])
    told = [(name, connections.label(name), _intro(name)) for name in names]
    context = {
        "networks": [one for one in told if connections.speaks(one[0])],
        "places": [one for one in told if not connections.speaks(one[0])],
        "is_demo": _is_demo(_brands(request)),
    }
    return render(request, "talk/connect.html", context)


def _brands(request: HttpRequest) -> list[Brand]:
    """The brands that this reader may connect."""
    mine = brands_for(request.user, "source.manage")  # type: ignore[arg-type]
    return list(mine.filter(kind=Brand.Kind.OWN).select_related("org"))


def _is_demo(brands: Sequence[Brand]) -> bool:
    """Whether nothing here can be connected, because all of these brands are invented."""
    return bool(brands) and all(brand.org.is_demo for brand in brands)


def _intro(network: str) -> str:
    """What is heard there, where its connector has words for it."""
    words = connections.connector(network).INTRO
    return _(words) if words else ""


class ConsentForm(forms.Form):
    """What a network's own page shows once a person agreed there. `kept` holds, sealed, what the first step left."""

    def __init__(self, going_on: GoingOn, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = going_on.asked
        self.fields["kept"] = forms.CharField(widget=forms.HiddenInput, initial=going_on.sealed)
        self.fields[field.name] = _field(field)


@needs("source.manage")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, network: str) -> HttpResponse:
    """The network's sign-in form; ?account= signs a known account in anew."""
    if network not in connections.names():
        raise Http404
    brands = _brands(request)
    if not brands:
        raise Http404
    known = _known(request, network, brands)
    offered = [known.brand] if known else brands
    if request.method == "POST" and "kept" in request.POST:
        return _go_on(request, network, offered, known)
    initial = _initial(known) if known else {"brand": getattr(request.brand, "pk", None)}  # type: ignore[attr-defined]
    form = SignInForm(network, offered, request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _page(request, network, form, known, None, is_demo=_is_demo(offered))
    chosen = form.cleaned_data.get("brand")
    brand = next((brand for brand in offered if str(brand.pk) == chosen), offered[0])
    return _connect(request, network, brand, form.answers(), form, known)


def _initial(known: Account) -> dict[str, str]:
    """What a known account's handle tells, for the fields of these names: a handle and its server; of a mailbox, its
    address and folder."""
    if not connections.speaks(known.network):
        name, _slash, folder = known.handle.partition("/")
        return {"f_name": name, "f_folder": folder or "INBOX"}
    return {"f_handle": known.handle, "f_server": known.handle.rpartition("@")[2]}


def _go_on(request: HttpRequest, network: str, offered: Sequence[Brand], known: Account | None) -> HttpResponse:
    """The second step: what the network's page showed, with what was kept of the first."""
    going_on = GoingOn.read(request.POST["kept"])
    brand = next((one for one in offered if going_on and str(one.pk) == going_on.brand), None)
    if going_on is None or brand is None or going_on.network != network:
        raise Http404
    form = ConsentForm(going_on, request.POST)
    if not form.is_valid():
        return _consent_page(request, going_on, form, known, None)
    answers = {**going_on.answers, going_on.asked.name: form.cleaned_data[going_on.asked.name]}
    return _connect(request, network, brand, answers, form, known, going_on)


def _connect(
    request: HttpRequest,
    network: str,
    brand: Brand,
    answers: dict[str, str],
    form: forms.Form,
    known: Account | None,
    going_on: GoingOn | None = None,
) -> HttpResponse:
    try:
        account = connect(brand=brand, network=network, answers=answers, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except connections.GoesOn as more:
        going_on = GoingOn.of(network, brand, more.consent)
        return _consent_page(request, going_on, ConsentForm(going_on), known, None)
    except connections.NetworkError as error:
        refusal = explain(error.message)
        if going_on is not None:
            return _consent_page(request, going_on, form, known, refusal)
        return _page(request, network, form, known, refusal)
    _tell(request, account)
    return redirect("sources")


def _known(request: HttpRequest, network: str, brands: Sequence[Brand]) -> Account | None:
    asked = request.GET.get("account", "")
    if not asked:
        return None
    mine = Account.objects.filter(brand__in=brands, network=network).select_related("brand")
    return get_object_or_404(mine, pk=asked if asked.isdecimal() else 0)


def _tell(request: HttpRequest, account: Account) -> None:
    if connections.speaks(account.network):
        said = _("Connected. What is said to %(handle)s, and every post that names the brand, is heard from now on.")
        messages.success(request, said % {"handle": f"\u2066@{account.handle}\u2069"})
    else:
        said = _("Connected. What comes from %(name)s is heard from now on.")
        messages.success(request, said % {"name": f"\u2068{account.name or account.handle}\u2069"})


def _page(
    request: HttpRequest,
    name: str,
    form: forms.Form,
    known: Account | None,
    refusal: Explained | None,
    *,
    is_demo: bool = False,
) -> HttpResponse:
    if is_demo:
        return render(request, "talk/connect_demo.html", {"network": connections.label(name)})
    bad = request.method == "POST"
    context = {
        "network": connections.label(name),
        "form": form,
        "known": known,
        "refusal": refusal,
        "speaks": connections.speaks(name),
        "intro": _intro(name),
    }
    return render(request, "talk/connect_network.html", context, status=422 if bad else 200)


def _consent_page(
    request: HttpRequest,
    going_on: GoingOn,
    form: ConsentForm | forms.Form,
    known: Account | None,
    refusal: Explained | None,
) -> HttpResponse:
    context = {
        "network": connections.label(going_on.network),
        "url": going_on.url,
        "host": urlsplit(going_on.url).netloc,
        "form": form,
        "known": known,
        "refusal": refusal,
    }
    return render(request, "talk/connect_consent.html", context, status=422 if form.is_bound else 200)


urlpatterns = [
    path("sources/connect/", choose, name="connect"),
    path("sources/connect/<slug:network>/", sign_in, name="connect_network"),
]
