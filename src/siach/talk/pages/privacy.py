"""Settings > Privacy: how long things are kept, how many people are held, whom to ask, and who looked at whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from siach.org.keeping import RULES, CannotSet, set_days, tell_privacy
from siach.org.models import Org, ReadLog
from siach.org.rights import needs, orgs_for
from siach.talk.queries.held import held, lookers, looks
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import Promise

    from siach.talk.queries.held import Held

LEAF = Leaf("settings", "privacy", gettext_lazy("Privacy"), order=60, right="privacy.manage")

#: The processing record: section -> its heading and what it says unless counsel writes otherwise.
SECTIONS: dict[str, tuple[str | Promise, str | Promise]] = {
    "purposes": (
        gettext_lazy("Purposes"),
        gettext_lazy(
            "Knowing what is said in public about our brands, answering people who contact us, and establishing or "
            "defending legal claims. Nothing is sold, and no marketing message is sent without consent."
        ),
    ),
    "data": (
        gettext_lazy("Kinds of data"),
        gettext_lazy(
            "Public posts with their authors' names, handles and reach as the network shows them; what people saw in "
            "closed places and added; what customers write to us, our replies and notes. People are not classified by "
            "political opinion, belief or health."
        ),
    ),
    "recipients": (
        gettext_lazy("Who receives it"),
        gettext_lazy(
            "Our own teams by their roles, and agencies that work for us under a written processor agreement. Replies "
            "are published on the network where the post stands."
        ),
    ),
    "security": (
        gettext_lazy("Security measures"),
        gettext_lazy(
            "Roles and permissions, a log of every access to personal data, encrypted access keys, encrypted backups "
            "that are deleted after 35 days. An incident is reported at once to the privacy contact, who decides on "
            "notifying the Privacy Protection Authority."
        ),
    ),
}


class ContactForm(forms.Form):
    contact_name = forms.CharField(label=gettext_lazy("Privacy contact"), max_length=120, required=False)
    contact_mail = forms.EmailField(label=gettext_lazy("Email"), required=False)
    contact_phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)
    access_name = forms.CharField(label=gettext_lazy("Accessibility coordinator"), max_length=120, required=False)
    access_mail = forms.EmailField(label=gettext_lazy("Email"), required=False)
    access_phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)

    def __init__(self, data: Any, found: Held) -> None:
        told = {f"contact_{name}": value for name, value in found.privacy.contact.items()}
        told |= {f"access_{name}": value for name, value in found.privacy.access.items()}
        super().__init__(data, initial=told)
        for section, (label, words) in SECTIONS.items():
            self.fields[section] = forms.CharField(
                label=str(label),
                max_length=4000,
                required=False,
                initial=found.privacy.record.get(section, str(words)),
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def part(self, prefix: str) -> dict[str, str]:
        """Name, mail and phone of `contact` or `access`."""
        return {name: self.cleaned_data[f"{prefix}_{name}"] for name in ("name", "mail", "phone")}

    def words(self) -> dict[str, str]:
        """The record's sections that say something else than the default."""
        return {
            section: "" if self.cleaned_data[section].strip() == str(words) else self.cleaned_data[section].strip()
            for section, (_label, words) in SECTIONS.items()
        }


def _org(request: HttpRequest, pk: int) -> Org:
    return get_object_or_404(orgs_for(request.user, "privacy.manage"), pk=pk)  # type: ignore[arg-type]


@needs("privacy.manage")
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, form: ContactForm | None = None, refusal: str = "") -> HttpResponse:
    """Every organisation in which this reader handles privacy."""
    orgs = orgs_for(request.user, "privacy.manage").order_by("name", "pk")  # type: ignore[arg-type]
    parts = [held(org, at=timezone.now()) for org in orgs]
    shown = [(part, form if form and form.org_pk == part.org.pk else ContactForm(None, part)) for part in parts]  # type: ignore[attr-defined]
    status = 422 if form or refusal else 200
    return render(request, "talk/privacy.html", {"parts": shown, "refusal": refusal}, status=status)


@needs("privacy.manage")
@require_POST
def privacy_keep(request: HttpRequest, org: int) -> HttpResponse:
    """A number of days for each kind of RULES."""
    found = _org(request, org)
    given = {kind: request.POST.get(kind, "") for kind in RULES}
    days = {
        kind: int(value) for kind, value in given.items() if value.isascii() and value.isdecimal() and len(value) < 6
    }
    try:
        if len(days) < len(RULES):
            raise CannotSet(_("A number of days is needed for each kind."))
        set_days(org=found, days=days, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotSet as refusal:
        return _page(request, refusal=str(refusal))
    messages.success(request, _("The retention periods are saved. They apply from tonight."))
    return redirect("privacy")


@needs("privacy.manage")
@require_POST
def privacy_tell(request: HttpRequest, org: int) -> HttpResponse:
    found = _org(request, org)
    form = ContactForm(request.POST, held(found, at=timezone.now()))
    if not form.is_valid():
        form.org_pk = found.pk  # type: ignore[attr-defined]
        return _page(request, form)
    tell_privacy(
        org=found,
        contact=form.part("contact"),
        access=form.part("access"),
        words=form.words(),
        by=request.user,  # type: ignore[arg-type]
        at=timezone.now(),
    )
    messages.success(request, _("Saved."))
    return redirect("privacy")


@needs("privacy.manage")
@require_GET
def privacy_reads(request: HttpRequest) -> HttpResponse:
    context = {
        "looks": looks(request.user, request.GET),  # type: ignore[arg-type]
        "people": lookers(request.user),  # type: ignore[arg-type]
        "kinds": ReadLog.What.choices,
        "by": request.GET.get("by", ""),
        "what": request.GET.get("what", ""),
    }
    return render(request, "talk/reads.html", context)


urlpatterns = [
    path("settings/privacy/", privacy, name="privacy"),
    path("settings/privacy/reads/", privacy_reads, name="privacy_reads"),
    path("settings/privacy/<int:org>/keep/", privacy_keep, name="privacy_keep"),
    path("settings/privacy/<int:org>/tell/", privacy_tell, name="privacy_tell"),
]
