"""The terms of a mandate as a form, and the form by which an agency begins."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.org.forms import capitalised
from siach.org.mandates import ALWAYS, Terms
from siach.org.models import Brand, Mandate, Topic
from siach.org.queries import RIGHT_WORDS
from siach.org.rights import MANDATED, NARROWED

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What is ticked for an agency that helps at the peak.
USUAL = sorted(NARROWED - ALWAYS)


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class TermsForm(forms.Form):
    """What a mandate opens. Days are cut in the brand's zone; the last one is included."""

    brand = forms.ChoiceField(label=gettext_lazy("Brand"))
    mode = forms.ChoiceField(
        label=gettext_lazy("How the agency works"), choices=capitalised(Mandate.Mode.choices), widget=forms.RadioSelect
    )
    data_scope = forms.ChoiceField(
        label=gettext_lazy("What it can see"), choices=capitalised(Mandate.Scope.choices), widget=forms.RadioSelect
    )
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("Topics"),
        help_text=gettext_lazy("None chosen: all topics. Otherwise, only what is about a chosen topic is open."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("What its people may do, within their roles"),
        help_text=gettext_lazy("Access by topics or cases allows reading, answering and correcting only."),
        choices=[(right, words) for right, words in RIGHT_WORDS.items() if right in MANDATED - ALWAYS],
        widget=forms.CheckboxSelectMultiple,
    )
    reply_approval = forms.ChoiceField(
        label=gettext_lazy("Replies that we approve before they are sent"),
        choices=capitalised(Mandate.Approval.choices),
        widget=forms.RadioSelect,
    )
    since = _day(label=gettext_lazy("First day"))
    until = _day(label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Blank: open-ended."))
    agreement = forms.CharField(
        label=gettext_lazy("Processor agreement on file"),
        help_text=gettext_lazy("Its name or number. Without one, nobody else may process personal data."),
        max_length=200,
    )
    agreed_on = _day(label=gettext_lazy("Signed on"))

    def __init__(self, brands: Sequence[Brand], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brands = {str(brand.pk): brand for brand in brands}
        topics = Topic.objects.filter(brand__in=brands).select_related("brand").order_by("brand__name", "name", "pk")
        several = len(brands) > 1
        self.fields["brand"].choices = [(pk, brand.name) for pk, brand in self.brands.items()]  # type: ignore[attr-defined]
        self.fields["topics"].choices = [  # type: ignore[attr-defined]
            (str(topic.pk), f"{topic.brand.name}: {topic.name}" if several else topic.name) for topic in topics
        ]
        if not self.fields["topics"].choices:  # type: ignore[attr-defined]
            del self.fields["topics"]

    @property
    def subject(self) -> Brand:
        return self.brands[self.cleaned_data["brand"]]

    def terms(self) -> Terms:
        """The cleaned form as terms."""
        told = self.cleaned_data
        zone = ZoneInfo(self.subject.zone)
        last: date | None = told["until"]
        return Terms(
            mode=told["mode"],
            rights=told["rights"],
            topics=[int(topic) for topic in told.get("topics", [])],
            reply_approval=told["reply_approval"],
            data_scope=told["data_scope"],
            since=datetime.combine(told["since"], time.min, zone),
            until=datetime.combine(last + timedelta(days=1), time.min, zone) if last else None,
            agreement=told["agreement"],
            agreed_on=told["agreed_on"],
        )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        for name in ("since", "until", "agreed_on"):
            day = told.get(name)
            if day and not 2000 <= day.year <= 2200:
                self.add_error(name, _("This is not a valid date."))
        return told


def usual(*, today: date) -> dict[str, Any]:
    """What a new mandate begins with: the least."""
    return {
        "mode": Mandate.Mode.HELPS,
        "data_scope": Mandate.Scope.CASES,
        "rights": USUAL,
        "reply_approval": Mandate.Approval.ALL,
        "since": today,
    }


def kept(mandate: Mandate) -> dict[str, Any]:
    """The terms of a mandate as the form shows them."""
    zone = ZoneInfo(mandate.brand.zone)
    last = mandate.until.astimezone(zone) - timedelta(microseconds=1) if mandate.until else None
    return {
        "brand": mandate.brand_id,
        "mode": mandate.mode,
        "data_scope": mandate.data_scope,
        "topics": [str(topic) for topic in mandate.topics],
        "rights": mandate.rights,
        "reply_approval": mandate.reply_approval,
        "since": mandate.since.astimezone(zone).date(),
        "until": last.date() if last else None,
        "agreement": mandate.agreement,
        "agreed_on": mandate.agreed_on,
    }


class AgencyForm(forms.Form):
    """An agency that is new here, and its owner."""

    agency = forms.CharField(label=gettext_lazy("The agency's name"), max_length=120)
    name = forms.CharField(label=gettext_lazy("Full name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("Email"), widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
