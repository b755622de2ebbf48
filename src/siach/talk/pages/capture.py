"""Capture: a post that somebody saw in a closed place, in twenty seconds."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from siach.org.rights import brands_for, needs
from siach.talk.actions import capturing
from siach.talk.capture_form import CaptureForm, brought, hold
from siach.talk.pictures import NotAPicture
from siach.talk.queries import captured as queries
from siach.ui.frame import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Brand

PLACE = Place("capture", gettext_lazy("Capture"), icon="paste", order=50, key="C", group=2, right="capture.add")


def _brands(request: HttpRequest) -> list[Brand]:
    return list(brands_for(request.user, "capture.add").order_by("kind", "pk"))  # type: ignore[arg-type]


@needs("capture.add")
@require_http_methods(["GET", "HEAD", "POST"])
def capture(request: HttpRequest) -> HttpResponse:
    """The form, and after it the form again: captures come in runs."""
    brands, at = _brands(request), timezone.now()
    form = CaptureForm(brands, request.POST or None, request.FILES or None, initial=_initial(request, brands, at))
    handed_in = brought(request) if request.method == "POST" else []
    known = None
    if request.method == "POST" and brands and form.is_valid():
        try:
            done = _capture(request, brands, form, handed_in, at)
        except capturing.LooksKnown as question:
            known = question.known
            del form.fields["text"].widget.attrs["autofocus"]
            form.add_error(None, str(question))
        except (capturing.CannotCapture, NotAPicture) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _told(done))
            told = form.cleaned_data
            kept = {name: told[name] for name in ("place", "network", "brand") if told.get(name)}
            return redirect(f"{reverse('capture')}?{urlencode(kept)}")
    context = {
        "form": form,
        "places": queries.places(brands),
        "brands_here": brands,
        "known": known,
        "held": hold(request, handed_in),
        "at": at,
    }
    return render(request, "talk/capture.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, brands: Sequence[Brand], at: datetime) -> dict[str, Any]:
    """Where this person captured last, unless the address says another place."""
    asked = {name: request.GET[name][:200] for name in ("place", "network", "brand") if name in request.GET}
    in_view = getattr(request.brand, "pk", None)  # type: ignore[attr-defined]
    last = queries.last_place(request.user, brands)  # type: ignore[arg-type]
    now = timezone.localtime(at).replace(second=0, microsecond=0, tzinfo=None)
    first = last | {"brand": in_view or last.get("brand"), "said_at": now, "key": uuid.uuid4().hex}
    return {"network": "facebook_group"} | first | asked


def _capture(
    request: HttpRequest, brands: Sequence[Brand], form: CaptureForm, handed_in: Sequence[bytes], at: datetime
) -> capturing.Captured:
    told, same = form.cleaned_data, request.POST.get("same_as", "")
    return capturing.capture(
        brand=_chosen(brands, told.get("brand")),
        network=told["network"],
        place=told["place"],
        text=told["text"],
        url=told["url"],
        alias=told["alias"],
        said_at=told["said_at"],
        counts=form.counts,
        handed_in=handed_in,
        same_as=int(same) if same.isdecimal() and same.isascii() else None,
        is_other="is_other" in request.POST,
        key=form.look,
        by=request.user,  # type: ignore[arg-type]
        at=at,
    )


def _chosen(brands: Sequence[Brand], asked: str | None) -> Brand:
    return next((brand for brand in brands if str(brand.pk) == asked), brands[0])


def _told(done: capturing.Captured) -> str:
    """What became of it, in a sentence or three."""
    if done.is_repeat:
        return _("This was handed in already; it is kept once.")
    if not done.is_new:
        first = _("This post is already here; its counts were taken anew.")
        said = first if done.moved else _("This post is already here, and its counts have not moved.")
    elif done.post.is_live:
        said = _("Captured. It is being read now.")
    else:
        said = _("Captured as history: it was said more than a week ago, so it opens no case.")
    if done.reworded:
        said += " " + _("Its words are others now; both are kept.")
    if done.pictures:
        kept = ngettext("One picture was kept.", "%(n)s pictures were kept.", done.pictures)
        said += " " + kept % {"n": done.pictures}
    return said


@needs("capture.add")
@require_POST
def capture_known(request: HttpRequest) -> HttpResponse:
    """While the form is filled in: whether this post is here already."""
    brands, told = _brands(request), request.POST
    names = ("network", "place", "text", "url")
    network, place, text, url = (told.get(name, "")[:100_000].replace("\0", "") for name in names)
    at, known = timezone.now(), None
    if brands and (url or (place and text)):
        chosen = _chosen(brands, told.get("brand"))
        known = queries.known_as(brand=chosen, network=network, place=place, text=text, url=url, at=at)
    return render(request, "talk/capture_known.html", {"known": known, "at": at})


urlpatterns = [
    path("capture/", capture, name="capture"),
    path("capture/known/", capture_known, name="capture_known"),
]
