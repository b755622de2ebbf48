"""Settings, mandates: which agency works for us, with what, and until when; and for whom our agency works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siach.org import ending, houses
from siach.org import mandates as deeds
from siach.org.actions import Refused
from siach.org.mandate_forms import TermsForm, kept, usual
from siach.org.models import Brand, Mandate
from siach.org.rights import needs, orgs_for
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.http import HttpRequest

LEAF = Leaf("settings", "mandates", gettext_lazy("Mandates"), order=25, right="org.manage")


def _brands(request: HttpRequest) -> list[Brand]:
    """Brands of our own that can be lent."""
    mine = orgs_for(request.user, "org.manage")  # type: ignore[arg-type]
    return list(Brand.objects.filter(org__in=mine, kind=Brand.Kind.OWN).select_related("org").order_by("name", "pk"))


def _mandate(request: HttpRequest, pk: int) -> Mandate:
    mine = orgs_for(request.user, "org.manage")  # type: ignore[arg-type]
    found = Mandate.objects.filter(org__in=mine).select_related("org", "brand", "team__org", "ended_by", "proof")
    return get_object_or_404(found, pk=pk)


@needs("org.manage")
@require_safe
def mandates(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    context = {
        "granted": houses.granted(request.user, at=at),  # type: ignore[arg-type]
        "held": houses.held_by_orgs(request.user, at=at),  # type: ignore[arg-type]
        "may_grant": bool(_brands(request)),
    }
    return render(request, "org/mandates.html", context)


@needs("org.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def mandate_new(request: HttpRequest) -> HttpResponse:
    """The terms; then the offer's link, shown this once."""
    at = timezone.now()
    brands = _brands(request)
    form = TermsForm(brands, request.POST or None, initial=usual(today=timezone.localdate(at)))
    if request.method == "POST" and brands and form.is_valid():
        try:
            mandate, code = deeds.offer(brand=form.subject, terms=form.terms(), by=request.user, at=at)  # type: ignore[arg-type]
        except Refused as error:
            form.add_error(None, str(error))
        else:
            link = settings.SIACH_ADDRESS.rstrip("/") + reverse("offer", args=[code])
            return render(request, "org/mandate_offered.html", {"mandate": mandate, "link": link})
    status = 422 if form.errors else 200
    return render(request, "org/mandate_new.html", {"form": form, "brands_here": brands}, status=status)


@needs("org.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """One mandate: its terms to be changed while it lives, its end, and afterwards the proof."""
    found = _mandate(request, pk)
    at = timezone.now()
    form = TermsForm([found.brand], request.POST or None, initial=kept(found))
    if request.method == "POST" and form.is_valid():
        try:
            deeds.change(mandate=found, terms=form.terms(), by=request.user, at=at)  # type: ignore[arg-type]
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The mandate is changed, with immediate effect."))
            return redirect("mandate", pk=found.pk)
    return _page(request, found, form, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, found: Mandate, form: TermsForm, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    (lent,) = houses.shown([found], at=timezone.now())
    context = {"lent": lent, "mandate": found, "form": form, "refusal": refusal}
    return render(request, "org/mandate.html", context, status=status)


@needs("org.manage")
@require_POST
def mandate_end(request: HttpRequest, pk: int) -> HttpResponse:
    found = _mandate(request, pk)
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        deeds.end(mandate=found, reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        return _page(request, found, TermsForm([found.brand], initial=kept(found)), status=422, refusal=str(error))
    if found.accepted_at is None:
        messages.success(request, _("The offer is withdrawn."))
        return redirect("mandates")
    messages.success(request, _("The mandate has ended and access is closed. The record will be ready in a moment."))
    return redirect("mandate", pk=found.pk)


@needs("org.manage")
@require_safe
def mandate_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof to be read and printed; `?form=json` downloads it with the lines that it counts."""
    found = _mandate(request, pk)
    proof = get_object_or_404(houses.proofs(), mandate=found)
    if request.GET.get("form") == "json":
        whole = {"content": proof.content, "sha256": proof.digest, "lines": ending.work_of(found)}
        answer = JsonResponse(whole, json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer["Content-Disposition"] = f'attachment; filename="siach-mandate-{found.pk}.json"'
        return answer
    (lent,) = houses.shown([found], at=timezone.now())
    purged = [(houses.PURGED_WORDS.get(name, name), n) for name, n in proof.content["purged"].items()]
    context = {
        "mandate": found,
        "proof": proof,
        "lent": lent,
        "purged": purged,
        "work": sum(proof.content["work"].values()),
    }
    return render(request, "org/mandate_proof.html", context)


urlpatterns = [
    path("settings/mandates/", mandates, name="mandates"),
    path("settings/mandates/new/", mandate_new, name="mandate_new"),
    path("settings/mandates/<int:pk>/", mandate, name="mandate"),
    path("settings/mandates/<int:pk>/end/", mandate_end, name="mandate_end"),
    path("settings/mandates/<int:pk>/proof/", mandate_proof, name="mandate_proof"),
]
