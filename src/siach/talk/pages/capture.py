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
from siach.talk import pictures
from siach.talk.actions import capturing
from siach.talk.actions.handing_in import finished
from siach.talk.capture_form import CaptureForm, brought, chosen, hold, keep
from siach.talk.picture_words import can_read
from siach.talk.queries import captured as queries
from siach.ui.frame import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Brand
    from siach.talk.models import HandedIn

PLACE = Place("capture", gettext_lazy("Capture"), icon="paste", order=50, key="C", group=2, right="capture.add")


def _brands(request: HttpRequest) -> list[Brand]:
    return list(brands_for(request.user, "capture.add").order_by("kind", "pk"))  # type: ignore[arg-type]


@needs("capture.add")
@require_http_methods(["GET", "HEAD", "POST"])
def capture(request: HttpRequest) -> HttpResponse:
    """The form, and after it the form again: captures come in runs."""
    brands, at = _brands(request), timezone.now()
    waiting = _waiting(request)
    initial = _initial(request, brands, waiting, at)
    form = CaptureForm(brands, request.POST or None, request.FILES or None, initial=initial)
    handed_in = brought(request) if request.method == "POST" else pictures.read(waiting.pictures if waiting else ())
    known = None
    if request.method == "POST" and brands and form.is_valid():
        try:
            done = keep(form, handed_in=handed_in, by=request.user, at=at, **_same(request))  # type: ignore[arg-type]
        except capturing.LooksKnown as question:
            known = question.known
            del form.fields["text"].widget.attrs["autofocus"]
            form.add_error(None, str(question))
        except (capturing.CannotCapture, pictures.NotAPicture) as error:
            form.add_error(None, str(error))
        else:
            return _after(request, form, done)
    context = {
        "form": form,
        "places": queries.places(brands),
        "brands_here": brands,
        "known": known,
        "held": hold(request, handed_in),
        "waiting": queries.waiting(request.user),  # type: ignore[arg-type]
        "can_read": can_read(),
        "outbox_full": "full" in request.GET,
        "at": at,
    }
    return render(request, "talk/capture.html", context, status=422 if form.errors else 200)


def _waiting(request: HttpRequest) -> HandedIn | None:
    """What the address says is to be finished."""
    number, shared = (request.GET.get(name, "").replace("\0", "") for name in ("waiting", "shared"))
    return queries.waiting_one(request.user, number, shared)  # type: ignore[arg-type]


def _after(request: HttpRequest, form: CaptureForm, done: capturing.Captured) -> HttpResponse:
    told = form.cleaned_data
    if told["waiting"] or told["key"]:
        finished(waiting=told["waiting"], key=told["key"], by=request.user)  # type: ignore[arg-type]
    messages.success(request, _told(done))
    kept = {name: told[name] for name in ("place", "network", "brand") if told.get(name)} | {"done": told["key"]}
    return redirect(f"{reverse('capture')}?{urlencode(kept)}")


def _initial(request: HttpRequest, brands: Sequence[Brand], waiting: HandedIn | None, at: datetime) -> dict[str, Any]:
    """What waits to be finished; else where this person captured last, unless the address says another place."""
    asked = {name: request.GET[name][:200] for name in ("place", "network", "brand") if name in request.GET}
    in_view = getattr(request.brand, "pk", None)  # type: ignore[attr-defined]
    last = queries.last_place(request.user, brands)  # type: ignore[arg-type]
    now = timezone.localtime(at).replace(second=0, microsecond=0, tzinfo=None)
    first = last | {"brand": in_view or last.get("brand"), "said_at": now, "key": uuid.uuid4().hex}
    came = {name: value for name, value in waiting.told.items() if value} | {"waiting": waiting.pk} if waiting else {}
    return {"network": "facebook_group"} | first | asked | came


def _same(request: HttpRequest) -> dict[str, Any]:
    """What the person answered where it looks like a known post."""
    same = request.POST.get("same_as", "")
    number = int(same) if same.isdecimal() and same.isascii() and len(same) < 19 else None
    return {"same_as": number, "is_other": "is_other" in request.POST}


def _told(done: capturing.Captured) -> str:
    """What became of it, in a sentence or three."""
    if done.is_repeat:
        return _("This already came in; it is kept once.")
    if not done.is_new:
        first = _("This post is already here; its counts were updated.")
        said = first if done.moved else _("This post is already here, and its counts have not changed.")
    elif done.post.is_live:
        said = _("Saved. It is being read now.")
    else:
        said = _("Saved as history: it was said more than a week ago, so it opens no case.")
    if done.reworded:
        said += " " + _("Its text has changed; both versions are kept.")
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
        brand = chosen(brands, told.get("brand"))
        known = queries.known_as(brand=brand, network=network, place=place, text=text, url=url, at=at)
    return render(request, "talk/capture_known.html", {"known": known, "at": at})


urlpatterns = [
    path("capture/", capture, name="capture"),
    path("capture/known/", capture_known, name="capture_known"),
]
