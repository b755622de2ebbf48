"""A source that another system posts to: made, explained, given a new secret; and the address that takes the posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siach.org.limits import wrong_calls
from siach.org.models import Brand
from siach.org.rights import brands_for, needs, public
from siach.talk.actions import hooks as deeds
from siach.talk.models import Source
from siach.talk.posted import NotPosts

if TYPE_CHECKING:
    from django.http import HttpRequest


class HookForm(forms.Form):
    name = forms.CharField(label=_("Name of the system"), max_length=deeds.LONGEST_NAME)
    network = forms.CharField(
        label=_("Where the posts were said"), max_length=40, help_text=_("The network's name, for example facebook")
    )

    def __init__(self, brands: list[Brand], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(brands) > 1:
            choices = [(brand.pk, brand.name) for brand in brands]
            self.fields["brand"] = forms.ChoiceField(label=_("Brand"), choices=choices)


def _brands(request: HttpRequest) -> list[Brand]:
    own = brands_for(request.user, "source.manage").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    return list(own.select_related("org").order_by("pk"))


@needs("source.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def hook_new(request: HttpRequest) -> HttpResponse:
    """Name the system and its network; the secret is shown in the answer, and never again."""
    brands = _brands(request)
    initial = {"brand": getattr(request.brand, "pk", None)}  # type: ignore[attr-defined]
    form = HookForm(brands, request.POST or None, initial=initial)
    if request.method == "POST" and brands and form.is_valid():
        told = form.cleaned_data
        brand = next((one for one in brands if str(one.pk) == told.get("brand")), brands[0])
        try:
            source, secret = deeds.make_hook(
                brand=brand,
                name=told["name"],
                network=told["network"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except deeds.CannotHook as error:
            form.add_error(None, str(error))
        else:
            return _page(request, source, secret)
    return render(request, "talk/hook_new.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _mine(request: HttpRequest, pk: int) -> Source:
    mine = Source.objects.filter(kind=Source.Kind.WEBHOOK, brand__in=brands_for(request.user, "source.manage"))  # type: ignore[arg-type]
    return get_object_or_404(mine.select_related("hook", "brand"), pk=pk)


@needs("source.manage")
@require_safe
def hook(request: HttpRequest, pk: int) -> HttpResponse:
    """How another system posts here."""
    return _page(request, _mine(request, pk), "")


@needs("source.manage")
@require_POST
def hook_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, shown in the answer."""
    source = _mine(request, pk)
    return _page(request, source, deeds.renew_secret(source=source, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


def _page(request: HttpRequest, source: Source, secret: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("hook_in", args=[source.hook.address]))
    context = {"source": source, "address": address, "secret": secret, "limit": deeds.CALLS_A_MINUTE}
    return render(request, "talk/hook.html", context)


@public
@never_cache
@csrf_exempt  # no cookie opens anything here: the signature does
@require_POST
def hook_in(request: HttpRequest, address: str) -> JsonResponse:
    """What another system posts. 404 alike for an address that is none and a signature that does not fit."""
    body = request.read(deeds.LARGEST_BODY + 1)
    if len(body) > deeds.LARGEST_BODY:
        return _error(413, f"The body is larger than {deeds.LARGEST_BODY} bytes.")
    timestamp = request.headers.get("X-Siach-Timestamp", "")
    signature = request.headers.get("X-Siach-Signature", "")
    if not (signature.isascii() and timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11):
        timestamp = signature = "0"
    found = deeds.opened(address=address, timestamp=timestamp, signature=signature, body=body)
    if found is None:
        return _wrong(request, address)
    try:
        answer = deeds.take_call(hook=found, timestamp=timestamp, signature=signature, body=body, at=timezone.now())
    except deeds.Refused as error:
        return _error(error.status, str(error))
    except NotPosts as error:
        return _error(400, str(error))
    refused = [{"row": number, "error": problem} for number, problem in answer.refused]
    good = answer.taken + answer.known + answer.edited
    told = {"taken": answer.taken, "known": answer.known, "edited": answer.edited, "refused": refused}
    return JsonResponse(told | {"repeat": answer.is_repeat}, status=422 if refused and not good else 200)


def _wrong(request: HttpRequest, address: str) -> JsonResponse:
    if wrong_calls.are_too_many(request, address):
        return _error(429, "Too many calls that do not fit. Try again in a minute.")
    return _error(404, "There is no such address, or the signature does not fit.")


def _error(status: int, problem: str) -> JsonResponse:
    return JsonResponse({"error": problem}, status=status, headers={"Retry-After": "60"} if status == 429 else None)


urlpatterns = [
    path("sources/webhook/", hook_new, name="hook_new"),
    path("sources/webhook/<int:pk>/", hook, name="hook"),
    path("sources/webhook/<int:pk>/secret/", hook_renew, name="hook_renew"),
    path("in/<slug:address>/", hook_in, name="hook_in"),
]
