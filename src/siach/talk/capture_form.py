"""The form of a capture, and the pictures that it holds until it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.talk import pictures
from siach.talk.actions.capturing import MOST_PICTURES, Captured, Counts, capture
from siach.talk.captured import LONGEST_PLACE, NETWORKS, hash_of, split_link

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest

    from siach.org.models import Brand, User

_WRITTEN = "%Y-%m-%dT%H:%M"
_NUMBER = {"inputmode": "numeric"}


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
        help_text=gettext_lazy("A link at the beginning moves to its own field; a picture can be pasted too."),
    )
    place = forms.CharField(
        label=gettext_lazy("Group or place"),
        max_length=LONGEST_PLACE,
        widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off", "dir": "auto"}),
    )
    network = forms.ChoiceField(label=gettext_lazy("Kind of place"), choices=list(NETWORKS.items()))
    alias = forms.CharField(
        label=gettext_lazy("Who said it"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        help_text=gettext_lazy("Kept as an alias within this thread only; no profile is built."),
    )
    url = forms.URLField(
        label=gettext_lazy("Link to the post"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text=gettext_lazy("Prevents duplicates."),
    )
    said_at = forms.DateTimeField(
        label=gettext_lazy("When it was said"),
        input_formats=[_WRITTEN],
        widget=forms.DateTimeInput(format=_WRITTEN, attrs={"type": "datetime-local"}),
    )
    comments = forms.IntegerField(
        label=gettext_lazy("Comments"),
        required=False,
        min_value=0,
        max_value=10**9,
        widget=forms.NumberInput(_NUMBER),
    )
    shares = forms.IntegerField(
        label=gettext_lazy("Shares"), required=False, min_value=0, max_value=10**9, widget=forms.NumberInput(_NUMBER)
    )
    reactions = forms.IntegerField(
        label=gettext_lazy("Reactions"), required=False, min_value=0, max_value=10**9, widget=forms.NumberInput(_NUMBER)
    )
    pictures = Pictures(
        label=gettext_lazy("Screenshots"),
        required=False,
        help_text=gettext_lazy("Up to four pictures; they are kept for 90 days."),
        widget=SeveralFiles(attrs={"accept": "image/*", "class": "vh"}),
    )
    key = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    waiting = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, brands: Sequence[Brand], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brands = brands
        if len(brands) > 1:
            self.fields["brand"] = forms.ChoiceField(
                label=_("Brand"), choices=[(brand.pk, brand.name) for brand in brands]
            )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        link, rest = split_link(told.get("text", ""))
        if link and rest.strip() and not told.get("url") and "url" not in self.errors:
            told["url"], told["text"] = link[:1000], rest
        return told

    @property
    def brand(self) -> Brand:
        return chosen(self.brands, self.cleaned_data.get("brand"))

    @property
    def counts(self) -> Counts:
        told = self.cleaned_data
        return Counts(told["comments"], told["shares"], told["reactions"])

    @property
    def look(self) -> str:
        """How this look is called. The same form again with other words or numbers is another one."""
        key = self.cleaned_data["key"]
        if not key:
            return ""
        names = ("network", "place", "text", "url", "comments", "shares", "reactions")
        return f"{key}:{hash_of(*(str(self.cleaned_data[name]) for name in names))[:24]}"


def chosen(brands: Sequence[Brand], asked: str | None) -> Brand:
    """The brand of this primary key, as a form has it; the first where it names none of these."""
    return next((brand for brand in brands if str(brand.pk) == asked), brands[0])


def keep(form: CaptureForm, *, handed_in: Sequence[bytes], by: User, at: datetime, **said: Any) -> Captured:
    """Capture what a valid form says. `said`: what the person answered where it looks like a known post."""
    told = form.cleaned_data
    return capture(
        brand=form.brand,
        network=told["network"],
        place=told["place"],
        text=told["text"],
        url=told["url"],
        alias=told["alias"],
        said_at=told["said_at"],
        counts=form.counts,
        handed_in=handed_in,
        key=form.look,
        by=by,
        at=at,
        **said,
    )


def written(at: datetime) -> str:
    """A local time as the field of the form holds it."""
    return at.strftime(_WRITTEN)


@dataclass(frozen=True, slots=True)
class Held:
    """A picture that waits with its form. `token` brings it back; `small` shows it."""

    token: str
    small: str


def brought(request: HttpRequest) -> list[bytes]:
    """The pictures of a form: those that it held already, and those that came with it now."""
    tokens, user = request.POST.getlist("held")[:MOST_PICTURES], request.user.pk or 0
    before = [data for token in tokens if (data := pictures.held(token, user))]
    return before + [one.read() for one in request.FILES.getlist("pictures")[: MOST_PICTURES + 1]]


def hold(request: HttpRequest, handed_in: Sequence[bytes]) -> list[Held]:
    """Keep pictures for a form that comes back; a browser never hands the same file in twice by itself."""
    found = dict[str, Held]()
    for data in handed_in[:MOST_PICTURES]:
        try:
            picture = pictures.look_at(data)
        except pictures.NotAPicture:
            continue
        pictures.keep(picture)
        found[picture.sha256] = Held(pictures.held_token(picture.sha256, request.user.pk or 0), pictures.small(data))
    return list(found.values())
