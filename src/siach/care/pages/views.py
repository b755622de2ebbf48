"""Filters of the Inbox that are kept under a name; they are listed, renamed and removed with those of the Stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path
from django.views.decorators.http import require_POST

from siach.care.queries import VIEWS, read_filters
from siach.org.rights import needs
from siach.talk.keeping_views import keep_from
from siach.talk.models import SavedView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("inbox.read")
@require_POST
def inbox_view_keep(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the form under its name, and go back to them."""
    address = read_filters(request.POST.dict(), VIEWS).address()
    return keep_from(request, screen=SavedView.Screen.INBOX, address=address)


urlpatterns = [path("inbox/views/keep/", inbox_view_keep, name="inbox_view_keep")]
