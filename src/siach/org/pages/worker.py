"""The service worker, at the root of the site, because a worker serves only what lies below its own address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from siach.org.rights import public

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """A script without any content of ours; a browser asks for it signed in or not."""
    found = [finders.find(f"ui/js/{name}.js") for name in ("box", "worker")]
    if not all(found):
        raise Http404
    script = "\n".join(Path(str(one)).read_text(encoding="utf-8") for one in found)
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


urlpatterns = [path("worker.js", worker, name="worker")]
