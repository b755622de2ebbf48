"""Approvals: what waits for the reader, with the exact words and their thread; decided in place; the history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from siach.org import approval_links, approvals
from siach.org.approvals import CannotDecide
from siach.org.entering import next_of
from siach.org.models import Approval, ApprovalLink
from siach.org.rights import brands_for, needs
from siach.talk.actions import approving
from siach.talk.queries import approvals as queries
from siach.ui.frame import Place

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PLACE = Place("approvals", gettext_lazy("Approvals"), icon="check", order=35, key="P", right="approval.decide")
VIEWS = {
    "mine": gettext_lazy("Waiting for me"),
    "open": gettext_lazy("All pending"),
    "history": gettext_lazy("Decided"),
}


def _found(request: HttpRequest, pk: int) -> Approval:
    return get_object_or_404(queries.in_scope(request.user), pk=pk)  # type: ignore[arg-type]


def _filters(request: HttpRequest) -> queries.Filters:
    """What nobody offered is left out."""
    asked, days = request.GET, request.GET.get("days", "")
    brand = asked.get("brand", "")
    return queries.Filters(
        state=asked.get("state", "") if asked.get("state", "") in queries.ENDED else "",
        brand=brand if brand.isascii() and brand.isdecimal() and len(brand) < 19 else "",
        days=int(days) if days in {str(period) for period in queries.PERIODS} else None,
    )


@needs("approval.decide")
@require_GET
def approvals_page(request: HttpRequest) -> HttpResponse:
    """`?view=` mine, open or history; the history by `state`, `brand` and `days`."""
    at, user = timezone.now(), request.user
    view = request.GET.get("view", "mine")
    view = view if view in VIEWS else "mine"
    filters = _filters(request)
    found = {
        "mine": lambda: queries.waiting_for(user),  # type: ignore[arg-type]
        "open": lambda: queries.open_ones(user),  # type: ignore[arg-type]
        "history": lambda: queries.history(user, filters, at=at),  # type: ignore[arg-type]
    }[view]()
    context = {
        "view": view,
        "views": VIEWS.items(),
        "items": queries.items(found[: queries.PAGE], user=user, at=at),  # type: ignore[arg-type]
        "total": queries.badge(user),  # type: ignore[arg-type]
        "filters": filters,
        "states": [Approval.State(state) for state in queries.ENDED],
        "periods": queries.PERIODS,
        "choices": queries.brands(user),  # type: ignore[arg-type]
    }
    return render(request, "talk/approvals.html", context)


def _shown(request: HttpRequest, approval: Approval, *, status: int = 200, **more: object) -> HttpResponse:
    at = timezone.now()
    (item,) = queries.items([approval], user=request.user, at=at)  # type: ignore[arg-type]
    context = {
        "item": item,
        "comments": queries.comments(approval),
        "may_link": "approval.manage" in request.rights,  # type: ignore[attr-defined]
        "at": at,
        **more,
    }
    return render(request, "talk/approval.html", context, status=status)


@needs("approval.decide")
@require_GET
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One approval, as a notice opens it: the words and both answers in sight."""
    return _shown(request, _found(request, pk))


@needs("approval.decide")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """`answer` is grant or refuse, `place` the step that was seen, `reason` why it is refused, `next` where then."""
    found = _found(request, pk)
    place, reason = request.POST.get("place", ""), request.POST.get("reason", "")
    grant = request.POST.get("answer") == "grant"
    try:
        approving.decide(
            approval=found,
            place=int(place) if place in {"1", "2", "3", "4"} else 0,
            grant=grant,
            reason=reason,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except CannotDecide as error:
        return _shown(request, _found(request, pk), status=422, refusal=str(error), reason=reason)
    messages.success(request, _("Approved.") if grant else _("Rejected. The reason is shown with the draft."))
    return redirect(next_of(request) or "approvals")


@needs("approval.decide")
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    text = request.POST.get("text", "")
    try:
        approvals.comment(approval=found, text=text, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotDecide as error:
        return _shown(request, found, status=422, refusal=str(error))
    return redirect("approval", pk=pk)


@needs("approval.manage")
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link for somebody outside; it is shown this once."""
    scope = brands_for(request.user, "approval.manage")  # type: ignore[arg-type]
    found = get_object_or_404(queries.in_scope(request.user), pk=pk, brand__in=scope)  # type: ignore[arg-type]
    hours = request.POST.get("hours", "24")
    try:
        token = approval_links.make_link(
            approval=found,
            name=request.POST.get("name", ""),
            life=timedelta(hours=int(hours) if hours in {"1", "24", "72"} else 0),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except CannotDecide as error:
        return _shown(request, _found(request, pk), status=422, refusal=str(error))
    # By our own address: whoever asks under another host must not have it sent on.
    address = settings.SIACH_ADDRESS.rstrip("/") + reverse("outside", args=[token])
    return _shown(request, _found(request, pk), made=address)


@needs("approval.manage")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    scope = brands_for(request.user, "approval.manage")  # type: ignore[arg-type]
    links = ApprovalLink.objects.select_related("step__approval__brand__org")
    found = get_object_or_404(links, pk=pk, step__approval__brand__in=scope)
    try:
        approval_links.revoke_link(link=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except CannotDecide as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The link is revoked and no longer works."))
    return redirect("approval", pk=found.step.approval_id)


urlpatterns = [
    path("approvals/", approvals_page, name="approvals"),
    path("approvals/<int:pk>/", approval, name="approval"),
    path("approvals/<int:pk>/decide/", decide, name="approval_decide"),
    path("approvals/<int:pk>/comment/", comment, name="approval_comment"),
    path("approvals/<int:pk>/link/", link, name="approval_link"),
    path("approval-links/<int:pk>/revoke/", revoke, name="approval_revoke"),
]
