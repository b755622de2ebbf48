"""Capture: a post that somebody saw in a closed place, in twenty seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from siach.org.models import Brand
from siach.org.rights import brands_for, needs
from siach.talk.actions import capturing
from siach.talk.pictures import NotAPicture
from siach.talk.queries.sources import places
from siach.ui.frame import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest, HttpResponse

PLACE = Place("capture", gettext_lazy("Capture"), icon="paste", order=50, key="C", group=2, right="capture.add")
_WRITTEN = "%Y-%m-%dT%H:%M"


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Pictures(forms.FileField):
    """None to four files."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if not data:
            return []
        return [super(Pictures, self).clean(one, initial) for one in data]


class CaptureForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What was said"),
        widget=forms.Textarea(attrs={"autofocus": True, "rows": 5, "dir": "auto"}),
        help_text=gettext_lazy("A link at the beginning moves to its own field."),
    )
    place = forms.CharField(
        label=gettext_lazy("Group or place"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off"}),
    )
    network = forms.ChoiceField(
        label=gettext_lazy("Kind of place"), choices=list(capturing.NETWORKS.items()), initial="facebook_group"
    )
    url = forms.URLField(
        label=gettext_lazy("Link to the post"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text=gettext_lazy("With it a second capture is known as the same post."),
    )
    alias = forms.CharField(
        label=gettext_lazy("Who said it"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept as an alias within this thread only; no card is opened."),
    )
    said_at = forms.DateTimeField(
        label=gettext_lazy("When it was said"),
        input_formats=[_WRITTEN],
        widget=forms.DateTimeInput(format=_WRITTEN, attrs={"type": "datetime-local"}),
    )
    comments = forms.IntegerField(label=gettext_lazy("Comments"), required=False, min_value=0, max_value=10**9)
    shares = forms.IntegerField(label=gettext_lazy("Shares"), required=False, min_value=0, max_value=10**9)
    reactions = forms.IntegerField(label=gettext_lazy("Reactions"), required=False, min_value=0, max_value=10**9)
    pictures = Pictures(
        label=gettext_lazy("Screenshots"),
        required=False,
        help_text=gettext_lazy("Up to four pictures; they are kept for 90 days."),
        widget=SeveralFiles(attrs={"accept": "image/*"}),
    )

    def __init__(self, brands: Sequence[Brand], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(brands) > 1:
            self.fields["brand"] = forms.ChoiceField(
                label=_("Brand"), choices=[(brand.pk, brand.name) for brand in brands]
            )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        link, rest = capturing.split_link(told.get("text", ""))
        if link and rest.strip() and not told.get("url") and "url" not in self.errors:
            told["url"], told["text"] = link[:1000], rest
        return told


@needs("capture.add")
@require_http_methods(["GET", "HEAD", "POST"])
def capture(request: HttpRequest) -> HttpResponse:
    """The form, and after it the form again: captures come in runs."""
    brands = list(brands_for(request.user, "capture.add").order_by("kind", "pk"))  # type: ignore[arg-type]
    at = timezone.now()
    form = CaptureForm(brands, request.POST or None, request.FILES or None, initial=_initial(request, at))
    if request.method == "POST" and brands and form.is_valid():
        try:
            done = _capture(request, brands, form.cleaned_data, at)
        except (capturing.CannotCapture, NotAPicture) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _told(done))
            told = form.cleaned_data
            kept = {name: told[name] for name in ("place", "network", "brand") if told.get(name)}
            return redirect(f"{reverse('capture')}?{urlencode(kept)}")
    context = {"form": form, "places": places(brands), "brands_here": brands}
    return render(request, "talk/capture.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, at: datetime) -> dict[str, Any]:
    asked = {name: request.GET[name][:200] for name in ("place", "network", "brand") if name in request.GET}
    in_view = getattr(request.brand, "pk", None)  # type: ignore[attr-defined]
    now = timezone.localtime(at).replace(second=0, microsecond=0, tzinfo=None)
    return {"brand": in_view, "said_at": now, **asked}


def _capture(request: HttpRequest, brands: Sequence[Brand], told: dict[str, Any], at: datetime) -> capturing.Captured:
    brand = next((brand for brand in brands if str(brand.pk) == told.get("brand")), brands[0])
    return capturing.capture(
        brand=brand,
        network=told["network"],
        place=told["place"],
        text=told["text"],
        url=told["url"],
        alias=told["alias"],
        said_at=told["said_at"],
        counts=capturing.Counts(told["comments"], told["shares"], told["reactions"]),
        handed_in=[one.read() for one in told["pictures"]],
        by=request.user,  # type: ignore[arg-type]
        at=at,
    )


def _told(done: capturing.Captured) -> str:
    """What became of it, in a sentence or two."""
    if not done.is_new:
        first = _("This post is already here; its counts were taken anew.")
        said = first if done.moved else _("This post is already here, and its counts have not moved.")
    elif done.post.is_live:
        said = _("Captured. It is being read now.")
    else:
        said = _("Captured as history: it was said more than a week ago, so it opens no case.")
    if done.pictures:
        kept = ngettext("One picture was kept.", "%(n)s pictures were kept.", done.pictures)
        said += " " + kept % {"n": done.pictures}
    return said


urlpatterns = [path("capture/", capture, name="capture")]
