"""What a person's device hands in at once, read, and kept or left to wait."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import RequestDataTooBig
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.org.models import Brand
from siach.org.rights import brands_for, rights_of
from siach.talk import pictures
from siach.talk.actions import capturing, handing_in
from siach.talk.capture_form import CaptureForm, keep, written
from siach.talk.captured import split_link
from siach.talk.queries import captured as queries
from siach.talk.tabular import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest

    from siach.org.models import User

LONGEST = 100_000
_FIELDS = ("text", "url", "place", "network", "alias", "brand", "said_at", "reactions", "comments", "shares", "key")


def brands_of(user: User) -> list[Brand]:
    return list(brands_for(user, "capture.add").order_by("kind", "pk"))


class Unreadable(Exception):
    """The message is for the person."""


def taken(request: HttpRequest, user: User, at: datetime) -> JsonResponse:
    """Keep what came, and say what became of it; what cannot be read is said too, and the device keeps it."""
    try:
        told, handed_in = _brought(request)
        return _take(request, user, told, handed_in, at)
    except (Unreadable, pictures.NotAPicture, RequestDataTooBig) as error:
        return JsonResponse({"error": str(error)}, status=400)
    except handing_in.TooMany as error:
        return JsonResponse({"error": str(error)}, status=409)


def _brought(request: HttpRequest) -> tuple[dict[str, str], list[bytes]]:
    """The fields and the pictures of a body: JSON, a form, or the bare thing itself."""
    kind = (request.content_type or "").lower()
    if kind == "application/json":
        fields, files = _of_json(request.body)
    elif kind.startswith(("multipart/", "application/x-www-form-urlencoded")):
        fields = {name: request.POST.get(name, "") for name in _FIELDS}
        files = [one for several in request.FILES.lists() for one in several[1]]
    else:
        fields, files = {}, [request.body]
    told = {name: value.replace("\0", "").strip()[:LONGEST] for name, value in fields.items()}
    return _with_files(told, [_read(one) for one in files[: 2 * capturing.MOST_PICTURES]])


def _read(one: UploadedFile | bytes) -> bytes:
    return one if isinstance(one, bytes) else one.read()


def _of_json(body: bytes) -> tuple[dict[str, str], list[Any]]:
    try:
        row = json.loads(body)
        if not isinstance(row, dict):
            raise TypeError
        given = row.get("images") or ([row["image"]] if row.get("image") else [])
        files = [base64.b64decode(str(one).rpartition(",")[2], validate=True) for one in given]
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise Unreadable(_("The body cannot be read: one object of JSON, pictures in base64.")) from error
    return {name: str(row[name]) for name in _FIELDS if isinstance(row.get(name), str | int)}, files


def _with_files(told: dict[str, str], files: Sequence[bytes]) -> tuple[dict[str, str], list[bytes]]:
    """A device hands in whatever was shared as a file; plain words in one are words."""
    found, words = [], [told.get("text", "")]
    for data in files:
        if pictures.is_picture(data):
            found.append(data)
        elif data.strip():
            try:
                words.append(data.decode()[:LONGEST])
            except UnicodeDecodeError as error:
                raise Unreadable(_("This file is no picture. JPEG, PNG, WebP and GIF can be kept.")) from error
    told["text"] = "\n".join(filter(None, (one.strip() for one in words)))
    if not (told["text"] or told.get("url") or found):
        raise Unreadable(_("Nothing came: send text, url or image."))
    if len(found) > capturing.MOST_PICTURES:
        raise Unreadable(_("Four pictures at most."))
    return told, found


def _take(request: HttpRequest, user: User, told: dict[str, str], handed_in: list[bytes], at: datetime) -> JsonResponse:
    """Keep a whole capture; what lacks something waits in the form, which says what."""
    key = told.get("key", "")[:36]
    if key and capturing.was_captured(key=key, by=user):
        return _told(request, "repeat", reverse("capture"), _SAID["repeat"])
    brands = brands_of(user)
    given = _completed(user, brands, told, at)
    form = CaptureForm(brands, given)
    if form.is_valid():
        try:
            done = keep(form, handed_in=handed_in, by=user, at=at)
        except capturing.CannotCapture:
            pass
        else:
            state = "repeat" if done.is_repeat else "captured" if done.is_new else "snapshot"
            sees = "stream.read" in rights_of(user)
            where = reverse("post", args=[done.post.pk]) if sees else reverse("capture")
            return _told(request, state, where, _SAID[state])
    waiting = handing_in.let_wait(told=given, handed_in=handed_in, key=key, by=user, at=at)
    return _told(request, "waiting", f"{reverse('capture')}?waiting={waiting.pk}", _SAID["waiting"])


_SAID = {
    "captured": gettext_lazy("Saved. It is being read now."),
    "snapshot": gettext_lazy("This post is already here; a snapshot was added."),
    "repeat": gettext_lazy("This already came in; it is kept once."),
    "waiting": gettext_lazy("It came in and is waiting to be finished: open the link."),
}


def _told(request: HttpRequest, state: str, where: str, said: Any) -> JsonResponse:
    return JsonResponse({"state": state, "url": request.build_absolute_uri(where), "message": str(said)})


def _completed(user: User, brands: Sequence[Brand], told: dict[str, str], at: datetime) -> dict[str, str]:
    """The fields as the form holds them: a brand by its name, a time as it is written there, a place's own kind."""
    named = {brand.name.casefold(): str(brand.pk) for brand in brands} | {str(one.pk): str(one.pk) for one in brands}
    said_at = moment(told.get("said_at", ""), ZoneInfo(brands[0].zone)) or at
    link, rest = split_link(told["text"])
    if link and not rest.strip() and not told.get("url"):
        told = told | {"url": link, "text": ""}
    last = queries.last_place(user, brands)
    kinds = dict(reversed(queries.places(brands)))
    ours = [brand.pk for brand in brands if brand.kind == Brand.Kind.OWN]
    first = last.get("brand") or (ours[0] if len(ours) == 1 else "")
    brand = named.get(told["brand"].casefold(), "") if told.get("brand") else str(first)
    kind = told.get("network") or kinds.get(told.get("place", ""), "")
    written_at = written(timezone.localtime(said_at))
    return {name: told.get(name, "") for name in _FIELDS} | {"brand": brand, "network": kind, "said_at": written_at}
