"""Settings, team: who is here, in which team and with which role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from siach.org import teams as deeds
from siach.org.actions import Refused
from siach.org.houses import houses_of
from siach.org.models import Membership
from siach.org.rights import needs, orgs_for
from siach.org.sessions import end_sessions_of
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("settings", "team", gettext_lazy("Team"), order=20, right="org.manage")


@needs("org.manage")
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    context = {"houses": houses_of(request.user), "roles": Membership.Role.choices}  # type: ignore[arg-type]
    return render(request, "org/team.html", context)


@needs("org.manage")
@require_POST
def team_new(request: HttpRequest, org: int) -> HttpResponse:
    found = get_object_or_404(orgs_for(request.user, "org.manage"), pk=org)  # type: ignore[arg-type]
    name = request.POST.get("name", "").replace("\x00", "")
    return _deed(
        request,
        lambda: deeds.add_team(org=found, name=name, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        _("The team is added. People join it by invitation."),
    )


@needs("org.manage")
@require_POST
def member_role(request: HttpRequest, pk: int) -> HttpResponse:
    member, role = _member(request, pk), request.POST.get("role", "")
    return _deed(
        request,
        lambda: deeds.change_role(member=member, role=role, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        _("The role is changed."),
    )


@needs("org.manage")
@require_POST
def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    member = _member(request, pk)
    return _deed(
        request,
        lambda: deeds.remove(member=member, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        _("Removed from the team. Access through it is closed."),
    )


@needs("org.manage")
@require_POST
def member_sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of every browser but the one that asks."""
    key = request.session.session_key
    ended = end_sessions_of(member=_member(request, pk), by=request.user, keep=key, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Signed out everywhere.") if ended else _("That browser was already signed out."))
    return redirect("team")


def _member(request: HttpRequest, pk: int) -> Membership:
    mine = Membership.objects.filter(team__org__in=orgs_for(request.user, "org.manage"))  # type: ignore[arg-type]
    return get_object_or_404(mine.select_related("team__org", "user"), pk=pk)


def _deed(request: HttpRequest, do: Callable[[], object], done: str) -> HttpResponse:
    try:
        do()
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("team")


urlpatterns = [
    path("settings/team/", team, name="team"),
    path("settings/team/<int:org>/new/", team_new, name="team_new"),
    path("settings/members/<int:pk>/role/", member_role, name="member_role"),
    path("settings/members/<int:pk>/sign-out/", member_sign_out, name="member_sign_out"),
    path("settings/members/<int:pk>/remove/", member_remove, name="member_remove"),
]
