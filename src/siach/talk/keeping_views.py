"""What the pages that keep views share: a form's filters become a view, and the page comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from siach.talk.actions import viewing
from siach.talk.queries.views import org_for_views

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def keep_from(request: HttpRequest, *, screen: str, address: str) -> HttpResponse:
    """Keep the filters of `address` on a screen (SavedView.Screen, which is its url name too) under the form's name."""
    org = org_for_views(request.user, screen, request.brand)  # type: ignore
    if org is None:
        raise Http404
    try:
        viewing.keep_view(
            org=org,
            screen=screen,
            name=request.POST.get("name", ""),
            address=address,
            is_shared=request.POST.get("share") == "1",
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except viewing.CannotKeep as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The view is saved."))
    return redirect(f"{reverse(screen)}?{address}")
