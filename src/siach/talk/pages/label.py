"""Label twenty: drawn posts, one at a time, judged without seeing what the reader said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from siach.org.models import Brand
from siach.org.rights import brands_for, needs
from siach.talk.actions import sampling
from siach.talk.actions.marking import CannotMark
from siach.talk.connections import label as network_label
from siach.talk.models import Mention, Sampled
from siach.talk.queries.labels import unlabelled
from siach.talk.queries.reach import mentions_for
from siach.ui.undo import offer_undo

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("reading.correct")
@require_http_methods(["GET", "POST"])
def label(request: HttpRequest) -> HttpResponse:
    """The next post that waits. A POST names a drawn post and its `sentiment`, or `pass`, `off` or `undo`."""
    if request.method == "POST":
        return _judged(request)
    request.under = "sources"  # type: ignore[attr-defined]
    waiting = unlabelled(request.user, _brands(request))  # type: ignore[arg-type]
    found = waiting.select_related("mention__brand", "mention__post__parent", "mention__post__author").first()
    post = found.mention.post if found else None
    parent = post.parent if post and post.parent and post.is_private >= post.parent.is_private else None
    context = {
        "sampled": found,
        "post": post,
        "parent": parent,
        "network": network_label(post.network) if post else "",
        "left": waiting.count(),
        "tones": Mention.Sentiment.choices,
    }
    return render(request, "talk/label.html", context)


def _brands(request: HttpRequest) -> list[Brand]:
    """Our brands on which this person may judge; the one in view alone when one is chosen."""
    brands = brands_for(request.user, "reading.correct").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    in_view: Brand | None = request.brand  # type: ignore[attr-defined]
    return [brand for brand in brands if in_view is None or brand.pk == in_view.pk]


def _judged(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("sampled", "")
    mine = Sampled.objects.filter(mention__in=mentions_for(request.user, "reading.correct"))  # type: ignore[arg-type]
    sampled = get_object_or_404(mine, pk=asked if asked.isdecimal() and len(asked) < 19 else 0)
    value, who = request.POST.get("sentiment", ""), {"by": request.user, "at": timezone.now()}
    try:
        if "undo" in request.POST:
            sampling.take_back(sampled=sampled, **who)  # type: ignore[arg-type]
            return redirect("label")
        if "pass" in request.POST or "off" in request.POST:
            sampling.pass_over(sampled=sampled, is_about="off" not in request.POST, **who)  # type: ignore[arg-type]
        else:
            sentiment = int(value) if value in ("-1", "0", "1") else 9
            sampling.judge(sampled=sampled, sentiment=sentiment, **who)  # type: ignore[arg-type]
    except CannotMark as refusal:
        messages.error(request, str(refusal))
    else:
        offer_undo(request, _("Saved."), reverse("label"), sampled=str(sampled.pk), undo="1")
    return redirect("label")


urlpatterns = [path("label/", label, name="label")]
