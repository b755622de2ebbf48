"""Settings: how people come in: who must have a second factor, and what stands ready for mail and single sign-on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from siach.org import mail, oidc
from siach.org.entering import number
from siach.org.factors import ask_factor
from siach.org.forms import capitalised
from siach.org.models import Membership, Org
from siach.org.queries import unsent_mails
from siach.org.rights import needs, orgs_for
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("settings", "ways_in", gettext_lazy("Sign-in"), order=35, right="org.manage")


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Who must use two-factor authentication"),
        help_text=gettext_lazy(
            "People in these roles, here or at an agency working under a mandate of yours, must set it up before"
            " anything else opens."
        ),
        choices=capitalised(Membership.Role.choices),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


@needs("org.manage")
@require_http_methods(["GET", "POST"])
def ways_in(request: HttpRequest) -> HttpResponse:
    """One form for each organisation, named in its field `org`."""
    orgs = orgs_for(request.user, "org.manage").order_by("name")  # type: ignore[arg-type]
    asked, posted = number(request.POST.get("org", "")), None
    if request.method == "POST":
        org = get_object_or_404(orgs, pk=asked or 0)
        posted = RolesForm(request.POST)
        if posted.is_valid():
            ask_factor(org=org, roles=posted.cleaned_data["roles"], by=request.user, at=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("Saved. The people concerned will be asked for it on their next page."))
            return redirect("ways_in")
    forms_of = [(org, posted if posted and org.pk == asked else _form(org)) for org in orgs]
    context: dict[str, Any] = {
        "forms": forms_of,
        "sender": settings.SIACH_MAIL_FROM,
        "mail_is_set": mail.is_set(),
        "unsent": unsent_mails(request.user),  # type: ignore[arg-type]
        "sso": oidc.name(),
        "address": settings.SIACH_ADDRESS,
    }
    return render(request, "org/ways_in.html", context, status=422 if posted else 200)


def _form(org: Org) -> RolesForm:
    return RolesForm(initial={"roles": org.factor_roles}, auto_id=f"org-{org.pk}-%s")


urlpatterns = [path("settings/ways-in/", ways_in, name="ways_in")]
