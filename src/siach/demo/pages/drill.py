"""Drills on the demo: begun, watched, ended, and what came of each beside the rehearsal before."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from siach.demo import queries
from siach.demo.actions.drilling import begin, stop
from siach.demo.models import Drill
from siach.demo.queries import scores
from siach.org.actions import Refused
from siach.org.rights import brands_for, needs, orgs_for
from siach.world.storm import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import Promise

    from siach.org.models import Org

#: How many posts, and in how many of the storm's hours.
SIZES = {"small": (120, 2.0), "medium": (420, 6.0), "large": (1200, 12.0)}
BEATS: dict[str, str | Promise] = {
    "first": _("The first post"),
    "copied": _("Copied to open networks"),
    "ring": _("Accounts repeating the same words"),
    "press": _("A journalist asks"),
    "politician": _("A member of parliament speaks out"),
    "second": _("A new revelation"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that has happened in the storm: when by our clock, and how many of the storm's seconds in."""

    label: str | Promise
    at: datetime
    after: float


class DrillForm(forms.Form):
    kind = forms.ChoiceField(label=_("Scenario"), choices=Drill.Kind.choices, widget=forms.RadioSelect)
    size = forms.ChoiceField(
        label=_("Size"),
        choices=[
            ("small", _("Small: 120 posts in two hours")),
            ("medium", _("Medium: 420 posts in six hours")),
            ("large", _("Large: 1,200 posts in twelve hours")),
        ],
    )
    speed = forms.TypedChoiceField(label=_("Speed"), choices=Drill.Speed.choices, coerce=int)
    has_trouble = forms.BooleanField(
        label=_("Simulate network outages"),
        help_text=_("One is down for a while, one is slow, and one does not confirm whether a reply was published."),
        required=False,
    )
    seed = forms.IntegerField(
        label=_("Drill code"),
        help_text=_("The same code repeats the same crisis; leave it blank for a new one."),
        min_value=1,
        max_value=999_999,
        required=False,
    )


def _mine(request: HttpRequest) -> Org:
    """The demo that this reader runs."""
    org = orgs_for(request.user, "org.manage").filter(is_demo=True, kind="own").first()  # type: ignore[arg-type]
    if org is None:
        raise Http404
    return org


@needs("org.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def drills(request: HttpRequest) -> HttpResponse:
    """What was rehearsed, and the form that begins a drill."""
    org, at = _mine(request), timezone.now()
    if not queries.is_loaded(org):
        return redirect("demo")
    form = DrillForm(request.POST or None, initial={"kind": "safety", "size": "small", "speed": 10})
    if request.method == "POST" and form.is_valid():
        try:
            drill = _begun(org, form, request, at=at)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            return redirect("drill", drill.pk)
    played = [(one, scores.sheet(one)) for one in Drill.objects.filter(org=org).order_by("-begun_at")[:20]]
    told = {"form": form, "played": played, "running": scores.running(org.pk)}
    return render(request, "demo/drills.html", told, status=422 if form.errors else 200)


def _begun(org: Org, form: DrillForm, request: HttpRequest, *, at: datetime) -> Drill:
    told = form.cleaned_data
    posts, hours = SIZES[told["size"]]
    return begin(
        org=org,
        kind=told["kind"],
        seed=told["seed"] or int(at.timestamp()) % 999_999 + 1,
        speed=told["speed"],
        shape=Shape(hours=hours, posts=posts, second_wave=0.58 * hours),
        has_trouble=told["has_trouble"],
        by=request.user,  # type: ignore[arg-type]
        at=at,
    )


@needs("inbox.read")
@never_cache
@require_safe
def drill(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes, for everybody who answers; once it has ended, its score beside the rehearsal before."""
    found = Drill.objects.select_related("org", "brand", "by")
    one = get_object_or_404(found, pk=pk, brand__in=brands_for(request.user, "inbox.read"))  # type: ignore[arg-type]
    at, earlier = timezone.now(), scores.before(one)
    told = {
        "drill": one,
        "rows": _rows(scores.sheet(one), scores.sheet(earlier) if earlier else None),
        "earlier": earlier,
        "turns": list(_turns(one, until=min(at, one.ended_at or at))),
        "left": max(0.0, (one.ends_at - at).total_seconds()),
        "share": min(1.0, (at - one.begun_at) / (one.ends_at - one.begun_at)),
        "minutes": round(one.patience / 60),
    }
    return render(request, "demo/drill.html", told)


def _turns(drill: Drill, *, until: datetime) -> Iterator[Turn]:
    for name, told in drill.beats:
        when = datetime.fromisoformat(told)
        if when <= until:
            yield Turn(BEATS[name], when, max(0.0, (when - drill.begun_at).total_seconds()) * drill.speed)


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of the sheet: its name, now and in the rehearsal before (None: never, or no rehearsal), how it is
    written (time, share or count), and whether it became better or worse ("" where nobody can say)."""

    label: str
    how: str
    now: float | None
    then: float | None
    trend: str


def _rows(now: scores.Sheet, then: scores.Sheet | None) -> list[Row]:
    """In the order in which a team lives them. Less time is better; more answers are."""
    told: list[tuple[str, str, Callable[[scores.Sheet], float | None]]] = [
        (gettext("First post noticed after"), "time", lambda sheet: sheet.heard),
        (gettext("First case after"), "time", lambda sheet: sheet.first_case),
        (gettext("First reply after"), "time", lambda sheet: sheet.first_answer),
        (gettext("Answered, out of posts that deserved a reply"), "share", lambda sheet: sheet.share),
        (gettext("Answered on time"), "share", lambda sheet: sheet.in_time_share),
        (gettext("Replies that fed coordinated accounts"), "count", lambda sheet: sheet.fed),
        (gettext("Replies that may not have been sent"), "count", lambda sheet: sheet.unclear),
    ]
    return [_row(label, how, of(now), of(then) if then else None) for label, how, of in told]


def _row(label: str, how: str, now: float | None, then: float | None) -> Row:
    if now is None or then is None or _read(how, now) == _read(how, then):
        return Row(label, how, now, then, "")
    return Row(label, how, now, then, "better" if (now > then) == (how == "share") else "worse")


def _read(how: str, value: float) -> tuple[int, str]:
    """A figure as it is read: two that read alike are alike."""
    if how == "share":
        return round(100 * value), "%"
    return (int(value), "s") if how == "count" or value < 60 else (int(value // 60), "min")


@needs("org.manage")
@require_POST
def drill_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End it before its time."""
    one = get_object_or_404(Drill, pk=pk, org=_mine(request))
    with suppress(Refused):  # it has ended meanwhile, and its page says so
        stop(drill=one, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("drill", one.pk)


urlpatterns = [
    path("demo/drills/", drills, name="drills"),
    path("demo/drills/<int:pk>/", drill, name="drill"),
    path("demo/drills/<int:pk>/stop/", drill_stop, name="drill_stop"),
]
