"""People's requests: what is held on them, a correction, an erasure; found by handle or link, answered in time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from siach.org import requests
from siach.org.keeping import RULES
from siach.org.models import PersonRequest, ReadLog
from siach.org.reads import note_read
from siach.org.rights import needs, orgs_for
from siach.talk.queries.person import find_people, people_for, told
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.org.models import User

LEAF = Leaf("settings", "people", gettext_lazy("Data requests"), order=62, right="privacy.manage")
SHOWN = 100


class RequestForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is asked for"), choices=PersonRequest.Kind.choices, widget=forms.RadioSelect
    )
    asked = forms.CharField(
        label=gettext_lazy("Who asked, and what shows that it is this person"),
        help_text=gettext_lazy("For example a message from the same account, with its date. No identity documents."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _requests(user: User) -> Any:
    return PersonRequest.objects.filter(org__in=orgs_for(user, "privacy.manage"))


@needs("privacy.manage")
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """`?q=`: a handle, a name, an id or a link. A request is taken up for the authors that were chosen."""
    user: User = request.user  # type: ignore[assignment]
    asked = request.POST.get("q", request.GET.get("q", "")).replace("\0", "")
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = [int(one) for one in request.POST.getlist("person") if one.isdecimal() and len(one) < 19]
        authors = list(people_for(user).filter(pk__in=chosen).select_related("org"))
        if not authors:
            form.add_error(None, _("Choose at least one author."))
        elif len({one.org_id for one in authors}) > 1:
            form.add_error(None, _("Authors in two organisations need two requests."))
        else:
            people = [one.pk for one in authors]
            made = requests.take_up(org=authors[0].org, people=people, **form.cleaned_data, by=user, at=timezone.now())
            return redirect("person_request", made.pk)
    mine = _requests(user)
    context = {
        "q": asked,
        "found": find_people(user, asked),
        "form": form,
        "open": mine.filter(state__in=("open", "running")).order_by("due_on", "pk"),
        "answered": mine.exclude(state__in=("open", "running")).order_by("-done_at", "-pk")[:SHOWN],
        "today": timezone.localdate(),
    }
    return render(request, "talk/people.html", context, status=422 if request.method == "POST" else 200)


@needs("privacy.manage")
@require_GET
def person_request(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_requests(request.user).select_related("org", "by"), pk=pk)  # type: ignore[arg-type]
    return _page(request, found)


def _page(request: HttpRequest, found: PersonRequest, refusal: str = "") -> HttpResponse:
    if found.report is not None:
        _note(request, found)
    context = {
        "asked": found,
        "people": people_for(request.user).filter(pk__in=found.people),  # type: ignore[arg-type]
        "report": told(found.report) if found.report is not None and found.state == "done" else None,
        "rules": RULES,
        "counts": [(name, n) for name, n in found.outcome.items() if name != "words"],
        "today": timezone.localdate(),
        "refusal": refusal,
    }
    return render(request, "talk/person_request.html", context, status=422 if refusal else 200)


def _note(request: HttpRequest, found: PersonRequest) -> None:
    note_read(
        org_id=found.org_id,
        by=request.user,  # type: ignore[arg-type]
        what=ReadLog.What.REPORT,
        person=found.people[0],
        subject=found.pk,
        at=timezone.now(),
    )


@needs("privacy.manage")
@require_POST
def request_carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_requests(request.user), pk=pk)  # type: ignore[arg-type]
    try:
        requests.carry_out(request=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except requests.CannotAsk as refusal:
        return _page(request, found, str(refusal))
    messages.success(request, _("It is under way. This page shows when it is done."))
    return redirect("person_request", pk)


@needs("privacy.manage")
@require_POST
def request_close(request: HttpRequest, pk: int) -> HttpResponse:
    """`refused` is 1 for a refusal; `outcome` what was done, or why not."""
    found = get_object_or_404(_requests(request.user), pk=pk)  # type: ignore[arg-type]
    refused = request.POST.get("refused") == "1"
    try:
        requests.close(
            request=found,
            outcome=request.POST.get("outcome", ""),
            refused=refused,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except requests.CannotAsk as refusal:
        return _page(request, found, str(refusal))
    messages.success(request, _("The request is answered."))
    return redirect("person_request", pk)


@needs("privacy.manage")
@require_GET
def request_report(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The access report as a file: `json` for machines, `html` for people."""
    found = get_object_or_404(_requests(request.user).select_related("org"), pk=pk)  # type: ignore[arg-type]
    if form not in ("json", "html") or found.report is None or found.state != "done":
        raise Http404
    _note(request, found)
    kind = {"json": "application/json", "html": "text/html; charset=utf-8"}[form]
    text = (
        json.dumps(found.report, ensure_ascii=False, indent=1)
        if form == "json"
        else render_to_string("talk/report_file.html", {"asked": found, "report": told(found.report), "rules": RULES})
    )
    headers = {
        "Content-Disposition": f'attachment; filename="access-report-{found.pk}.{form}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(text, content_type=kind, headers=headers)


urlpatterns = [
    path("settings/privacy/people/", people, name="people"),
    path("settings/privacy/requests/<int:pk>/", person_request, name="person_request"),
    path("settings/privacy/requests/<int:pk>/carry-out/", request_carry_out, name="request_carry_out"),
    path("settings/privacy/requests/<int:pk>/close/", request_close, name="request_close"),
    path("settings/privacy/requests/<int:pk>/report.<str:form>", request_report, name="request_report"),
]
