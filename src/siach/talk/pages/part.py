"""An author's part in the discourse: with what shows it, and a day on which it must be looked at again."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from siach.org.entering import next_of
from siach.org.models import ReadLog
from siach.org.reads import note_read
from siach.org.rights import needs
from siach.talk.actions.marking import PART_LIFE, CannotMark, mark_part
from siach.talk.models import Part
from siach.talk.queries.post import recent_posts
from siach.talk.queries.reach import authors_for
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.talk.models import Author

LONGEST = timedelta(days=730)


class PartForm(forms.Form):
    part = forms.ChoiceField(
        label=gettext_lazy("Role in the conversation"),
        choices=[(part, capfirst(words)) for part, words in Part.choices],
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=gettext_lazy("Supporting evidence"),
        help_text=gettext_lazy("What was seen and where, so that others can check it. Public things only."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until = forms.DateField(
        label=gettext_lazy("Expires on"),
        help_text=gettext_lazy("After this day the role is unknown again, unless it is renewed."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    use_required_attribute = False  # an unknown part needs no evidence

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["evidence"].required = self.data.get("part") != Part.UNKNOWN

    def clean_until(self) -> datetime | None:
        """The end of that day; within two years, and not in the past."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        today = timezone.localdate()
        if not today <= day <= today + LONGEST:
            raise forms.ValidationError(_("From today, within two years."))
        return timezone.make_aware(datetime.combine(day, time.max))


@needs("author.mark")
@require_http_methods(["GET", "POST"])
def author_part(request: HttpRequest, author: int) -> HttpResponse:
    found = get_object_or_404(authors_for(request.user, "author.mark"), pk=author)  # type: ignore[arg-type]
    note_read(
        org_id=found.org_id,
        by=request.user,  # type: ignore[arg-type]
        what=ReadLog.What.PERSON,
        person=found.pk,
        subject=found.pk,
        at=timezone.now(),
    )
    if request.method == "POST":
        form, was = PartForm(request.POST), _standing(found)
        if form.is_valid() and _mark(request, found, form):
            here = reverse("author_part", args=[author])
            offer_undo(request, _("The author's role is marked."), here, next=_back(request), **was)
            return HttpResponseRedirect(_back(request))
        return _page(request, found, form, status=422)
    return _page(request, found, PartForm(initial=_initial(found)))


def _mark(request: HttpRequest, author: Author, form: PartForm) -> bool:
    """Whether the part was marked; a refusal is put on the form."""
    try:
        mark_part(
            author=author,
            part=form.cleaned_data["part"],
            evidence=form.cleaned_data["evidence"],
            until=form.cleaned_data["until"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except CannotMark as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _standing(author: Author) -> dict[str, str]:
    """The fields that mark the part as it is now; an end that has passed is no end any more."""
    until = timezone.localtime(author.part_until).date() if author.part_until else None
    lasts = until and until >= timezone.localdate()
    return {
        "part": author.part,
        "evidence": author.part_evidence,
        "until": until.isoformat() if until and lasts else "",
    }


def _initial(author: Author) -> dict[str, Any]:
    until = author.part_until or timezone.now() + PART_LIFE
    return {"part": author.part, "evidence": author.part_evidence, "until": timezone.localtime(until).date()}


def _back(request: HttpRequest) -> str:
    return next_of(request) or reverse("stream")


def _page(request: HttpRequest, author: Author, form: PartForm, status: int = 200) -> HttpResponse:
    context = {
        "author": author,
        "form": form,
        "posts": recent_posts(author, request.user),  # type: ignore[arg-type]
        "back_url": _back(request),
    }
    return render(request, "talk/part.html", context, status=status)


urlpatterns = [path("stream/author/<int:author>/part/", author_part, name="author_part")]
