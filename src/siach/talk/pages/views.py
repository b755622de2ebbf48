"""Views of the Stream and the Inbox that people keep under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from siach.org.rights import needs
from siach.talk.actions import viewing
from siach.talk.keeping_views import keep_from
from siach.talk.models import SavedView
from siach.talk.queries import views as queries
from siach.talk.queries.filters import read_filters

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("stream.read")
@require_safe
def views(request: HttpRequest) -> HttpResponse:
    """All views that this person has, and what they may change of them."""
    own = set(queries.own_views(request.user).values_list("pk", flat=True))  # type: ignore[arg-type]
    found = list(queries.views_for(request.user))  # type: ignore[arg-type]
    pages = []
    for name, words in _titles():
        of_page = [view for view in found if view.screen == name]
        rows = [{"view": one, "may_change": one.pk in own, "is_own": one.by_id == request.user.pk} for one in of_page]
        if rows:
            pages.append((name, words, rows))
    return render(request, "talk/views.html", {"pages": pages})


def _titles() -> list[tuple[str, str]]:
    """The pages of which views are kept: the name of each one's address, and its title."""
    return [(SavedView.Screen.STREAM, _("Stream")), (SavedView.Screen.INBOX, _("Inbox"))]


@needs("stream.read")
@require_POST
def view_keep(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the form under its name, and go back to them."""
    address = read_filters(request.POST.dict()).address()
    return keep_from(request, screen=SavedView.Screen.STREAM, address=address)


@needs("stream.read")
@require_POST
def view_change(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Rename or share a view (`change`), or `remove` it."""
    view = get_object_or_404(queries.own_views(request.user), pk=pk)  # type: ignore[arg-type]
    at, by = timezone.now(), request.user
    try:
        if deed == "remove":
            viewing.remove_view(view=view, by=by, at=at)  # type: ignore[arg-type]
            messages.success(request, _("The view is removed."))
        elif deed == "change":
            name, is_shared = request.POST.get("name", ""), request.POST.get("share") == "1"
            viewing.change_view(view=view, name=name, is_shared=is_shared, by=by, at=at)  # type: ignore[arg-type]
            messages.success(request, _("The view is changed."))
        else:
            raise Http404
    except viewing.CannotKeep as refusal:
        messages.error(request, str(refusal))
    return redirect("views")


urlpatterns = [
    path("stream/views/", views, name="views"),
    path("stream/views/keep/", view_keep, name="view_keep"),
    path("stream/views/<int:pk>/<slug:deed>/", view_change, name="view_change"),
]
