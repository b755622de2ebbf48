"""Sources: what do we hear, how well, and what do we not hear?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from siach.org.models import Brand
from siach.org.rights import brands_for, needs, orgs_for
from siach.talk.actions import sources as deeds
from siach.talk.actions.reading import current_run
from siach.talk.actions.spending import CannotCap, read_cap, set_cap
from siach.talk.models import Account, Source
from siach.talk.queries import imports as files
from siach.talk.queries import sources as queries
from siach.talk.queries.blind import blind_spots
from siach.talk.queries.reach import PRIVATE
from siach.talk.queries.readings import readings
from siach.ui.frame import Place
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.http import HttpRequest

PLACE = Place("sources", gettext_lazy("Sources"), icon="sources", order=60, key="S", group=2, right="source.read")


def _brands(request: HttpRequest, right: str) -> list[Brand]:
    """The brands in scope; the one in view alone when one is chosen among several."""
    brands = list(brands_for(request.user, right).select_related("org"))  # type: ignore[arg-type]
    in_view: Brand | None = request.brand  # type: ignore[attr-defined]
    return [brand for brand in brands if in_view is None or brand == in_view or brand.kind == Brand.Kind.RIVAL]


@needs("source.read")
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    brands = _brands(request, "source.read")
    orgs = orgs_for(request.user, "source.read").filter(brands__in=brands).distinct()  # type: ignore[arg-type]
    private = orgs_for(request.user, PRIVATE)  # type: ignore[arg-type]
    rights: frozenset[str] = request.rights  # type: ignore[attr-defined]
    own = [brand for brand in brands if brand.kind == Brand.Kind.OWN]
    return render(
        request,
        "talk/sources.html",
        {
            "at": at,
            "overview": queries.overview(brands, orgs=orgs, private=private, at=at),
            "blind": blind_spots(own, at=at),
            "readings": readings(own, user=request.user, orgs=orgs, rights=rights, run=current_run()),  # type: ignore[arg-type]
            "several_orgs": len({brand.org_id for brand in own}) > 1,
            "imports": files.imports(orgs, at=at),
            "several_brands": len(own) > 1,
            "may_manage": "source.manage" in rights,
            "may_import": "import.run" in rights,
            "may_capture": "capture.add" in rights,
        },
    )


@needs("source.manage")
@require_POST
def add_search(request: HttpRequest) -> HttpResponse:
    """Search for words on an account's network."""
    accounts = Account.objects.filter(brand__in=brands_for(request.user, "source.manage"))  # type: ignore[arg-type]
    chosen = request.POST.get("account", "")
    account = get_object_or_404(accounts, pk=chosen if chosen.isdecimal() else 0)
    try:
        source = deeds.add_search(
            account=account,
            query=request.POST.get("query", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except deeds.CannotListen as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Searching for %(query)s from now on.") % {"query": f"\u2068{source.query}\u2069"})
    return redirect("sources")


_DEEDS = {"pause": deeds.pause, "resume": deeds.resume, "remove": deeds.remove}


@needs("source.manage")
@require_POST
def change_source(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Pause, resume or remove a source."""
    if deed not in _DEEDS:
        raise Http404
    mine = Source.objects.filter(brand__in=brands_for(request.user, "source.manage"))  # type: ignore[arg-type]
    done = {
        "pause": _("Paused. Nothing new is heard here until it is resumed."),
        "resume": _("Listening again."),
        "remove": _("Removed. What was heard stays."),
    }
    try:
        _DEEDS[deed](source=get_object_or_404(mine, pk=pk), by=request.user, at=timezone.now())  # type: ignore
    except deeds.CannotListen as error:
        messages.error(request, str(error))
    else:
        _say(request, pk, deed, done[deed])
    return redirect("sources")


def _say(request: HttpRequest, pk: int, deed: str, done: str) -> None:
    """A pause is undone by going on, and the other way round; a removal stands."""
    back = {"pause": "resume", "resume": "pause"}.get(deed)
    if back:
        offer_undo(request, done, reverse("change_source", args=[pk, back]))
    else:
        messages.success(request, done)


@needs("source.manage")
@require_POST
def source_cap(request: HttpRequest, pk: int) -> HttpResponse:
    """Set how much a source may cost in a period, in the units that are shown; nothing takes the cap off."""
    mine = Source.objects.filter(brand__in=brands_for(request.user, "source.manage"))  # type: ignore[arg-type]
    source = get_object_or_404(mine, pk=pk)
    try:
        cap = read_cap(source, request.POST.get("cap", ""))
        set_cap(source=source, cap=cap, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotCap as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The cap is saved.") if cap else _("The source has no cap of its own now."))
    return redirect("sources")


@needs("source.manage")
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry a post that was set aside once more."""
    try:
        aside = get_object_or_404(queries.set_aside(orgs_for(request.user, "source.manage")), pk=pk)  # type: ignore[arg-type]
        deeds.ask_again(aside=aside, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except deeds.CannotListen as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The post is being tried again."))
    return redirect("sources")


urlpatterns = [
    path("sources/", sources, name="sources"),
    path("sources/search/", add_search, name="add_search"),
    path("sources/<int:pk>/cap/", source_cap, name="source_cap"),
    path("sources/<int:pk>/<slug:deed>/", change_source, name="change_source"),
    path("sources/aside/<int:pk>/again/", try_again, name="try_again"),
]
