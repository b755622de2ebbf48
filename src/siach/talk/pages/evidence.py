"""Evidence: copies of posts under a legal hold, their reviews, their release, and the file to hand over."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from siach.org.models import User
from siach.org.rights import members, needs
from siach.talk import pictures
from siach.talk.actions.evidence import REVIEW_AFTER, CannotKeep, keep_evidence, release_evidence, review_evidence
from siach.talk.evidence import packed
from siach.talk.models import EvidencePicture
from siach.talk.queries import evidence as queries
from siach.talk.queries.post import posts_for
from siach.ui.frame import Place

if TYPE_CHECKING:
    from django.http import HttpRequest

    from siach.org.models import Org
    from siach.talk.models import Evidence

PLACE = Place("evidence", gettext_lazy("Evidence"), icon="lock", order=85, group=3, right="evidence.keep")


class ReviewForm(forms.Form):
    owner = forms.ModelChoiceField(label=gettext_lazy("Responsible"), queryset=User.objects.none(), empty_label=None)
    review_on = forms.DateField(
        label=gettext_lazy("Review on"),
        help_text=gettext_lazy("On this day somebody must decide whether it is still needed."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any, *, org: Org, by: User, **more: Any) -> None:
        until = timezone.localdate() + REVIEW_AFTER
        super().__init__(data, initial={"owner": by.pk, "review_on": until} | more)
        owners = members(org, "evidence.keep").order_by("name", "pk")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class KeepForm(ReviewForm):
    reason = forms.CharField(
        label=gettext_lazy("Why it is kept"),
        help_text=gettext_lazy(
            "The matter it may be needed for. It is disclosed to people who ask what we hold about them."
        ),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("reason", "owner", "review_on")


def _found(request: HttpRequest, pk: int, right: str = "evidence.keep") -> Evidence:
    mine = queries.evidence_for(request.user, right)  # type: ignore[arg-type]
    return get_object_or_404(mine.select_related("org", "brand", "owner", "by", "released_by"), pk=pk)


@needs("evidence.keep")
@require_GET
def evidence(request: HttpRequest) -> HttpResponse:
    """`?show=released`: what is no longer held; `?page=` behind the first fifty."""
    page = request.GET.get("page", "")
    released = request.GET.get("show") == "released"
    shown = queries.shelf(
        request.user,  # type: ignore[arg-type]
        released=released,
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 0,
        today=timezone.localdate(),
    )
    return render(request, "talk/evidence.html", {"shelf": shown, "released": released})


@needs("evidence.keep")
@require_http_methods(["GET", "POST"])
def evidence_keep(request: HttpRequest, post: int) -> HttpResponse:
    posts = posts_for(request.user, "evidence.keep").select_related("author", "org")  # type: ignore[arg-type]
    found = get_object_or_404(posts, pk=post)
    form = KeepForm(request.POST or None, org=found.org, by=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        try:
            kept = keep_evidence(post=found, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except CannotKeep as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The post is kept as evidence."))
            return redirect("evidence_one", kept.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "talk/evidence_keep.html", {"post": found, "form": form}, status=status)


@needs("evidence.keep")
@require_GET
def evidence_one(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _page(request: HttpRequest, found: Evidence, form: ReviewForm | None = None, refusal: str = "") -> HttpResponse:
    copy = found.copy
    answering = {"owner": found.owner_id} if found.owner_id else {}
    context = {
        "evidence": found,
        "kept": queries.kept(found, today=timezone.localdate()),
        "copy": copy,
        "said_at": parse_datetime(copy.get("said_at") or ""),
        "counted_at": parse_datetime((copy.get("numbers") or {}).get("at") or ""),
        "is_whole": queries.still_whole(found),
        "form": form or ReviewForm(None, org=found.org, by=request.user, **answering),  # type: ignore[arg-type]
        "refusal": refusal,
        "may_release": queries.evidence_for(request.user, "evidence.release").filter(pk=found.pk).exists(),  # type: ignore[arg-type]
    }
    return render(request, "talk/evidence_one.html", context, status=422 if refusal or form else 200)


@needs("evidence.keep")
@require_POST
def evidence_review(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    form = ReviewForm(request.POST, org=found.org, by=request.user)  # type: ignore[arg-type]
    if not form.is_valid():
        return _page(request, found, form)
    owner: User = form.cleaned_data["owner"]
    review_on: date = form.cleaned_data["review_on"]
    try:
        review_evidence(evidence=found, owner=owner, review_on=review_on, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotKeep as refusal:
        return _page(request, found, refusal=str(refusal))
    messages.success(request, _("The hold stays, and the next review is set."))
    return redirect("evidence_one", pk)


@needs("evidence.release")
@require_POST
def evidence_release(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk, "evidence.release")
    reason = request.POST.get("reason", "")
    try:
        release_evidence(evidence=found, reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotKeep as refusal:
        return _page(request, found, refusal=str(refusal))
    messages.success(request, _("The hold is released."))
    return redirect("evidence_one", pk)


@needs("evidence.keep")
@require_safe
def evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The copy, its pictures and their hashes as one zip."""
    found = _found(request, pk)
    name = f"siach-evidence-{found.pk}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(packed(found), content_type="application/zip", headers=headers)


@needs("evidence.keep")
@require_safe
def evidence_picture(request: HttpRequest, pk: int, picture: int) -> HttpResponse:
    found = get_object_or_404(EvidencePicture, pk=picture, evidence=_found(request, pk))
    try:
        data = pictures.path_of(found.sha256).read_bytes()
    except OSError as error:
        raise Http404 from error
    headers = {"Cross-Origin-Resource-Policy": "same-origin"}
    return HttpResponse(data, content_type=found.kind, headers=headers)


urlpatterns = [
    path("evidence/", evidence, name="evidence"),
    path("evidence/keep/<int:post>/", evidence_keep, name="evidence_keep"),
    path("evidence/<int:pk>/", evidence_one, name="evidence_one"),
    path("evidence/<int:pk>/review/", evidence_review, name="evidence_review"),
    path("evidence/<int:pk>/release/", evidence_release, name="evidence_release"),
    path("evidence/<int:pk>/file/", evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/picture/<int:picture>/", evidence_picture, name="evidence_picture"),
]
