"""Settings: who is invited; inviting, inviting again, withdrawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from siach.org import mail
from siach.org.actions import Refused
from siach.org.forms import capitalised
from siach.org.inviting import invite, invite_again, revoke
from siach.org.models import Invitation, Membership, Team
from siach.org.queries import invitations_of
from siach.org.rights import needs, orgs_for
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("settings", "invitations", gettext_lazy("Invitations"), order=30, right="org.manage")


class TeamField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Team) -> str:
        return obj.name if obj.name == obj.org.name else f"{obj.org.name}: {obj.name}"


class InvitationForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("Email"), widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=capitalised(Membership.Role.choices), initial=Membership.Role.AGENT
    )
    team = TeamField(label=gettext_lazy("Team"), queryset=Team.objects.none(), empty_label=None)

    def __init__(self, data: Any, teams: QuerySet[Team]) -> None:
        super().__init__(data)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


@needs("org.manage")
@require_http_methods(["GET", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """The list and the form. Where no mail is set up the new link stands on the page, this once."""
    teams = Team.objects.filter(org__in=_orgs(request)).select_related("org").order_by("org__name", "pk")
    form = InvitationForm(request.POST if request.method == "POST" else None, teams)
    if request.method == "POST" and form.is_valid():
        try:
            row, link = invite(**form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as error:
            form.add_error("email", str(error))
        else:
            return _made(request, row, link, teams)
    return _page(request, form)


@needs("org.manage")
@require_POST
def invitation_again(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Invitation, pk=pk, org__in=_orgs(request))
    try:
        row, link = invite_again(invitation=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        messages.error(request, str(error))
        return redirect("invitations")
    return _made(request, row, link, Team.objects.filter(org__in=_orgs(request)).select_related("org"))


@needs("org.manage")
@require_POST
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Invitation, pk=pk, org__in=_orgs(request))
    try:
        revoke(invitation=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect("invitations")


def _orgs(request: HttpRequest) -> QuerySet[Any]:
    return orgs_for(request.user, "org.manage")  # type: ignore[arg-type]


def _made(request: HttpRequest, row: Invitation, link: str, teams: QuerySet[Team]) -> HttpResponse:
    """The link is kept nowhere, so it is answered at once; where it was mailed, nobody else needs it."""
    if mail.is_set():
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": row.email})
        return redirect("invitations")
    response = _page(request, InvitationForm(None, teams), made=row, link=link)
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, form: InvitationForm, **more: Any) -> HttpResponse:
    rows = invitations_of(request.user, at=timezone.now())  # type: ignore[arg-type]
    context = {"form": form, "rows": rows, "mail_is_set": mail.is_set(), **more}
    return render(request, "org/invitations.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("settings/invitations/", invitations, name="invitations"),
    path("settings/invitations/<int:pk>/again/", invitation_again, name="invitation_again"),
    path("settings/invitations/<int:pk>/revoke/", invitation_revoke, name="invitation_revoke"),
]
