"""Muted: what one does not want to see in the Stream, for oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from siach.org.entering import next_of
from siach.org.models import Brand, Topic
from siach.org.notices.preferences import topics_of
from siach.org.rights import brands_for, needs
from siach.talk.actions.muting import LASTING, CannotMute, mute, unmute
from siach.talk.models import Mute
from siach.talk.queries.muting import mutes_of
from siach.talk.queries.reach import authors_for
from siach.ui.frame import Leaf
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

LEAF = Leaf("me", "muted", gettext_lazy("Muted"), order=50, right="stream.read")
FOR = {
    1: gettext_lazy("For a day"),
    7: gettext_lazy("For a week"),
    30: gettext_lazy("For a month"),
    0: gettext_lazy("Until unmuted"),
}


@needs("stream.read")
@require_safe
def muted(request: HttpRequest) -> HttpResponse:
    mutes = mutes_of(request.user, at=timezone.now())  # type: ignore[arg-type]
    return render(request, "talk/muted.html", {"mutes": mutes, "lasting": FOR.items(), "topics": _topics(request)})


def _topics(request: HttpRequest) -> list[tuple[Brand, list[Topic]]]:
    """Those that the reader may read of, under their brands: a mandate may open only some."""
    brands = brands_for(request.user, "stream.read").order_by("name", "pk")  # type: ignore[arg-type]
    return topics_of(request.user, list(brands))  # type: ignore[arg-type]


def _chosen(found: QuerySet[Any], said: str) -> Any:
    """The row of a number that a form sent; None where it sent none. 404 for one that is not the reader's."""
    if not said:
        return None
    return get_object_or_404(found, pk=int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else 0)


@needs("stream.read")
@require_POST
def mute_add(request: HttpRequest) -> HttpResponse:
    """An author (`author`), a topic (`topic`) or a word (`word`), for `days`."""
    days = request.POST.get("days", "")
    author = _chosen(authors_for(request.user, "stream.read"), request.POST.get("author", ""))  # type: ignore[arg-type]
    mine = [topic.pk for _brand, topics in _topics(request) for topic in topics]
    topic = None if author else _chosen(Topic.objects.filter(pk__in=mine), request.POST.get("topic", ""))
    lasts = int(days) if days in map(str, LASTING) else 30
    try:
        made = mute(
            user=request.user,  # type: ignore[arg-type]
            author=author,
            topic=topic,
            word=request.POST.get("word", ""),
            days=lasts,
            at=timezone.now(),
        )
    except CannotMute as refusal:
        messages.error(request, str(refusal))
    else:
        there = reverse("mute_remove", args=[made.pk])
        offer_undo(request, _("Muted, for you only."), there, next=_back(request))
    return HttpResponseRedirect(_back(request))


@needs("stream.read")
@require_POST
def mute_remove(request: HttpRequest, pk: int) -> HttpResponse:
    unmute(mute=get_object_or_404(Mute, pk=pk, user=request.user))
    messages.success(request, _("It is shown again."))
    return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    return next_of(request) or reverse("muted")


urlpatterns = [
    path("account/muted/", muted, name="muted"),
    path("account/muted/add/", mute_add, name="mute_add"),
    path("account/muted/<int:pk>/remove/", mute_remove, name="mute_remove"),
]
