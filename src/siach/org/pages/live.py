"""The one stream of live signals, and the reader's own switches of the frame."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpResponse, HttpResponseNotFound, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from siach.org.entering import next_of
from siach.org.live import hub
from siach.org.middleware import BRAND_IN_VIEW
from siach.org.models import User
from siach.org.rights import brands_for, needs
from siach.org.sessions import has_ended, stream_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.http import HttpRequest

RECHECK = 15.0  # seconds between two looks at the rights of whoever listens


async def live(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Server-sent signals of the reader's organisations, and of those that they work for by a mandate.

    Guarded here: the guard of pages is not async. An outsider's 404 is bare: a drawn page would set the
    token's cookie, and coming late it would undo the one of the sign-in page that came meanwhile.
    """
    user = await request.auser()
    if not user.is_authenticated or not (orgs := await _orgs(user)):
        return HttpResponseNotFound()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    blocks = _while_allowed(request, user, orgs)
    return StreamingHttpResponse(blocks, content_type="text/event-stream", headers=headers)


@sync_to_async
def _orgs(user: User) -> frozenset[int]:
    """The organisations whose signals this person may hear now; none for whoever may no longer come in."""
    now = User.objects.filter(pk=user.pk, is_active=True).first()
    try:
        return frozenset(brands_for(now, "today.read").values_list("org", flat=True)) if now else frozenset()
    finally:
        # Django gives a connection back at the end of a response, and this one has none: a page left open would
        # keep it, and a score of open pages all there are.
        if not connection.in_atomic_block:
            connection.close()


async def _while_allowed(request: HttpRequest, user: User, orgs: frozenset[int]) -> AsyncIterator[str]:
    """The signals, until the reader's rights changed or the session ended: a page then asks anew."""
    key, looked = request.session.session_key or "", time.monotonic()
    async with contextlib.aclosing(hub.stream(orgs, user.pk, stream_key(key))) as blocks:
        async for block in blocks:
            yield block
            if time.monotonic() - looked < RECHECK:
                continue
            looked = time.monotonic()
            ended = await sync_to_async(has_ended)(request.session, at=timezone.now())
            if ended or await _orgs(user) != orgs:
                return


live.right = "today.read"  # type: ignore[attr-defined]


@needs("today.read")
@require_POST
def view_brand(request: HttpRequest) -> HttpResponse:
    """Choose the brand in view; empty is all of them."""
    chosen = request.POST.get("brand", "")
    if chosen:
        brands = brands_for(request.user, "today.read")  # type: ignore[arg-type]
        request.session[BRAND_IN_VIEW] = get_object_or_404(brands, pk=chosen if chosen.isdecimal() else 0).pk
    else:
        request.session.pop(BRAND_IN_VIEW, None)
    return HttpResponseRedirect(next_of(request) or "/")


urlpatterns = [
    path("live/", live, name="live"),
    path("brand-in-view/", view_brand, name="view_brand"),
]
