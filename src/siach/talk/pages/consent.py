"""A person's consent to marketing text: what holds now, what was said before, and a new answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from siach.org.models import ReadLog
from siach.org.reads import note_read
from siach.org.rights import needs
from siach.talk.actions.consent import CannotNote, note_consent
from siach.talk.queries.reach import authors_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from siach.talk.models import Author

SHOWN = 20


class ConsentForm(forms.Form):
    given = forms.ChoiceField(
        label=gettext_lazy("What the person said"),
        choices=[("yes", pgettext_lazy("consent", "Agrees")), ("no", pgettext_lazy("consent", "Does not agree"))],
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=gettext_lazy("Supporting evidence"),
        help_text=gettext_lazy("Where and when it was said, in the person's own words if they can be had."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@needs("case.answer")
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, author: int) -> HttpResponse:
    found = get_object_or_404(authors_for(request.user, "case.answer"), pk=author)  # type: ignore[arg-type]
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _note(request, found, form):
        messages.success(request, _("The answer is noted."))
        return redirect("consent", author)
    what = ReadLog.What.PERSON
    note_read(org_id=found.org_id, by=request.user, what=what, person=author, subject=author, at=timezone.now())  # type: ignore[arg-type]
    said = list(found.consents.select_related("by").order_by("-at", "-pk")[:SHOWN])
    context = {"author": found, "form": form, "said": said, "newest": said[0] if said else None}
    return render(request, "talk/consent.html", context, status=422 if request.method == "POST" else 200)


def _note(request: HttpRequest, author: Author, form: ConsentForm) -> bool:
    """Whether it was noted; a refusal is put on the form."""
    given, evidence = form.cleaned_data["given"] == "yes", form.cleaned_data["evidence"]
    try:
        note_consent(author=author, given=given, evidence=evidence, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotNote as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


urlpatterns = [path("stream/author/<int:author>/consent/", consent, name="consent")]
