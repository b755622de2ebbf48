"""The one stream of live signals, and the reader's own switches of the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from siach.org.live import hub
from siach.org.middleware import BRAND_IN_VIEW
from siach.org.rights import brands_for, needs, orgs_for

if TYPE_CHECKING:
    from django.http import HttpRequest


async def live(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Server-sent signals of the reader's organisations. Guarded here: the guard of pages is not async."""
    user = await request.auser()
    if not user.is_authenticated:
        raise Http404
    orgs = frozenset(await sync_to_async(lambda: list(orgs_for(user, "today.read").values_list("pk", flat=True)))())
    if not orgs:
        raise Http404
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(hub.stream(orgs, user.pk), content_type="text/event-stream", headers=headers)


live.right = "today.read"  # type: ignore[attr-defined]


@needs("today.read")
@require_POST
def view_brand(request: HttpRequest) -> HttpResponse:
    """Choose the brand in view; empty is all of them."""
    chosen = request.POST.get("brand", "")
    if chosen:
        brands = brands_for(request.user, "today.read")  # type: ignore[arg-type]
        request.session[BRAND_IN_VIEW] = get_object_or_404(brands, pk=chosen if chosen.isdigit() else 0).pk
    else:
        request.session.pop(BRAND_IN_VIEW, None)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if safe else "/")


urlpatterns = [
    path("live/", live, name="live"),
    path("brand-in-view/", view_brand, name="view_brand"),
]
