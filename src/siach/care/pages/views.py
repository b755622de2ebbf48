"""Filters of the Inbox that are kept under a name; they are listed, renamed and removed with those of the Stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from siach.care.queries import VIEWS, read_filters
from siach.org.rights import needs
from siach.talk.actions import viewing
from siach.talk.models import SavedView
from siach.talk.queries.views import org_for_views

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("inbox.read")
@require_POST
def inbox_view_keep(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the form under its name, and go back to them."""
    address = read_filters(request.POST.dict(), VIEWS).address()
    org = org_for_views(request.user, SavedView.Screen.INBOX, request.brand)  # type: ignore
    if org is None:
        raise Http404
    try:
        viewing.keep_view(
            org=org,
            screen=SavedView.Screen.INBOX,
            name=request.POST.get("name", ""),
            address=address,
            is_shared=request.POST.get("share") == "1",
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except viewing.CannotKeep as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The view is kept."))
    return redirect(f"{reverse('inbox')}?{address}")


urlpatterns = [path("inbox/views/keep/", inbox_view_keep, name="inbox_view_keep")]
